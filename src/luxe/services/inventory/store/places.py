"""Locations, and the levels from which a variant is low."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import TextClause, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import DateTime, Integer, Text

from luxe.services.inventory.contract import Location
from luxe.services.inventory.tables import levels, locations, transfers, units

_LEFT = """
    SELECT count(*) AS remaining FROM (
        SELECT 1 FROM inventory.units
        WHERE units.variant_id = {variant} AND order_id IS NULL AND coming = 0 LIMIT {limit}
    ) AS counted"""

_RISE: TextClause = text(
    f"""
    INSERT INTO inventory.levels (variant_id, low_at, low, since)
    SELECT :variant_id, own.low_at, ({_LEFT.format(variant=":variant_id", limit="own.at + 1")}) <= own.at, :now
    FROM (
        SELECT known.low_at, coalesce(known.low_at, :otherwise) AS at
        FROM (VALUES (1)) AS one LEFT JOIN inventory.levels AS known ON known.variant_id = :variant_id
    ) AS own
    ON CONFLICT (variant_id) DO UPDATE SET low = excluded.low, since = excluded.since
    WHERE levels.low AND NOT excluded.low
    """  # noqa: S608 - made of constants
).bindparams(
    bindparam("variant_id", type_=Text),
    bindparam("otherwise", type_=Integer),
    bindparam("now", type_=DateTime(timezone=True)),
)

_WATCH: TextClause = text(
    f"""
    UPDATE inventory.levels SET low = (seen.remaining <= seen.at), since = :now
    FROM (
        SELECT variant_id, at, remaining FROM (
            SELECT variant_id, coalesce(low_at, :otherwise) AS at FROM inventory.levels
        ) AS own CROSS JOIN LATERAL ({_LEFT.format(variant="own.variant_id", limit="own.at + 1")}) AS found
    ) AS seen
    WHERE seen.variant_id = levels.variant_id AND levels.low <> (seen.remaining <= seen.at)
    RETURNING levels.variant_id, levels.low, seen.remaining
    """  # noqa: S608 - made of constants
).bindparams(bindparam("otherwise", type_=Integer), bindparam("now", type_=DateTime(timezone=True)))


def _location(row: object) -> Location:
    return Location(**{name: getattr(row, name) for name in Location.__struct_fields__})


async def listed(tx: AsyncConnection) -> list[Location]:
    return [_location(row) for row in await tx.execute(select(locations).order_by(locations.c.code))]


async def shared(tx: AsyncConnection, codes: list[str]) -> dict[str, Location]:
    """Locations, kept as they are until the transaction ends. Units may come to them meanwhile."""
    rows = await tx.execute(
        select(locations)
        .where(locations.c.code.in_(codes))
        .order_by(locations.c.code)
        .with_for_update(read=True)
    )
    return {row.code: _location(row) for row in rows}


async def locked(tx: AsyncConnection, code: str) -> Location | None:
    """A location for this transaction alone: what comes to it or is counted in it waits."""
    row = (
        await tx.execute(select(locations).where(locations.c.code == code).with_for_update(key_share=True))
    ).first()
    return _location(row) if row else None


async def put(tx: AsyncConnection, location: Location) -> None:
    values = {name: getattr(location, name) for name in Location.__struct_fields__}
    changed = {name: value for name, value in values.items() if name != "code"}
    await tx.execute(
        upsert(locations)
        .values(values)
        .on_conflict_do_update(index_elements=[locations.c.code], set_=changed)
    )


async def is_in_use(tx: AsyncConnection, code: str) -> bool:
    """Whether units are here that are to be sold or shipped, or some are on their way here."""
    here = select(units.c.id).where(units.c.location == code, units.c.shipped_at.is_(None)).exists()
    coming = select(transfers.c.id).where(transfers.c.destination == code, transfers.c.state == "in_transit")
    return bool((await tx.execute(select(here | coming.exists()))).scalar_one())


async def rise(tx: AsyncConnection, variant_id: str, otherwise: int, now: datetime) -> None:
    """After units came: a variant with more than its threshold is low no longer. `otherwise` is the house's threshold."""
    await tx.execute(_RISE, {"variant_id": variant_id, "otherwise": otherwise, "now": now})


async def fallen(tx: AsyncConnection, otherwise: int, now: datetime) -> list[tuple[str, int]]:
    """Variants that have become low since this was asked last, with the units that are left."""
    rows = await tx.execute(_WATCH, {"otherwise": otherwise, "now": now})
    return sorted((row.variant_id, row.remaining) for row in rows if row.low)


async def set_threshold(tx: AsyncConnection, variant_id: str, at: int | None, now: datetime) -> None:
    """A variant that has never been stocked counts as low, so that this is not news."""
    values = {"variant_id": variant_id, "low_at": at, "low": True, "since": now}
    await tx.execute(
        upsert(levels)
        .values(values)
        .on_conflict_do_update(index_elements=[levels.c.variant_id], set_={"low_at": at})
    )
