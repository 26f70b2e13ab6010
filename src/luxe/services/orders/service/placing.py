"""An order until it is paid, and looking at orders."""

from __future__ import annotations

import secrets

import msgspec
from sqlalchemy.exc import IntegrityError

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import is_id, new_id
from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    Order,
    OrderCancelled,
    OrderDraft,
    OrderPage,
    OrderPaid,
    OrderPlaced,
    TimelineEntry,
)
from luxe.services.orders.domain import NUMBER_LENGTH, hear_number, problems_of, spell_number
from luxe.services.orders.service.foundation import Foundation, demand_address, demand_order, wrong_state
from luxe.services.orders.store import orders as store

MAX_PAGE = 100
NUMBERS_TRIED = 5


class Placing(Foundation):
    async def place(self, *, run: str, draft: OrderDraft) -> Order:
        if problems := problems_of(draft):
            raise errors.PayloadInvalid("the order does not add up", code="draft_invalid", errors=problems)
        checked = _summed(msgspec.structs.replace(draft, address=demand_address(draft.address)))
        for _ in range(NUMBERS_TRIED):
            order = _new_order(run, checked)
            outcome = await store.insert_order(self.db.tx, order)
            if outcome == "closed":
                raise errors.Conflict("this run was given up", code="run_over")
            if outcome == "placed":
                self.db.emit(OrderPlaced(order_id=order.id, account_id=draft.account_id, number=order.number))
                return order
            known = await store.of_run(self.db.tx, run)
            if known is not None:
                return _demand_same(known, checked)
        raise errors.Unavailable("no free order number was found")

    async def mark_paid(
        self, *, run: str, intent_id: str, points_earned: int, serials: dict[str, list[str]]
    ) -> Order:
        try:
            order = await store.pay(
                self.db.tx,
                run,
                intent_id=intent_id,
                points_earned=points_earned,
                serials=serials,
                at=clock.now(),
                actor=context.current().actor,
            )
        except IntegrityError as error:
            raise errors.Conflict("one of these pieces is in another order", code="serial_sold") from error
        if order is None:
            return await self._paid_before(run, intent_id)
        self.db.emit(
            OrderPaid(
                order_id=order.id,
                account_id=order.draft.account_id,
                number=order.number,
                qualifying=order.draft.goods_paid,
                points_earned=points_earned,
            )
        )
        return order

    async def cancel(self, *, run: str, reason: str) -> None:
        await store.close(self.db.tx, run)
        order = await self.move(store.is_of_run(run), "cancel", "cancelled", reason)
        if order is not None:
            self.db.emit(
                OrderCancelled(
                    order_id=order.id, account_id=order.draft.account_id, number=order.number, reason=reason
                )
            )
            return
        known = await store.of_run(self.db.tx, run)
        if known is not None and known.state != "cancelled":
            raise wrong_state(known)

    async def order(self, *, order_id: str, account_id: str = "") -> Order:
        if is_id(order_id, "ord"):
            found = await store.find(self.db.tx, order_id=order_id, account_id=account_id)
        else:
            number = hear_number(order_id)
            found = await store.find(self.db.tx, number=number, account_id=account_id) if number else None
        return demand_order(found)

    async def order_of_run(self, *, run: str) -> Order | None:
        return await store.of_run(self.db.tx, run)

    async def orders(self, *, account_id: str = "", cursor: str = "", limit: int = 25) -> OrderPage:
        if cursor and not is_id(cursor, "ord"):
            raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
        size = max(1, min(limit, MAX_PAGE))
        found = await store.newest(self.db.tx, account_id, cursor, size + 1)
        page = found[:size]
        return OrderPage(items=page, next=page[-1].id if len(found) > size else None)

    async def _paid_before(self, run: str, intent_id: str) -> Order:
        known = demand_order(await store.of_run(self.db.tx, run))
        if known.state != "paid" or await store.intent_of(self.db.tx, run) != intent_id:
            raise wrong_state(known)
        return known


def _summed(draft: OrderDraft) -> OrderDraft:
    """With nought for each sum that was left out, as it is read again."""
    nothing = Money.zero(draft.payable.currency)
    return msgspec.structs.replace(
        draft,
        discount=draft.discount or nothing,
        gift_worth=draft.gift_worth or nothing,
        tax_included=draft.tax_included or nothing,
        tax_added=draft.tax_added or nothing,
    )


def _new_order(run: str, draft: OrderDraft) -> Order:
    at = clock.now()
    return Order(
        id=new_id("ord"),
        number=spell_number(secrets.randbits(5 * NUMBER_LENGTH)),
        state="placed",
        draft=draft,
        run=run,
        points_earned=0,
        placed_at=at,
        paid_at=None,
        timeline=[TimelineEntry(at=at, what="placed", actor=context.current().actor, note="")],
    )


def _demand_same(known: Order, draft: OrderDraft) -> Order:
    if (known.draft.account_id, known.draft.payable, known.draft.paid) != (
        draft.account_id,
        draft.payable,
        draft.paid,
    ):
        raise errors.Conflict("this run already has another order", code="run_reused")
    return known
