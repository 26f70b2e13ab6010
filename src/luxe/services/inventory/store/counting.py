"""How much there is, where, and in which state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Text, bindparam, case, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Date

from luxe.services.inventory.contract import Availability, LocationStock, Movement, Unit
from luxe.services.inventory.tables import movements, units

_AVAILABILITY = text(
    """
    SELECT variant_id,
        count(*) FILTER (WHERE coming = 0) AS on_hand,
        count(*) FILTER (WHERE coming > 0) AS expected,
        count(*) FILTER (WHERE transfer IS NOT NULL) AS in_transit,
        count(run) AS held,
        count(*) FILTER (WHERE run IS NULL AND transfer IS NULL) AS available,
        CASE WHEN count(*) FILTER (WHERE run IS NULL AND transfer IS NULL AND coming = 0) = 0
            THEN min(coalesce(expected_on, :today + lead_days)) FILTER (WHERE run IS NULL) END AS available_on
    FROM inventory.units WHERE variant_id = ANY(:variants) AND order_id IS NULL GROUP BY variant_id
    """
).bindparams(bindparam("variants", type_=ARRAY(Text)), bindparam("today", type_=Date))

_state = case(
    (units.c.shipped_at.is_not(None), "shipped"),
    (units.c.order_id.is_not(None), "sold"),
    (units.c.run.is_not(None), "held"),
    (units.c.transfer.is_not(None), "in_transit"),
    (units.c.coming > 0, "expected"),
    else_="free",
)


async def availability(
    tx: AsyncConnection, variant_ids: Sequence[str], today: date
) -> dict[str, Availability]:
    rows = await tx.execute(_AVAILABILITY, {"variants": list(variant_ids), "today": today})
    found = {
        row.variant_id: Availability(
            variant_id=row.variant_id,
            on_hand=row.on_hand,
            held=row.held,
            available=row.available,
            in_transit=row.in_transit,
            expected=row.expected,
            available_on=row.available_on,
        )
        for row in rows
    }
    nothing = {
        variant: Availability(variant_id=variant, on_hand=0, held=0, available=0) for variant in variant_ids
    }
    return nothing | found


async def stock(tx: AsyncConnection, variant_ids: Sequence[str]) -> list[LocationStock]:
    def counted(state: str) -> Any:
        return func.count().filter(_state == state).label(state)

    rows = await tx.execute(
        select(
            units.c.variant_id,
            units.c.location,
            counted("free"),
            counted("held"),
            counted("in_transit"),
            counted("expected"),
        )
        .where(units.c.variant_id.in_(variant_ids), units.c.order_id.is_(None))
        .group_by(units.c.variant_id, units.c.location)
        .order_by(units.c.variant_id, units.c.location)
    )
    return [
        LocationStock(
            variant_id=row.variant_id,
            location=row.location,
            free=row.free,
            held=row.held,
            in_transit=row.in_transit,
            expected=row.expected,
        )
        for row in rows
    ]


async def listed(
    tx: AsyncConnection, variant_id: str, serial: str, order_id: str, after: str, limit: int
) -> list[Unit]:
    """Unsold units of a variant, units of an order, or the one of a serial, by id and beyond `after`."""
    wanted = select(units, _state.label("state")).where(units.c.id > after).order_by(units.c.id).limit(limit)
    if variant_id:
        wanted = wanted.where(units.c.variant_id == variant_id, units.c.order_id.is_(None))
    if order_id:
        wanted = wanted.where(units.c.order_id == order_id)
    if serial:
        wanted = wanted.where((units.c.serial == serial) | (units.c.id == f"unit_{serial.lower()}"))
    return [_unit(row) for row in await tx.execute(wanted)]


def _unit(row: Any) -> Unit:
    return Unit(
        unit_id=row.id,
        variant_id=row.variant_id,
        serial=row.serial,
        location=row.location,
        state=row.state,
        lot=row.lot or "",
        received_at=row.received_at,
        expected_on=row.expected_on,
        lead_days=row.lead_days,
        order_id=row.order_id or "",
        transfer_id=row.transfer or "",
    )


async def moved(tx: AsyncConnection, variant_id: str, before: int | None, limit: int) -> list[Movement]:
    """Newest first, of those older than the movement `before`."""
    wanted = (
        select(movements)
        .where(movements.c.variant_id == variant_id)
        .order_by(movements.c.seq.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(movements.c.seq < before)
    return [
        Movement(
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            kind=row.kind,
            variant_id=row.variant_id,
            location=row.location,
            quantity=row.quantity,
            reason=row.reason,
            lot=row.lot or "",
        )
        for row in await tx.execute(wanted)
    ]


async def unsold(tx: AsyncConnection, variant_id: str, location: str) -> int:
    """Units of a variant that are at a location and can be counted there: not sold, not on their way, not to come."""
    counted = select(func.count()).where(
        units.c.variant_id == variant_id,
        units.c.location == location,
        units.c.order_id.is_(None),
        units.c.transfer.is_(None),
        units.c.coming == literal(0),
    )
    return (await tx.execute(counted)).scalar_one()
