"""Queries of refunds: one row for each run that gives something back, or that has given up doing so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.orders.contract import Refund
from luxe.services.orders.tables import orders, refunds


async def insert_refund(tx: AsyncConnection, refund: Refund) -> None:
    await tx.execute(
        insert(refunds).values(
            id=refund.id,
            run=refund.run,
            order_id=refund.order_id,
            kind=refund.kind,
            state=refund.state,
            currency=refund.amount.currency,
            amount=refund.amount.minor,
            goods=refund.goods.minor,
            gift=refund.gift.minor if refund.gift else 0,
            reason=refund.reason,
            at=refund.at,
        )
    )


async def of_run(tx: AsyncConnection, run: str) -> Refund | None:
    row = (await tx.execute(_selected().where(refunds.c.run == run))).one_or_none()
    return None if row is None else _refund(row)


async def of_order(tx: AsyncConnection, order_id: str) -> list[Refund]:
    """Oldest first, but for those that were dropped."""
    query = _selected().where(refunds.c.order_id == order_id, refunds.c.state != "dropped")
    return [_refund(row) for row in await tx.execute(query.order_by(refunds.c.id))]


async def drop(tx: AsyncConnection, run: str, at: datetime) -> str | None:
    """Forbids the run to set anything aside, even if its wish arrives later. The order's id if something was."""
    dropped = (
        update(refunds)
        .where(refunds.c.run == run, refunds.c.state == "pending")
        .values(state="dropped", done_at=at)
        .returning(refunds.c.order_id)
    )
    order_id = (await tx.execute(dropped)).scalar_one_or_none()
    if order_id is None:
        tombstone = insert(refunds).values(
            id=new_id("rfd"), run=run, order_id="", kind="", state="dropped",
            currency="", amount=0, goods=0, reason="", at=at, done_at=at,
        )  # fmt: skip
        await tx.execute(tombstone.on_conflict_do_nothing())
    return order_id


async def finish(
    tx: AsyncConnection, run: str, points_back: int, points_taken: int, at: datetime
) -> Refund | None:
    """None unless this run still has something set aside."""
    done = (
        update(refunds)
        .where(refunds.c.run == run, refunds.c.state == "pending")
        .values(state="done", points_back=points_back, points_taken=points_taken, done_at=at)
        .returning(refunds.c.id)
    )
    if (await tx.execute(done)).first() is None:
        return None
    return await of_run(tx, run)


def _selected() -> Any:
    return select(refunds, orders.c.run.label("payment_run")).outerjoin(
        orders, orders.c.id == refunds.c.order_id
    )


def _refund(row: Row[Any]) -> Refund:
    currency = row.currency or "XXX"
    return Refund(
        id=row.id,
        order_id=row.order_id,
        run=row.run,
        payment_run=row.payment_run or "",
        kind=row.kind,
        state=row.state,
        amount=Money(row.amount, currency),
        goods=Money(row.goods, currency),
        reason=row.reason,
        points_back=row.points_back,
        points_taken=row.points_taken,
        at=row.at,
        done_at=row.done_at,
        gift=Money(row.gift, currency),
    )
