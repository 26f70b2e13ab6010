"""Queries of pieces that are taken out of orders. How far an edit has come, the refund of its run tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.money import Money
from luxe.services.orders.contract import LineEdit, OrderDraft, UnitRef
from luxe.services.orders.domain.repricing import pieces_of
from luxe.services.orders.store.orders import terms_of
from luxe.services.orders.tables import line_edits, orders, refunds, sold_units


async def rewrite(tx: AsyncConnection, order_id: str, draft: OrderDraft) -> None:
    """What a locked order is made of, and what it costs; not where it goes, nor what is said with it."""
    nothing = Money.zero(draft.payable.currency)
    lines = [msgspec.structs.replace(line, serials=[]) for line in draft.lines]
    changed = {
        "lines": msgspec.to_builtins(lines),
        "serials": {line.variant_id: line.serials for line in draft.lines if line.serials},
        "goods": draft.goods.minor,
        "discount": (draft.discount or nothing).minor,
        "delivery": draft.delivery.minor,
        "tax_added": (draft.tax_added or nothing).minor,
        "points": draft.points,
        "points_worth": draft.points_worth.minor,
        "gift_worth": (draft.gift_worth or nothing).minor,
        "payable": draft.payable.minor,
        "terms": terms_of(draft),
    }
    await tx.execute(update(orders).where(orders.c.id == order_id).values(**changed))


async def set_points(tx: AsyncConnection, order_id: str, points: int) -> None:
    await tx.execute(update(orders).where(orders.c.id == order_id).values(points=points))


async def unsell(tx: AsyncConnection, order_id: str, units: Sequence[UnitRef]) -> None:
    """These units are not the order's any more."""
    named = tuple_(sold_units.c.variant_id, sold_units.c.serial).in_(
        [(unit.variant_id, unit.serial) for unit in units]
    )
    await tx.execute(delete(sold_units).where(sold_units.c.order_id == order_id, named))


async def sell_again(tx: AsyncConnection, order_id: str, units: Sequence[UnitRef]) -> None:
    rows = [{"variant_id": unit.variant_id, "serial": unit.serial, "order_id": order_id} for unit in units]
    if rows:
        await tx.execute(insert(sold_units), rows)


async def add(tx: AsyncConnection, edit: LineEdit, account_id: str) -> None:
    await tx.execute(
        insert(line_edits).values(
            id=edit.id,
            run=edit.run,
            order_id=edit.order_id,
            account_id=account_id,
            at=edit.at,
            actor=edit.actor,
            reason=edit.reason,
            before=msgspec.to_builtins(edit.before),
            after=msgspec.to_builtins(edit.after),
            units=msgspec.to_builtins(edit.units),
        )
    )


async def of_run(tx: AsyncConnection, run: str) -> LineEdit | None:
    row = (await tx.execute(_selected().where(line_edits.c.run == run))).one_or_none()
    return None if row is None else _edit(row)


async def of_order(tx: AsyncConnection, order_id: str) -> list[LineEdit]:
    """Oldest first, but for those that were dropped."""
    query = _selected().where(line_edits.c.order_id == order_id, refunds.c.state != "dropped")
    return [_edit(row) for row in await tx.execute(query.order_by(line_edits.c.id))]


def _selected() -> Any:
    return select(line_edits, refunds.c.state, refunds.c.amount, refunds.c.currency).join(
        refunds, refunds.c.run == line_edits.c.run
    )


def _edit(row: Row[Any]) -> LineEdit:
    before, after = (msgspec.convert(draft, OrderDraft) for draft in (row.before, row.after))
    return LineEdit(
        id=row.id,
        order_id=row.order_id,
        run=row.run,
        at=row.at,
        actor=row.actor,
        reason=row.reason,
        state=row.state,
        pieces=pieces_of(before, after),
        units=msgspec.convert(row.units, list[UnitRef]),
        amount=Money(row.amount, row.currency),
        before=before,
        after=after,
    )
