"""Units come, go and change places; every change of their number is a movement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import cast, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Date, DateTime, Integer, SmallInteger, Text

from luxe.services.inventory.store.holding import FREE
from luxe.services.inventory.tables import lots, movements, units

HERE, ON_A_DAY, TO_ORDER = 0, 1, 2


async def add_units(
    tx: AsyncConnection,
    variant_id: str,
    location: str,
    at: datetime,
    ids: Sequence[str],
    serials: Sequence[str],
    lot: str | None = None,
    on: date | None = None,
    lead_days: int | None = None,
) -> list[str]:
    """One statement with two arrays, whatever the number of units. Returns the serials that others have already."""
    arrays = func.unnest(cast(list(ids), ARRAY(Text)), cast(list(serials), ARRAY(Text)))
    fresh = arrays.table_valued("id", "serial").render_derived()
    coming = TO_ORDER if lead_days else ON_A_DAY if on else HERE
    constant = (
        literal(variant_id),
        literal(location),
        literal(at, DateTime(timezone=True)),
        literal(lot, Text),
        literal(coming, SmallInteger),
        literal(on, Date),
        literal(lead_days, Integer),
    )
    names = ["id", "serial", "variant_id", "location", "received_at", "lot"]
    rows = await tx.execute(
        upsert(units)
        .from_select(
            [*names, "coming", "expected_on", "lead_days"], select(fresh.c.id, fresh.c.serial, *constant)
        )
        .on_conflict_do_nothing(index_elements=[units.c.serial])
        .returning(units.c.serial)
    )
    added = set(rows.scalars())
    return sorted(serial for serial in serials if serial not in added)


async def pick_free(
    tx: AsyncConnection,
    variant_id: str,
    location: str,
    quantity: int,
    serials: Sequence[str],
    *,
    newest: bool,
) -> list[str]:
    """Locks up to `quantity` free units that are at a location, the named ones or from one end; returns their ids."""
    wanted = select(units.c.id).where(
        units.c.variant_id == variant_id, units.c.location == location, units.c.coming == HERE, *FREE
    )
    if serials:
        wanted = wanted.where(units.c.serial.in_(serials))
    order = (units.c.received_at, units.c.id)
    wanted = wanted.order_by(*(each.desc() for each in order)) if newest else wanted.order_by(*order)
    return list((await tx.execute(wanted.limit(quantity).with_for_update(skip_locked=True))).scalars())


async def pick_unpromised(tx: AsyncConnection, variant_id: str, location: str, quantity: int) -> list[str]:
    """Locks up to `quantity` free units that are still to come, the latest first; returns their ids."""
    wanted = (
        select(units.c.id)
        .where(units.c.variant_id == variant_id, units.c.location == location, units.c.coming > HERE, *FREE)
        .order_by(units.c.coming.desc(), units.c.expected_on.desc(), units.c.id.desc())
        .limit(quantity)
        .with_for_update(skip_locked=True)
    )
    return list((await tx.execute(wanted)).scalars())


async def pick_expected(tx: AsyncConnection, variant_id: str, location: str, quantity: int) -> list[Any]:
    """Locks up to `quantity` units that are still to come, in the order in which they are owed; ids, run and order.

    Waits for those that somebody is buying: a unit that was sold must not be passed over.
    """
    wanted = (
        select(units.c.id, units.c.order_id)
        .where(units.c.variant_id == variant_id, units.c.location == location, units.c.coming > HERE)
        .order_by(
            units.c.order_id.is_(None),
            units.c.run.is_(None),
            units.c.expected_on,
            units.c.received_at,
            units.c.id,
        )
        .limit(quantity)
        .with_for_update()
    )
    return list((await tx.execute(wanted)).all())


async def taken_serials(tx: AsyncConnection, serials: Sequence[str]) -> list[str]:
    return sorted((await tx.execute(select(units.c.serial).where(units.c.serial.in_(serials)))).scalars())


async def have_come(
    tx: AsyncConnection, ids: Sequence[str], serials: Sequence[str], lot: str | None, at: datetime
) -> bool:
    """These units are here, each with the serial at its place if serials are given; False if another unit has one."""
    values: dict[str, Any] = {
        "coming": HERE,
        "expected_on": None,
        "lead_days": None,
        "received_at": at,
        "lot": lot,
    }
    if not serials:
        await tx.execute(update(units).where(units.c.id.in_(ids)).values(values))
        return True
    arrays = func.unnest(cast(list(ids), ARRAY(Text)), cast(list(serials), ARRAY(Text)))
    pairs = arrays.table_valued("id", "serial").render_derived()
    try:
        await tx.execute(
            update(units).where(units.c.id == pairs.c.id).values(values | {"serial": pairs.c.serial})
        )
    except IntegrityError:
        return False
    return True


async def remove(tx: AsyncConnection, ids: Sequence[str]) -> None:
    await tx.execute(delete(units).where(units.c.id.in_(ids)))


async def add_movement(tx: AsyncConnection, row: dict[str, Any]) -> bool:
    """False if a movement with this key was made before."""
    made = await tx.execute(upsert(movements).values(row).on_conflict_do_nothing().returning(movements.c.seq))
    return made.first() is not None


async def add_movements(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await tx.execute(insert(movements).values(list(rows)))


async def note_lot(
    tx: AsyncConnection, variant_id: str, number: str, note: str, at: datetime, actor: str
) -> None:
    """The first receipt of a lot writes its note."""
    row = {"variant_id": variant_id, "number": number, "note": note, "received_at": at, "actor": actor}
    await tx.execute(upsert(lots).values(row).on_conflict_do_nothing())
