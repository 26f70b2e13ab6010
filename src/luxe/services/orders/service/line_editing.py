"""Pieces are taken out of an order that has not left the house, and the difference goes back."""

from __future__ import annotations

import msgspec

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    EditBegun,
    EditPlan,
    KeptLine,
    LineEdit,
    Order,
    OrderDiscount,
    OrderDraft,
    OrderEdited,
    OrderShipped,
    Refund,
    UnitRef,
)
from luxe.services.orders.domain.repricing import EDITABLE, check_lines, plan_of, units_to_free
from luxe.services.orders.service.arriving import Arriving
from luxe.services.orders.service.foundation import demand_order, names_of, wrong_state
from luxe.services.orders.service.refunding import Refunding
from luxe.services.orders.store import line_edits as store
from luxe.services.orders.store import orders, refunds


class LineEditing(Arriving, Refunding):
    async def plan_edit(
        self, *, order_id: str, lines: list[KeptLine], discounts: list[OrderDiscount]
    ) -> EditPlan:
        order = demand_order(await orders.find(self.db.tx, order_id=order_id))
        return await self._plan(order, lines, discounts, [])

    async def begin_edit(
        self,
        *,
        run: str,
        order_id: str,
        lines: list[KeptLine],
        discounts: list[OrderDiscount],
        reason: str,
        spare: list[UnitRef] | None = None,
        expected: Money | None = None,
    ) -> EditBegun:
        """The units are the order's no more from here on, so that whoever buys them next is not refused."""
        order = await self.locked(order_id)
        if known := await self._set_aside_before(run, order_id):
            return EditBegun(refund=known, units=(await self._demand_edit(run)).units)
        plan = await self._plan(order, lines, discounts, spare or [])
        if expected is not None and expected != plan.amount:
            raise errors.Conflict(
                "something else goes back by now",
                code="refund_changed",
                amount=msgspec.to_builtins(plan.amount),
            )
        given = await refunds.of_order(self.db.tx, order_id)
        refund = await self._keep(run, order, given, plan.amount, "edit", reason, (plan.goods, plan.gift))
        await self._write(order, refund, plan)
        return EditBegun(refund=refund, units=plan.units)

    async def begun_edit(self, *, run: str) -> EditBegun | None:
        edit, refund = await store.of_run(self.db.tx, run), await refunds.of_run(self.db.tx, run)
        if edit is None or refund is None or refund.state == "dropped":
            return None
        return EditBegun(refund=refund, units=edit.units)

    async def drop_edit(self, *, run: str) -> None:
        edit = await store.of_run(self.db.tx, run)
        order = await self.locked(edit.order_id) if edit is not None else None
        dropped = await refunds.drop(self.db.tx, run, clock.now())
        if edit is None or order is None or dropped is None:
            return
        await store.rewrite(self.db.tx, order.id, edit.before)
        await store.sell_again(self.db.tx, order.id, edit.units)
        await self.renumber(order.id)
        await self._note(order, "edit_undone", "")

    async def finish_edit(self, *, run: str, points_back: int, points_taken: int) -> None:
        done = await self._finish(run, points_back, points_taken)
        if done is None:
            return
        edit, order = await self._demand_edit(run), await self.locked(done.order_id)
        await store.set_points(self.db.tx, order.id, max(edit.before.points - points_back, 0))
        self.db.emit(
            OrderEdited(
                order_id=order.id,
                account_id=order.draft.account_id,
                number=order.number,
                edit_id=edit.id,
                refunded=done.amount,
                reason=done.reason,
            )
        )
        if order.state == "partly_shipped" and not await self._are_here(order.id):
            await self._all_has_left(order)

    async def line_edits(self, *, order_id: str) -> list[LineEdit]:
        return await store.of_order(self.db.tx, order_id)

    async def _plan(
        self, order: Order, lines: list[KeptLine], discounts: list[OrderDiscount], spare: list[UnitRef]
    ) -> EditPlan:
        if order.state not in EDITABLE:
            raise wrong_state(order)
        given = await refunds.of_order(self.db.tx, order.id)
        if any(refund.state == "pending" for refund in given):
            raise errors.Conflict("money is on its way back for this order", code="refund_under_way")
        check_lines(order.draft, lines)
        gone = {
            name
            for unit in await self.units_of(order.id)
            if unit.state == "shipped"
            for name in names_of(unit)
        }
        units = units_to_free(order.draft, lines, gone, {(unit.variant_id, unit.serial) for unit in spare})
        return plan_of(order.draft, lines, discounts, given, units)

    async def _write(self, order: Order, refund: Refund, plan: EditPlan) -> None:
        edit = LineEdit(
            id=new_id("led"),
            order_id=order.id,
            run=refund.run,
            at=refund.at,
            actor=context.current().actor,
            reason=refund.reason,
            state=refund.state,
            pieces=[],
            units=plan.units,
            amount=plan.amount,
            before=_unsaid(plan.before),
            after=_unsaid(plan.after),
        )
        await store.add(self.db.tx, edit, order.draft.account_id)
        await store.rewrite(self.db.tx, order.id, plan.after)
        if plan.units:
            await store.unsell(self.db.tx, order.id, plan.units)
        await self._note(order, "edited", refund.reason)

    async def _note(self, order: Order, what: str, note: str) -> None:
        moment = orders.Moment(what=what, note=note)
        await orders.note(self.db.tx, order.id, moment, clock.now(), context.current().actor)

    async def _demand_edit(self, run: str) -> LineEdit:
        edit = await store.of_run(self.db.tx, run)
        if edit is None:
            raise errors.Conflict("this run edits nothing", code="run_reused")
        return edit

    async def _are_here(self, order_id: str) -> bool:
        return any(unit.state != "shipped" for unit in await self.units_of(order_id))

    async def _all_has_left(self, order: Order) -> None:
        """What was still to go does not go any more: the last parcel that left was the last."""
        left = [entry.note for entry in order.timeline if entry.what == "partly_shipped"]
        moved = await self.move(orders.is_order(order.id), "ship", "shipped", left[-1] if left else "")
        assert moved is not None, "the order is locked in a state that may be shipped"
        self.db.emit(
            OrderShipped(
                order_id=order.id,
                account_id=order.draft.account_id,
                number=order.number,
                shipment=left[-1] if left else "",
            )
        )


def _unsaid(draft: OrderDraft) -> OrderDraft:
    """A gift's message is kept in one place alone, where it can be blanked."""
    return msgspec.structs.replace(draft, gift_message="")
