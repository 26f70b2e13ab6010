"""Every query of inventory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    TextClause,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import DateTime, Integer, Text

from luxe.services.inventory.contract import Availability, HeldUnit, HoldLine
from luxe.services.inventory.tables import movements, runs, units

_TAKE: TextClause = text(
    """
    WITH known AS (
        INSERT INTO inventory.runs (run, ended, at) VALUES (:run, false, :at)
        ON CONFLICT (run) DO UPDATE SET run = excluded.run RETURNING ended
    ), mine AS (
        SELECT id, variant_id, serial, location, held_until FROM inventory.units WHERE run = :run
    ), wanted AS (
        SELECT * FROM unnest(:variants, :quantities) AS wanted (variant_id, quantity)
        WHERE NOT EXISTS (SELECT 1 FROM mine) AND NOT (SELECT ended FROM known)
    ), picked AS (
        SELECT free.id FROM wanted CROSS JOIN LATERAL (
            SELECT id FROM inventory.units
            WHERE units.variant_id = wanted.variant_id AND run IS NULL
            ORDER BY received_at, id LIMIT wanted.quantity FOR UPDATE SKIP LOCKED
        ) AS free
    ), taken AS (
        UPDATE inventory.units SET run = :run, held_until = :until FROM picked WHERE units.id = picked.id
        RETURNING units.id, units.variant_id, units.serial, units.location, units.held_until
    )
    SELECT ended, held.* FROM known
    LEFT JOIN (SELECT * FROM mine UNION ALL SELECT * FROM taken) AS held ON true
    """
).bindparams(
    bindparam("variants", type_=ARRAY(Text)),
    bindparam("quantities", type_=ARRAY(Integer)),
    bindparam("run", type_=Text),
    bindparam("until", type_=DateTime(timezone=True)),
    bindparam("at", type_=DateTime(timezone=True)),
)


def _held(row: Any) -> HeldUnit:
    return HeldUnit(unit_id=row.id, variant_id=row.variant_id, serial=row.serial, location=row.location)


async def take(
    tx: AsyncConnection, run: str, lines: Sequence[HoldLine], at: datetime, until: datetime
) -> tuple[list[HeldUnit], datetime] | None:
    """Takes up to the wanted units of each line, passing over those that others have locked; `lines` is sorted.
    A run that has units keeps just those. Returns the units and when the hold ends; None for a run that has let go."""
    rows = await tx.execute(
        _TAKE,
        {
            "variants": [line.variant_id for line in lines],
            "quantities": [line.quantity for line in lines],
            "run": run,
            "until": until,
            "at": at,
        },
    )
    found = rows.all()
    if found[0].ended:
        return None
    held = [row for row in found if row.id is not None]
    return [_held(row) for row in held], (held[0].held_until or until) if held else until


async def extend(tx: AsyncConnection, run: str, until: datetime) -> int:
    """Moves the end of a hold; returns how many of the run's units are held or sold."""
    rows = await tx.execute(
        update(units)
        .where(units.c.run == run)
        .values(held_until=case((units.c.order_id.is_(None), until), else_=None))
        .returning(units.c.id)
    )
    return len(rows.all())


async def availability(tx: AsyncConnection, variant_ids: Sequence[str]) -> dict[str, Availability]:
    held = func.count().filter(units.c.run.is_not(None))
    rows = await tx.execute(
        select(units.c.variant_id, func.count().label("on_hand"), held.label("held"))
        .where(units.c.variant_id.in_(variant_ids), units.c.order_id.is_(None))
        .group_by(units.c.variant_id)
    )
    found = {
        row.variant_id: Availability(
            variant_id=row.variant_id, on_hand=row.on_hand, held=row.held, available=row.on_hand - row.held
        )
        for row in rows
    }
    nothing = {
        variant: Availability(variant_id=variant, on_hand=0, held=0, available=0) for variant in variant_ids
    }
    return nothing | found


def _more_are_free() -> ColumnElement[bool]:
    """Of a changed unit's variant, whether another unit was free before the statement."""
    others = units.alias("others")
    free = select(others.c.id).where(others.c.variant_id == units.c.variant_id, others.c.run.is_(None))
    return free.exists().label("more")


async def end_run(tx: AsyncConnection, run: str, at: datetime) -> None:
    """A hold of this run that is still on its way takes nothing; waits for one that is being taken."""
    ended = upsert(runs).values(run=run, ended=True, at=at)
    await tx.execute(ended.on_conflict_do_update(index_elements=[runs.c.run], set_={"ended": True}))


async def forget_runs(tx: AsyncConnection, before: datetime) -> None:
    await tx.execute(delete(runs).where(runs.c.at < before))


async def give_back(tx: AsyncConnection, run: str) -> set[str]:
    """Frees the run's held units; returns the variants that had no free unit before."""
    rows = await tx.execute(
        update(units)
        .where(units.c.run == run, units.c.order_id.is_(None))
        .values(run=None, held_until=None)
        .returning(units.c.variant_id, _more_are_free())
    )
    return {row.variant_id for row in rows if not row.more}


async def sell(tx: AsyncConnection, run: str, order_id: str) -> tuple[list[HeldUnit], set[str]]:
    """Marks the run's held units as sold: all of the run's sold units, and the variants that have no free unit left."""
    rows = await tx.execute(
        update(units)
        .where(units.c.run == run)
        .values(order_id=func.coalesce(units.c.order_id, order_id), held_until=None)
        .returning(units.c.id, units.c.variant_id, units.c.serial, units.c.location, _more_are_free())
    )
    found = rows.all()
    return [_held(row) for row in found], {row.variant_id for row in found if not row.more}


async def free_expired(tx: AsyncConnection, at: datetime, limit: int) -> tuple[int, set[str]]:
    """Frees units whose hold ended before `at`: how many, and the variants that had no free unit before."""
    due = (
        select(units.c.id)
        .where(units.c.held_until < at)
        .order_by(units.c.held_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await tx.execute(
        update(units)
        .where(units.c.id.in_(due))
        .values(run=None, held_until=None)
        .returning(units.c.variant_id, _more_are_free())
    )
    freed = rows.all()
    return len(freed), {row.variant_id for row in freed if not row.more}


async def add_units(
    tx: AsyncConnection,
    variant_id: str,
    location: str,
    at: datetime,
    ids: Sequence[str],
    serials: Sequence[str],
) -> None:
    """One statement with two arrays, whatever the number of units."""
    arrays = func.unnest(cast(list(ids), ARRAY(Text)), cast(list(serials), ARRAY(Text)))
    fresh = arrays.table_valued("id", "serial").render_derived()
    constant = (literal(variant_id), literal(location), literal(at, DateTime(timezone=True)))
    await tx.execute(
        insert(units).from_select(
            ["id", "serial", "variant_id", "location", "received_at"],
            select(fresh.c.id, fresh.c.serial, *constant),
        )
    )


async def remove_free(tx: AsyncConnection, variant_id: str, location: str, quantity: int) -> int:
    """Deletes up to `quantity` free units, newest first; returns how many went."""
    newest = (
        select(units.c.id)
        .where(units.c.variant_id == variant_id, units.c.location == location, units.c.run.is_(None))
        .order_by(units.c.received_at.desc(), units.c.id.desc())
        .limit(quantity)
        .with_for_update(skip_locked=True)
    )
    rows = await tx.execute(delete(units).where(units.c.id.in_(newest)).returning(units.c.id))
    return len(rows.all())


async def unsold(tx: AsyncConnection, variant_id: str, location: str) -> int:
    counted = select(func.count()).where(
        units.c.variant_id == variant_id, units.c.location == location, units.c.order_id.is_(None)
    )
    return (await tx.execute(counted)).scalar_one()


async def add_movement(tx: AsyncConnection, row: dict[str, Any]) -> bool:
    """False if a movement with this key was made before."""
    made = await tx.execute(upsert(movements).values(row).on_conflict_do_nothing().returning(movements.c.seq))
    return made.first() is not None
