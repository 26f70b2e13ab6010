"""Queries of exchanges: one row beside the return of each, and what is kept of the first order's payment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.money import Money
from luxe.services.orders.contract import Refund, Return, WantedPiece
from luxe.services.orders.tables import exchanges, refunds


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A row. `freed_by` is the run that gives back what was kept for the replacement."""

    return_id: str
    run: str
    order_id: str
    wanted: WantedPiece
    owed: Money | None
    pay_until: datetime | None
    replacement_id: str
    freed_by: str

    @property
    def kept_run(self) -> str:
        """The run under which the rest of the credit is kept."""
        return f"{self.run} kept"


async def insert_exchange(tx: AsyncConnection, returned: Return, wanted: WantedPiece) -> None:
    await tx.execute(
        insert(exchanges).values(
            return_id=returned.id,
            run=returned.run,
            order_id=returned.order_id,
            wanted=msgspec.to_builtins(wanted),
            currency=wanted.price.currency,
        )
    )


async def find(tx: AsyncConnection, run: str) -> Known | None:
    row = (await tx.execute(select(exchanges).where(exchanges.c.run == run))).one_or_none()
    return None if row is None else _known(row)


async def of_replacement(tx: AsyncConnection, order_id: str) -> Known | None:
    row = (await tx.execute(select(exchanges).where(exchanges.c.replacement_id == order_id))).one_or_none()
    return None if row is None else _known(row)


async def freed_by(tx: AsyncConnection, run: str) -> Known | None:
    row = (await tx.execute(select(exchanges).where(exchanges.c.freed_by == run))).one_or_none()
    return None if row is None else _known(row)


async def of_order(tx: AsyncConnection, order_id: str) -> list[Known]:
    query = select(exchanges).where(
        or_(exchanges.c.order_id == order_id, exchanges.c.replacement_id == order_id)
    )
    return [_known(row) for row in await tx.execute(query.order_by(exchanges.c.return_id))]


async def of_returns(tx: AsyncConnection, return_ids: Sequence[str]) -> list[Known]:
    query = select(exchanges).where(exchanges.c.return_id.in_(return_ids))
    return [_known(row) for row in await tx.execute(query.order_by(exchanges.c.return_id))]


async def note_owed(tx: AsyncConnection, run: str, owed: Money, until: datetime) -> bool:
    """False if it is noted already."""
    noted = (
        update(exchanges)
        .where(exchanges.c.run == run, exchanges.c.pay_until.is_(None))
        .values(owed=owed.minor, pay_until=until)
        .returning(exchanges.c.run)
    )
    return (await tx.execute(noted)).first() is not None


async def note_replacement(tx: AsyncConnection, run: str, order_id: str) -> None:
    await tx.execute(update(exchanges).where(exchanges.c.run == run).values(replacement_id=order_id))


async def note_freed(tx: AsyncConnection, run: str, by: str) -> None:
    await tx.execute(update(exchanges).where(exchanges.c.run == run).values(freed_by=by))


async def keep(tx: AsyncConnection, kept: Refund) -> None:
    """A part of a payment stays where it is, for the replacement; no other part of the same exchange is kept."""
    row = {
        "id": kept.id,
        "run": kept.run,
        "order_id": kept.order_id,
        "kind": kept.kind,
        "state": "kept",
        "currency": kept.amount.currency,
        "amount": kept.amount.minor,
        "goods": kept.goods.minor,
        "gift": kept.gift.minor if kept.gift else 0,
        "reason": kept.reason,
        "at": kept.at,
        "done_at": kept.at,
    }
    await tx.execute(insert(refunds).values(row))


async def shrink(tx: AsyncConnection, refund: Refund) -> None:
    """What a run has set aside becomes less; nothing at all is no refund."""
    change: dict[str, Any] = {
        "amount": refund.amount.minor,
        "goods": refund.goods.minor,
        "gift": refund.gift.minor if refund.gift else 0,
        "kind": refund.kind,
    }
    if not refund.amount.minor:
        change |= {"state": "dropped", "done_at": refund.at}
    await tx.execute(update(refunds).where(refunds.c.run == refund.run).values(change))


async def free(tx: AsyncConnection, kept_run: str) -> bool:
    """What is kept is about to go back; False if nothing is."""
    freed = (
        update(refunds)
        .where(refunds.c.run == kept_run, refunds.c.state == "kept")
        .values(state="pending", done_at=None)
        .returning(refunds.c.id)
    )
    return (await tx.execute(freed)).first() is not None


async def keep_again(tx: AsyncConnection, kept_run: str, at: datetime) -> None:
    await tx.execute(
        update(refunds)
        .where(refunds.c.run == kept_run, refunds.c.state == "pending")
        .values(state="kept", done_at=at)
    )


async def let_go(tx: AsyncConnection, kept_run: str) -> None:
    await tx.execute(
        update(refunds).where(refunds.c.run == kept_run, refunds.c.state == "kept").values(state="dropped")
    )


def _known(row: Row[Any]) -> Known:
    return Known(
        return_id=row.return_id,
        run=row.run,
        order_id=row.order_id,
        wanted=msgspec.convert(row.wanted, WantedPiece),
        owed=None if row.owed is None else Money(row.owed, row.currency),
        pay_until=row.pay_until,
        replacement_id=row.replacement_id,
        freed_by=row.freed_by,
    )
