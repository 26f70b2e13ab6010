"""A buyer's way through stock: units are held, given back, sold. Each is one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, TextClause, bindparam, case, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.types import DateTime, Integer, Text

from luxe.services.inventory.contract import HeldUnit, HoldLine
from luxe.services.inventory.domain.allocation import Preference
from luxe.services.inventory.tables import runs, units

FREE = (units.c.run.is_(None), units.c.transfer.is_(None))
LET_GO: dict[str, Any] = {
    "run": None,
    "held_until": None,
    "expected_on": case((units.c.lead_days.is_not(None), None), else_=units.c.expected_on),
}
"""A free unit that is made to order is promised for no day yet."""

# The arrays come through sub-selects, so that their lengths do not count in the plan: PostgreSQL would otherwise think
# a plan of its own for each hold, which takes longer than the hold. The picked units are updated by an array of ids,
# never by a join: PostgreSQL takes any LIMIT that it does not know for a tenth of the rows, and would read all units.
_TAKE = """
    WITH known AS (
        INSERT INTO inventory.runs (run, ended, at) VALUES (:run, false, :at)
        ON CONFLICT (run) DO UPDATE SET run = excluded.run RETURNING ended
    ), mine AS (
        SELECT id, variant_id, serial, location, held_until, expected_on FROM inventory.units WHERE run = :run
    ), wanted AS (
        SELECT * FROM unnest((SELECT :variants), (SELECT :quantities)) AS wanted (variant_id, quantity)
        WHERE NOT EXISTS (SELECT 1 FROM mine) AND NOT (SELECT ended FROM known)
    ), picked AS (
        SELECT free.id, wanted.variant_id FROM wanted CROSS JOIN LATERAL (
            {pick}
            LIMIT wanted.quantity FOR UPDATE OF units SKIP LOCKED
        ) AS free
    ), enough AS (
        SELECT id FROM picked WHERE (SELECT count(*) FROM picked) = (SELECT sum(quantity) FROM wanted)
    ), taken AS (
        UPDATE inventory.units SET run = :run, held_until = :until,
            expected_on = coalesce(CAST(:at AS date) + lead_days, expected_on)
        WHERE units.id = ANY (ARRAY(SELECT enough.id FROM enough))
        RETURNING units.id, units.variant_id, units.serial, units.location, units.held_until, units.expected_on
    )
    SELECT ended, ARRAY(SELECT variant_id FROM picked) AS free, held.* FROM known
    LEFT JOIN (SELECT * FROM mine UNION ALL SELECT * FROM taken) AS held ON true
    """
_PICK_OLDEST = """
            SELECT units.id FROM inventory.units
            WHERE units.variant_id = wanted.variant_id AND run IS NULL AND transfer IS NULL
            ORDER BY coming, expected_on, received_at, id"""
_PICK_BY_PLACE = """
            SELECT units.id FROM inventory.units JOIN inventory.locations ON locations.code = units.location
            WHERE units.variant_id = wanted.variant_id AND run IS NULL AND transfer IS NULL
            ORDER BY coming, array_position(:kinds, locations.kind), array_position(:countries, locations.country),
                expected_on, received_at, id"""


def _taking(pick: str, *places: str) -> TextClause:
    return text(_TAKE.format(pick=pick)).bindparams(
        bindparam("variants", type_=ARRAY(Text)),
        bindparam("quantities", type_=ARRAY(Integer)),
        bindparam("run", type_=Text),
        bindparam("until", type_=DateTime(timezone=True)),
        bindparam("at", type_=DateTime(timezone=True)),
        *(bindparam(name, type_=ARRAY(Text)) for name in places),
    )


_TAKE_OLDEST = _taking(_PICK_OLDEST)
_TAKE_BY_PLACE = _taking(_PICK_BY_PLACE, "kinds", "countries")


def held_unit(row: Any) -> HeldUnit:
    return HeldUnit(
        unit_id=row.id,
        variant_id=row.variant_id,
        serial=row.serial,
        location=row.location,
        expected_on=row.expected_on,
    )


async def take(
    tx: AsyncConnection,
    run: str,
    lines: Sequence[HoldLine],
    preference: Preference,
    at: datetime,
    until: datetime,
) -> tuple[list[HeldUnit], datetime, list[str]] | None:
    """Takes the wanted units of all lines or none, passing over those that others have locked; `lines` is sorted.
    A run that has units keeps just those. Returns the units, when the hold ends, and the variant of each unit that could
    have been taken; None for a run that has let go."""
    values: dict[str, Any] = {
        "variants": [line.variant_id for line in lines],
        "quantities": [line.quantity for line in lines],
        "run": run,
        "until": until,
        "at": at,
    }
    statement = _TAKE_OLDEST
    if preference.asks_for_places:
        statement = _TAKE_BY_PLACE
        values |= {"kinds": list(preference.kinds), "countries": list(preference.countries)}
    found = (await tx.execute(statement, values)).all()
    if found[0].ended:
        return None
    held = [row for row in found if row.id is not None]
    return [held_unit(row) for row in held], (held[0].held_until or until) if held else until, found[0].free


async def extend(tx: AsyncConnection, run: str, until: datetime) -> int:
    """Moves the end of a hold; returns how many of the run's units are held or sold."""
    rows = await tx.execute(
        update(units)
        .where(units.c.run == run)
        .values(held_until=case((units.c.order_id.is_(None), until), else_=None))
        .returning(units.c.id)
    )
    return len(rows.all())


def more_are_free() -> ColumnElement[bool]:
    """Of a changed unit's variant, whether another unit was free before the statement."""
    others = units.alias("others")
    free = select(others.c.id).where(
        others.c.variant_id == units.c.variant_id, others.c.run.is_(None), others.c.transfer.is_(None)
    )
    return free.exists().label("more")


async def end_runs(tx: AsyncConnection, names: Sequence[str], at: datetime) -> None:
    """Holds of these runs that are still on their way take nothing; waits for those that are being taken."""
    rows = [{"run": run, "ended": True, "at": at} for run in sorted(set(names))]
    ended = upsert(runs).values(rows)
    await tx.execute(ended.on_conflict_do_update(index_elements=[runs.c.run], set_={"ended": True}))


async def forget_runs(tx: AsyncConnection, before: datetime) -> None:
    await tx.execute(delete(runs).where(runs.c.at < before))


async def give_back(tx: AsyncConnection, run: str) -> set[str]:
    """Frees the run's held units; returns the variants that had no free unit before."""
    rows = await tx.execute(
        update(units)
        .where(units.c.run == run, units.c.order_id.is_(None))
        .values(LET_GO)
        .returning(units.c.variant_id, more_are_free())
    )
    return {row.variant_id for row in rows if not row.more}


async def sell(tx: AsyncConnection, run: str, order_id: str) -> tuple[list[HeldUnit], set[str]]:
    """Marks the run's held units as sold: all of the run's sold units, and the variants that have no free unit left."""
    found = (await tx.execute(_selling(), {"seller": run, "buyer": order_id})).all()
    return [held_unit(row) for row in found], {row.variant_id for row in found if not row.more}


@cache
def _selling() -> ReturningUpdate[Any, Any, Any, Any, Any, bool]:
    return (
        update(units)
        .where(units.c.run == bindparam("seller", type_=Text))
        .values(
            order_id=func.coalesce(units.c.order_id, bindparam("buyer", type_=Text)),
            held_until=None,
        )
        .returning(
            units.c.id,
            units.c.variant_id,
            units.c.serial,
            units.c.location,
            units.c.expected_on,
            more_are_free(),
        )
    )


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
        update(units).where(units.c.id.in_(due)).values(LET_GO).returning(units.c.variant_id, more_are_free())
    )
    freed = rows.all()
    return len(freed), {row.variant_id for row in freed if not row.more}
