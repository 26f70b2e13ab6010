"""What goes back of an order's payment: all that is left when it is cancelled, or a part of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.orders.contract import Order, OrderCancelled, OrderRefunded, Refund, RefundKind
from luxe.services.orders.domain import sources
from luxe.services.orders.domain.refunds import REFUNDABLE, gift_part, goods_part, left
from luxe.services.orders.service.foundation import demand_order, wrong_state
from luxe.services.orders.service.keeping import Keeping
from luxe.services.orders.store import orders, refunds


class Refunding(Keeping):
    async def begin_cancelling(self, *, run: str, order_id: str, reason: str) -> Refund:
        order = await self.locked(order_id)
        if known := await self._set_aside_before(run, order_id):
            return await self.with_kept(known, order)
        if order.state not in sources("close"):
            raise wrong_state(order)
        given = await refunds.of_order(self.db.tx, order_id)
        if any(refund.state == "pending" for refund in given):
            raise errors.Conflict("money is on its way back for this order", code="refund_under_way")
        if await self.move(orders.is_order(order_id), "close", "cancelling", reason) is None:
            raise wrong_state(order)
        refund = await self._keep(run, order, given, left(order.draft, given), "cancellation", reason)
        return await self.with_kept(refund, order)

    async def reopen(self, *, run: str) -> None:
        await self.keep_again(run)
        order_id = await refunds.drop(self.db.tx, run, clock.now())
        if order_id is not None and await self.move(orders.is_order(order_id), "reopen", "reopened") is None:
            raise wrong_state(await self.locked(order_id))

    async def finish_cancelling(
        self, *, run: str, points_back: int, points_taken: int, kept_back: int = 0, kept_taken: int = 0
    ) -> None:
        done = await self._finish(run, points_back, points_taken)
        if done is None:
            return
        await self._finish_kept(run, kept_back, kept_taken)
        order = await self.move(orders.is_order(done.order_id), "finish", "cancelled", done.reason)
        if order is None:
            raise wrong_state(await self.locked(done.order_id))
        await orders.unsell(self.db.tx, order.id)
        self.db.emit(
            OrderCancelled(
                order_id=order.id,
                account_id=order.draft.account_id,
                number=order.number,
                reason=done.reason,
                refunded=done.amount,
            )
        )

    async def set_aside(
        self, *, run: str, order_id: str, amount: Money, kind: RefundKind, reason: str
    ) -> Refund:
        order = await self.locked(order_id)
        if known := await self._set_aside_before(run, order_id):
            return known
        if order.state not in REFUNDABLE:
            raise wrong_state(order)
        given = await refunds.of_order(self.db.tx, order_id)
        demand_unedited(given)
        most = left(order.draft, given)
        if amount.currency != most.currency or amount.minor <= 0:
            raise errors.BadRequest(f"an amount above zero in {most.currency}", code="refund_invalid")
        if amount > most:
            raise errors.Conflict(
                "that is more than is left", code="refund_too_much", left=msgspec.to_builtins(most)
            )
        return await self._keep(run, order, given, amount, kind, reason)

    async def drop_refund(self, *, run: str) -> None:
        await self.keep_again(run)
        await refunds.drop(self.db.tx, run, clock.now())

    async def finish_refund(self, *, run: str, points_back: int, points_taken: int) -> None:
        await self._finish(run, points_back, points_taken)

    async def refunds(self, *, order_id: str) -> list[Refund]:
        return [each for each in await refunds.of_order(self.db.tx, order_id) if each.state != "kept"]

    async def _set_aside_before(self, run: str, order_id: str) -> Refund | None:
        known = await refunds.of_run(self.db.tx, run)
        if known is None:
            return None
        if known.state == "dropped":
            raise errors.Conflict("this run was given up", code="run_over")
        if known.order_id != order_id:
            raise errors.Conflict("this run gives back for another order", code="run_reused")
        return known

    async def _keep(
        self,
        run: str,
        order: Order,
        given: list[Refund],
        amount: Money,
        kind: RefundKind,
        reason: str,
        parts: tuple[Money, Money] | None = None,
    ) -> Refund:
        """`parts`, if they are known: what was paid for pieces, and what goes back to gift cards."""
        goods, gift = parts or (
            goods_part(order.draft, given, amount),
            gift_part(order.draft, given, amount),
        )
        refund = Refund(
            id=new_id("rfd"),
            order_id=order.id,
            run=run,
            payment_run=order.run,
            kind=kind,
            state="pending",
            amount=amount,
            goods=goods,
            reason=reason,
            points_back=0,
            points_taken=0,
            at=clock.now(),
            done_at=None,
            gift=gift,
        )
        await refunds.insert_refund(self.db.tx, refund)
        self.db.audit("orders.refund_set_aside", order.id, refund=refund.id, kind=kind, amount=amount)
        return refund

    async def _finish_kept(self, run: str, points_back: int, points_taken: int) -> None:
        if freed := await self.freed_run(run):
            await self._finish(freed, points_back, points_taken)

    async def _finish(self, run: str, points_back: int, points_taken: int) -> Refund | None:
        """None if this run has finished before; refused if it has nothing to finish."""
        at = clock.now()
        done = await refunds.finish(self.db.tx, run, points_back, points_taken, at)
        if done is None:
            known = await refunds.of_run(self.db.tx, run)
            if known is None or known.state != "done":
                raise errors.Conflict("this run gives nothing back", code="run_over")
            return None
        order = demand_order(await orders.find(self.db.tx, order_id=done.order_id))
        if done.amount.minor:
            moment = orders.Moment(what="refunded", note=done.reason)
            await orders.note(self.db.tx, order.id, moment, at, context.current().actor)
        self.db.emit(
            OrderRefunded(
                order_id=order.id,
                account_id=order.draft.account_id,
                number=order.number,
                refund_id=done.id,
                kind=done.kind,
                amount=done.amount,
                qualifying=done.goods,
                points_back=points_back,
                points_taken=points_taken,
                gift=done.gift,
            )
        )
        return done


def demand_unedited(given: Sequence[Refund]) -> None:
    """While pieces are taken out of an order nothing else is done with it: it may yet be what it was."""
    if any(refund.kind == "edit" and refund.state == "pending" for refund in given):
        raise errors.Conflict("pieces are being taken out of this order", code="edit_under_way")
