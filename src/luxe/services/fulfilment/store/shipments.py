"""Queries of shipments. Whoever changes one holds the lock of all shipments of its order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.fulfilment.contract import PackedUnit, Shipment, ShipmentEvent, ShipmentState
from luxe.services.fulfilment.domain.shipping import SETS_FREE, TROUBLED, UNDER_WAY
from luxe.services.fulfilment.tables import labels, shipment_events, shipment_units, shipments


class Kept(msgspec.Struct, frozen=True):
    """A shipment with what only the house needs to know of it."""

    shipment: Shipment
    resent: bool
    carrier_id: str
    heard_seq: int
    parcel: dict[str, Any]


class UnitTaken(Exception):
    """One of the units is in another shipment."""


def _units() -> Any:
    unit = func.jsonb_build_object(
        "variant_id", shipment_units.c.variant_id, "serial", shipment_units.c.serial
    )
    listed = select(func.jsonb_agg(aggregate_order_by(unit, shipment_units.c.place)))
    return listed.where(shipment_units.c.shipment_id == shipments.c.id).scalar_subquery().label("units")


def _events() -> Any:
    names = ("at", "heard_at", "state", "note", "actor", "moved")
    event = func.jsonb_build_object(
        "place",
        shipment_events.c.spot,
        *(part for name in names for part in (name, shipment_events.c[name])),
    )
    told = select(func.jsonb_agg(aggregate_order_by(event, shipment_events.c.seq)))
    return told.where(shipment_events.c.shipment_id == shipments.c.id).scalar_subquery().label("told")


async def add(tx: AsyncConnection, row: dict[str, Any], units: Sequence[PackedUnit]) -> bool:
    """False if the key is known. Raises `UnitTaken`."""
    new = insert_or(shipments).values(row).on_conflict_do_nothing(index_elements=["packed_by", "key"])
    if (await tx.execute(new.returning(shipments.c.id))).first() is None:
        return False
    listed = [
        {
            "shipment_id": row["id"],
            "variant_id": unit.variant_id,
            "serial": unit.serial,
            "place": place,
            "live": True,
            "order_id": row["order_id"],
        }
        for place, unit in enumerate(units)
    ]
    try:
        await tx.execute(insert(shipment_units), listed)
    except IntegrityError as error:
        raise UnitTaken from error
    return True


async def by_key(tx: AsyncConnection, packed_by: str, key: str) -> Kept | None:
    return await _one(tx, and_(shipments.c.packed_by == packed_by, shipments.c.key == key))


async def find(tx: AsyncConnection, shipment_id: str, account_id: str = "") -> Kept | None:
    """By id or number."""
    wanted = or_(shipments.c.id == shipment_id, shipments.c.number == shipment_id)
    return await _one(tx, and_(wanted, shipments.c.account_id == account_id) if account_id else wanted)


async def of_parcel(tx: AsyncConnection, carrier_id: str, reference: str) -> Kept | None:
    return await _one(tx, or_(shipments.c.carrier_id == carrier_id, shipments.c.id == reference))


async def lock(tx: AsyncConnection, shipment_id: str) -> Kept | None:
    """With all the shipments of its order, in one order, so that the last one to be delivered knows that it is."""
    order_id = select(shipments.c.order_id).where(shipments.c.id == shipment_id).scalar_subquery()
    together = select(shipments.c.id).where(shipments.c.order_id == order_id).order_by(shipments.c.id)
    await tx.execute(together.with_for_update())
    return await find(tx, shipment_id)


async def live_units(tx: AsyncConnection, order_id: str) -> set[tuple[str, str]]:
    """(variant, serial) of what is in a shipment that may still arrive, or has."""
    wanted = (
        select(shipment_units.c.variant_id, shipment_units.c.serial)
        .join(shipments, shipments.c.id == shipment_units.c.shipment_id)
        .where(shipments.c.order_id == order_id, shipment_units.c.live)
    )
    return {(row.variant_id, row.serial) for row in await tx.execute(wanted)}


async def states_of_order(tx: AsyncConnection, order_id: str) -> list[ShipmentState]:
    return list(
        (await tx.execute(select(shipments.c.state).where(shipments.c.order_id == order_id))).scalars()
    )


async def packed_of_order(tx: AsyncConnection, order_id: str) -> list[str]:
    wanted = select(shipments.c.id).where(shipments.c.order_id == order_id, shipments.c.state == "packed")
    return list((await tx.execute(wanted.order_by(shipments.c.id))).scalars())


async def knows_event(tx: AsyncConnection, shipment_id: str, source: str) -> bool:
    wanted = select(shipment_events.c.seq).where(
        shipment_events.c.shipment_id == shipment_id, shipment_events.c.source == source
    )
    return (await tx.execute(wanted)).first() is not None


async def note_event(
    tx: AsyncConnection, shipment_id: str, event: ShipmentEvent, source: str | None = None
) -> None:
    await tx.execute(
        insert(shipment_events).values(
            shipment_id=shipment_id,
            source=source,
            at=event.at,
            heard_at=event.heard_at,
            state=event.state,
            spot=event.place,
            note=event.note,
            actor=event.actor,
            moved=event.moved,
        )
    )


async def move(
    tx: AsyncConnection, shipment_id: str, to: ShipmentState, at: datetime, seq: int | None = None
) -> None:
    heard = {} if seq is None else {"heard_seq": seq}
    here = shipments.c.id == shipment_id
    await tx.execute(update(shipments).where(here).values(state=to, changed_at=at, **heard))
    if to in SETS_FREE:
        freed = update(shipment_units).where(shipment_units.c.shipment_id == shipment_id)
        await tx.execute(freed.values(live=False))


async def note_booking(
    tx: AsyncConnection, shipment_id: str, was: Collection[str], booking: str, **more: Any
) -> bool:
    """False if the booking has moved on."""
    here = and_(shipments.c.id == shipment_id, shipments.c.booking.in_(was))
    changed = update(shipments).where(here).values(booking=booking, **more).returning(shipments.c.id)
    return (await tx.execute(changed)).first() is not None


async def note_problem(tx: AsyncConnection, shipment_id: str, problem: str) -> None:
    await tx.execute(update(shipments).where(shipments.c.id == shipment_id).values(problem=problem))


async def ask_later(tx: AsyncConnection, shipment_id: str, at: datetime) -> None:
    await tx.execute(update(shipments).where(shipments.c.id == shipment_id).values(ask_at=at))


async def take_due(tx: AsyncConnection, now: datetime, later: datetime, limit: int) -> list[Kept]:
    """Shipments with a carrier that have not been asked about for a while; the next to look finds others."""
    at_carrier = or_(
        and_(shipments.c.state.in_(("packed", *UNDER_WAY)), shipments.c.booking.in_(("wanted", "booked"))),
        shipments.c.booking == "cancelling",
    )
    due = (
        select(shipments.c.id)
        .where(at_carrier, shipments.c.ask_at <= now)
        .order_by(shipments.c.ask_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await tx.execute(
        update(shipments).where(shipments.c.id.in_(due)).values(ask_at=later).returning(shipments.c.id)
    )
    ids = list(rows.scalars())
    found = await tx.execute(select(shipments, _units(), _events()).where(shipments.c.id.in_(ids)))
    return [_kept(row) for row in found]


async def listed(
    tx: AsyncConnection, order_id: str, state: str, troubled: bool, before: str, limit: int
) -> list[Shipment]:
    """Newest first. Troubled are those that the carrier cannot deliver, and those whose booking or news went wrong."""
    wanted = select(shipments, _units(), _events()).order_by(shipments.c.id.desc()).limit(limit)
    if order_id:
        wanted = wanted.where(shipments.c.order_id == order_id)
    if state:
        wanted = wanted.where(shipments.c.state == state)
    if troubled:
        wanted = wanted.where(or_(shipments.c.state.in_(TROUBLED), shipments.c.problem != ""))
    if before:
        wanted = wanted.where(shipments.c.id < before)
    return [_kept(row).shipment for row in await tx.execute(wanted)]


async def keep_label(
    tx: AsyncConnection, shipment_id: str, account_id: str, pdf: bytes, at: datetime
) -> None:
    row = {"shipment_id": shipment_id, "account_id": account_id, "pdf": pdf, "at": at}
    await tx.execute(insert_or(labels).values(row).on_conflict_do_nothing())


async def label_of(tx: AsyncConnection, shipment_id: str) -> bytes | None:
    wanted = select(labels.c.pdf).where(labels.c.shipment_id == shipment_id)
    return (await tx.execute(wanted)).scalar_one_or_none()


async def _one(tx: AsyncConnection, where: ColumnElement[bool]) -> Kept | None:
    row = (await tx.execute(select(shipments, _units(), _events()).where(where))).one_or_none()
    return None if row is None else _kept(row)


def _kept(row: Row[Any]) -> Kept:
    shipment = Shipment(
        id=row.id,
        number=row.number,
        order_id=row.order_id,
        order_number=row.order_number,
        account_id=row.account_id,
        method=row.method,
        state=row.state,
        units=msgspec.convert(row.units or [], list[PackedUnit]),
        booking=row.booking,
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        tracking_url=row.tracking_url,
        problem=row.problem,
        packed_by=row.packed_by,
        packed_at=row.packed_at,
        changed_at=row.changed_at,
        events=msgspec.convert(row.told or [], list[ShipmentEvent]),
    )
    return Kept(shipment, row.resent, row.carrier_id, row.heard_seq, row.parcel)
