"""Queries of the orders themselves. A change of an order, its moments on the timeline and its sold units are one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal

import msgspec
from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    DateTime,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    Address,
    DeliveryStep,
    GiftPart,
    Order,
    OrderDiscount,
    OrderDraft,
    OrderLine,
    OrderTax,
    TimelineEntry,
)
from luxe.services.orders.domain import Event, sources, target
from luxe.services.orders.tables import AWAITING_SHIPMENT, orders, runs, sold_units, timeline

Placed = Literal["placed", "there", "closed"]


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the timeline that is about to be written."""

    what: str
    note: str = ""


class Terms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What most orders have nothing of; an ordinary one keeps `{}`."""

    discounts: list[OrderDiscount] = []
    gifts: list[GiftPart] = []
    delivery_method: str = ""
    slot: str = ""
    taxes: list[OrderTax] = []
    tax_included: Money | None = None
    delivery_steps: list[DeliveryStep] = []


def terms_of(draft: OrderDraft) -> Any:
    """As they are stored."""
    return msgspec.to_builtins(
        Terms(
            discounts=draft.discounts,
            gifts=draft.gifts,
            delivery_method=draft.delivery_method,
            slot=draft.slot,
            taxes=draft.taxes,
            tax_included=draft.tax_included,
            delivery_steps=draft.delivery_steps,
        )
    )


async def insert_order(tx: AsyncConnection, order: Order) -> Placed:
    """Writes the order, unless the run is closed, has an order already, or the number is taken."""
    draft = order.draft
    row = {
        "id": order.id,
        "number": order.number,
        "run": order.run,
        "account_id": draft.account_id,
        "state": order.state,
        "currency": draft.payable.currency,
        "goods": draft.goods.minor,
        "delivery": draft.delivery.minor,
        "points": draft.points,
        "points_worth": draft.points_worth.minor,
        "payable": draft.payable.minor,
        "lines": msgspec.to_builtins(draft.lines),
        "address": msgspec.to_builtins(draft.address),
        "deliver_on": draft.deliver_on,
        "gift_message": draft.gift_message,
        "gift_wrap": draft.gift_wrap,
        "placed_at": order.placed_at,
        "discount": draft.discount.minor if draft.discount else 0,
        "tax_added": draft.tax_added.minor if draft.tax_added else 0,
        "gift_worth": draft.gift_worth.minor if draft.gift_worth else 0,
        "terms": terms_of(draft),
    }
    moments = [Moment(what=entry.what, note=entry.note) for entry in order.timeline]
    told = _told(moments, order.placed_at, order.timeline[0].actor)
    closed, placed = (await tx.execute(_placing(frozenset(row)), row | told)).one()
    return "closed" if closed else "placed" if placed else "there"


@cache
def _placing(columns: frozenset[str]) -> Select[Any, Any]:
    """Built once, as `_PAYING` is: putting them together takes longer than PostgreSQL does."""
    row = {name: bindparam(name, type_=orders.c[name].type) for name in sorted(columns)}
    known = insert(runs).values(run=row["run"], closed=False)
    known = known.on_conflict_do_update(index_elements=["run"], set_={"run": known.excluded.run})
    known = known.returning(runs.c.closed).cte("known")
    values = select(*row.values()).select_from(known).where(known.c.closed.is_(False))
    placed = insert(orders).from_select(list(row), values).on_conflict_do_nothing()
    placed = placed.returning(orders.c.id).cte("placed")
    query = select(known.c.closed, placed.c.id).select_from(known.outerjoin(placed, true()))
    return query.add_cte(_moments(placed))


async def close(tx: AsyncConnection, run: str) -> None:
    """The run places no order from now on. Waits for one that it is placing at this moment."""
    closing = insert(runs).values(run=run, closed=True)
    await tx.execute(closing.on_conflict_do_update(index_elements=["run"], set_={"closed": True}))


async def pay(
    tx: AsyncConnection,
    run: str,
    *,
    intent_id: str,
    points_earned: int,
    serials: dict[str, list[str]],
    at: datetime,
    actor: str,
) -> Order | None:
    """None unless the run has an order that awaits payment. A serial number that is sold already is an IntegrityError."""
    earned = [Moment(what="points_earned", note=str(points_earned))] if points_earned else []
    moments = [Moment(what="paid"), *earned]
    change = {
        "of_run": run,
        "intent_id": intent_id,
        "points_earned": points_earned,
        "serials": serials,
        "sold": [
            {"variant_id": variant_id, "serial": serial}
            for variant_id, listed in serials.items()
            for serial in listed
        ],
    }
    row = (await tx.execute(_PAYING, change | _told(moments, at, actor))).one_or_none()
    return None if row is None else _order(row, _entries(moments, at, actor))


async def move(
    tx: AsyncConnection, where: ColumnElement[bool], event: Event, moment: Moment, at: datetime, actor: str
) -> Order | None:
    """Moves an order along the table of transitions; None unless there is one that `event` may happen to."""
    moved = (
        update(orders).where(where, _may(event)).values(state=target(event)).returning(orders).cte("moved")
    )
    query = select(moved, _timeline_of(moved.c.id)).add_cte(_moments(moved))
    row = (await tx.execute(query, _told([moment], at, actor))).one_or_none()
    return None if row is None else _order(row, _entries([moment], at, actor))


async def note(tx: AsyncConnection, order_id: str, moment: Moment, at: datetime, actor: str) -> None:
    """Something happened to an order that did not move it."""
    await tx.execute(
        insert(timeline).values(order_id=order_id, at=at, what=moment.what, actor=actor, note=moment.note)
    )


async def lock(tx: AsyncConnection, order_id: str) -> Order | None:
    """Whoever sets money of an order aside does so one after the other."""
    locked = select(orders.c.id).where(orders.c.id == order_id).with_for_update()
    if (await tx.execute(locked)).first() is None:
        return None
    return await _one(tx, orders.c.id == order_id)


async def unsell(tx: AsyncConnection, order_id: str, serials: Sequence[str] | None = None) -> None:
    """The order's serial numbers, or these of them, may be sold again."""
    sold = delete(sold_units).where(sold_units.c.order_id == order_id)
    await tx.execute(sold if serials is None else sold.where(sold_units.c.serial.in_(serials)))


def is_order(order_id: str) -> ColumnElement[bool]:
    return orders.c.id == order_id


def is_of_run(run: str) -> ColumnElement[bool]:
    return orders.c.run == run


async def of_run(tx: AsyncConnection, run: str) -> Order | None:
    return await _one(tx, orders.c.run == run)


async def intent_of(tx: AsyncConnection, run: str) -> str:
    """The payment intent that a paid order was paid with."""
    return (await tx.execute(select(orders.c.intent_id).where(orders.c.run == run))).scalar_one()


async def find(
    tx: AsyncConnection, *, order_id: str = "", number: str = "", account_id: str = ""
) -> Order | None:
    wanted = orders.c.id == order_id if order_id else orders.c.number == number
    return await _one(tx, and_(wanted, orders.c.account_id == account_id) if account_id else wanted)


async def newest(tx: AsyncConnection, account_id: str, before: str, limit: int) -> list[Order]:
    query = select(orders, _timeline_of(orders.c.id)).order_by(orders.c.id.desc()).limit(limit)
    if account_id:
        query = query.where(orders.c.account_id == account_id)
    if before:
        query = query.where(orders.c.id < before)
    return [_order(row) for row in await tx.execute(query)]


async def numbers(tx: AsyncConnection, order_ids: Sequence[str]) -> dict[str, str]:
    """By id."""
    found = await tx.execute(select(orders.c.id, orders.c.number).where(orders.c.id.in_(order_ids)))
    return {row.id: row.number for row in found}


async def to_ship(tx: AsyncConnection, after: str, limit: int) -> list[Order]:
    """The oldest first, through the index of those alone."""
    wanted = select(orders, _timeline_of(orders.c.id)).where(
        orders.c.state.in_(AWAITING_SHIPMENT), orders.c.id > after
    )
    return [_order(row) for row in await tx.execute(wanted.order_by(orders.c.id).limit(limit))]


async def _one(tx: AsyncConnection, where: ColumnElement[bool]) -> Order | None:
    row = (await tx.execute(select(orders, _timeline_of(orders.c.id)).where(where))).one_or_none()
    return None if row is None else _order(row)


def _timeline_of(order_id: ColumnElement[str]) -> Any:
    entry = func.jsonb_build_object(
        "at", timeline.c.at, "what", timeline.c.what, "actor", timeline.c.actor, "note", timeline.c.note
    )
    told = select(func.jsonb_agg(aggregate_order_by(entry, timeline.c.seq))).where(
        timeline.c.order_id == order_id
    )
    return told.scalar_subquery().label("told")


def _may(event: Event) -> ColumnElement[bool]:
    return orders.c.state.in_([literal_column(f"'{state}'") for state in sources(event)])


def _told(moments: list[Moment], at: datetime, actor: str) -> dict[str, Any]:
    """Parameters of `_moments`."""
    told = [
        {"place": place, "what": moment.what, "note": moment.note} for place, moment in enumerate(moments)
    ]
    return {"told": told, "told_at": at, "told_by": actor}


def _moments(source: CTE) -> CTE:
    """Entries of the timeline for the order that `source` holds."""
    texts = [Column(name, Text) for name in ("what", "note")]
    listed = func.jsonb_to_recordset(bindparam("told", type_=JSONB))
    listed = listed.table_valued(Column("place", Integer), *texts, name="moments")
    listed = listed.render_derived(with_types=True)
    at, actor = bindparam("told_at", type_=DateTime(timezone=True)), bindparam("told_by", type_=Text)
    rows = (
        select(source.c.id, at, listed.c.what, actor, listed.c.note)
        .select_from(source.join(listed, true()))
        .order_by(listed.c.place)
    )
    return insert(timeline).from_select(["order_id", "at", "what", "actor", "note"], rows).cte("written")


def _sold(source: CTE) -> CTE:
    texts = [Column(name, Text) for name in ("variant_id", "serial")]
    listed = func.jsonb_to_recordset(bindparam("sold", type_=JSONB)).table_valued(*texts, name="serials")
    listed = listed.render_derived(with_types=True)
    rows = select(listed.c.variant_id, listed.c.serial, source.c.id).select_from(source.join(listed, true()))
    return insert(sold_units).from_select(["variant_id", "serial", "order_id"], rows).cte("sold")


def _paying() -> Select[Any]:
    paid = (
        update(orders)
        .where(orders.c.run == bindparam("of_run", type_=Text), _may("pay"))
        .values(
            state=target("pay"),
            paid_at=bindparam("told_at", type_=DateTime(timezone=True)),
            intent_id=bindparam("intent_id", type_=Text),
            points_earned=bindparam("points_earned", type_=orders.c.points_earned.type),
            serials=bindparam("serials", type_=JSONB),
        )
        .returning(orders)
        .cte("paid")
    )
    return select(paid, _timeline_of(paid.c.id)).add_cte(_moments(paid), _sold(paid))


_PAYING = _paying()


def _entries(moments: list[Moment], at: datetime, actor: str) -> list[TimelineEntry]:
    return [TimelineEntry(at=at, what=moment.what, actor=actor, note=moment.note) for moment in moments]


def _order(row: Row[Any], just_now: list[TimelineEntry] | None = None) -> Order:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    lines = [
        msgspec.structs.replace(line, serials=row.serials.get(line.variant_id, []))
        for line in msgspec.convert(row.lines, list[OrderLine])
    ]
    terms = msgspec.convert(row.terms, Terms)
    draft = OrderDraft(
        account_id=row.account_id,
        lines=lines,
        goods=money(row.goods),
        delivery=money(row.delivery),
        points=row.points,
        points_worth=money(row.points_worth),
        payable=money(row.payable),
        address=msgspec.convert(row.address, Address),
        deliver_on=row.deliver_on,
        gift_message=row.gift_message,
        gift_wrap=row.gift_wrap,
        discount=money(row.discount),
        discounts=terms.discounts,
        gift_worth=money(row.gift_worth),
        gifts=terms.gifts,
        delivery_method=terms.delivery_method,
        slot=terms.slot,
        taxes=terms.taxes,
        tax_included=terms.tax_included or money(0),
        tax_added=money(row.tax_added),
        delivery_steps=terms.delivery_steps,
    )
    return Order(
        id=row.id,
        number=row.number,
        state=row.state,
        draft=draft,
        run=row.run,
        points_earned=row.points_earned,
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        timeline=msgspec.convert(row.told or [], list[TimelineEntry]) + (just_now or []),
    )
