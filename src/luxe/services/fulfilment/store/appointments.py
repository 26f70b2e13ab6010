"""Queries of slots and appointments. A reservation takes the lock of its slot, so that counting is exact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.fulfilment.contract import Appointment, Capacity, MethodId, Slot
from luxe.services.fulfilment.tables import appointments, slots


def _stands(now: datetime) -> ColumnElement[bool]:
    return or_(
        appointments.c.state == "confirmed",
        and_(appointments.c.state == "reserved", appointments.c.expires_at > now),
    )


def _taken(now: datetime) -> Any:
    counted = select(func.count()).where(appointments.c.slot_id == slots.c.id, _stands(now))
    return counted.scalar_subquery().label("taken")


async def lock(tx: AsyncConnection, slot_id: str) -> bool:
    """False if there is no such slot. The count that follows must be a statement of its own, to see whoever came before."""
    found = await tx.execute(select(slots.c.id).where(slots.c.id == slot_id).with_for_update())
    return found.first() is not None


async def capacity(tx: AsyncConnection, slot_id: str, now: datetime) -> Capacity | None:
    row = (await tx.execute(select(slots, _taken(now)).where(slots.c.id == slot_id))).one_or_none()
    return None if row is None else _capacity(row)


async def capacities(tx: AsyncConnection, first: date, last: date, now: datetime) -> list[Capacity]:
    wanted = select(slots, _taken(now)).where(slots.c.day.between(first, last))
    ordered = wanted.order_by(slots.c.day, slots.c.place, slots.c.starts, slots.c.method)
    return [_capacity(row) for row in await tx.execute(ordered)]


async def with_room(
    tx: AsyncConnection, method: str, places: Sequence[str], day: date, now: datetime
) -> list[Slot]:
    """Places are compared without regard to case."""
    wanted = select(slots, _taken(now)).where(
        slots.c.method == method, slots.c.day == day, func.lower(slots.c.place).in_(places)
    )
    found = [_capacity(row) for row in await tx.execute(wanted.order_by(slots.c.starts, slots.c.place))]
    return [slot_of(each) for each in found if each.taken < each.capacity]


async def put(
    tx: AsyncConnection,
    slot_id: str,
    *,
    method: MethodId,
    place: str,
    day: date,
    starts: str,
    ends: str,
    most: int,
) -> str:
    """Adds a slot, or changes its end and capacity; returns its id and keeps its lock."""
    row = {
        "id": slot_id,
        "method": method,
        "place": place,
        "day": day,
        "starts": starts,
        "ends": ends,
        "capacity": most,
    }
    new = insert(slots).values(row)
    known = new.on_conflict_do_update(
        index_elements=["day", "place", "method", "starts"],
        set_={"ends": new.excluded.ends, "capacity": new.excluded.capacity},
    )
    return (await tx.execute(known.returning(slots.c.id))).scalar_one()


async def of_run(tx: AsyncConnection, run: str) -> Row[Any] | None:
    """For this transaction alone."""
    wanted = select(appointments).where(appointments.c.run == run).with_for_update()
    return (await tx.execute(wanted)).one_or_none()


async def reserve(tx: AsyncConnection, run: str, slot_id: str, now: datetime, expires_at: datetime) -> bool:
    """False if the run is known already."""
    row = {"run": run, "slot_id": slot_id, "state": "reserved", "expires_at": expires_at, "at": now}
    new = insert(appointments).values(row).on_conflict_do_nothing().returning(appointments.c.run)
    return (await tx.execute(new)).first() is not None


async def release(tx: AsyncConnection, run: str, now: datetime) -> bool:
    """Also of a run that reserved nothing, so that it cannot any more. A confirmed one stays; returns whether it is free."""
    row = {"run": run, "slot_id": None, "state": "released", "expires_at": now, "at": now}
    new = insert(appointments).values(row)
    ended = new.on_conflict_do_update(
        index_elements=["run"], set_={"state": "released"}, where=appointments.c.state != "confirmed"
    )
    return (await tx.execute(ended.returning(appointments.c.run))).first() is not None


async def confirm(tx: AsyncConnection, run: str, order_id: str) -> None:
    await tx.execute(
        update(appointments).where(appointments.c.run == run).values(state="confirmed", order_id=order_id)
    )


async def end_of_order(tx: AsyncConnection, order_id: str) -> list[str]:
    """The order is cancelled: nobody comes. Returns the slots that have room again."""
    ended = update(appointments).where(
        appointments.c.order_id == order_id, appointments.c.state == "confirmed"
    )
    rows = await tx.execute(ended.values(state="released", order_id="").returning(appointments.c.slot_id))
    return list(rows.scalars())


async def standing(tx: AsyncConnection, first: date, last: date, now: datetime) -> list[Appointment]:
    wanted = (
        select(appointments, slots.c.method, slots.c.place, slots.c.day, slots.c.starts, slots.c.ends)
        .join(slots, slots.c.id == appointments.c.slot_id)
        .where(slots.c.day.between(first, last), _stands(now))
        .order_by(slots.c.day, slots.c.place, slots.c.starts, appointments.c.at)
    )
    return [
        Appointment(
            run=row.run,
            slot_id=row.slot_id,
            method=row.method,
            place=row.place,
            day=row.day,
            starts=row.starts,
            ends=row.ends,
            state=row.state,
            order_id=row.order_id,
            at=row.at,
        )
        for row in await tx.execute(wanted)
    ]


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Released and lapsed ones of runs that are long over."""
    over = appointments.c.state.in_(("released", "reserved"))
    await tx.execute(delete(appointments).where(over, appointments.c.expires_at < before))


def slot_of(each: Capacity) -> Slot:
    return Slot(
        id=each.id,
        method=each.method,
        place=each.place,
        day=each.day,
        starts=each.starts,
        ends=each.ends,
        left=max(0, each.capacity - each.taken),
    )


def _capacity(row: Row[Any]) -> Capacity:
    return Capacity(
        id=row.id,
        method=row.method,
        place=row.place,
        day=row.day,
        starts=row.starts,
        ends=row.ends,
        capacity=row.capacity,
        taken=row.taken,
    )
