"""An order that is bought but has not left the house: where it goes, and what is noted about it."""

from __future__ import annotations

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import new_id
from luxe.services.orders.contract import (
    LONGEST_NOTE,
    MAX_NOTES,
    Address,
    AddressEdit,
    NoteSide,
    Order,
    OrderNote,
    OrderRedirected,
)
from luxe.services.orders.domain.edits import REDIRECTABLE, obstacle
from luxe.services.orders.service.foundation import Foundation, demand_address, demand_order, wrong_state
from luxe.services.orders.store import edits as store
from luxe.services.orders.store import orders

_WHY = {
    "country_fixed": "an order stays in the country that it was bought for",
    "place_fixed": "its taxes or its appointment are those of the place that it was bought for",
}


class Editing(Foundation):
    async def change_address(self, *, order_id: str, address: Address, account_id: str = "") -> Order:
        wanted = demand_address(address)
        order = await self.locked(order_id)
        _demand_own(order, account_id)
        if order.state not in REDIRECTABLE:
            raise wrong_state(order)
        if wanted == order.draft.address:
            return order
        if reason := obstacle(order.draft, wanted):
            raise errors.Conflict(_WHY[reason], code=reason)
        at, actor = clock.now(), context.current().actor
        edit = AddressEdit(
            id=new_id("edt"), order_id=order.id, at=at, actor=actor, before=order.draft.address, after=wanted
        )
        await store.redirect(self.db.tx, edit, order.draft.account_id)
        await orders.note(self.db.tx, order.id, orders.Moment(what="address_changed"), at, actor)
        self.db.audit("orders.address_changed", order.id, edit=edit.id)
        self.db.emit(
            OrderRedirected(order_id=order.id, account_id=order.draft.account_id, number=order.number)
        )
        return demand_order(await orders.find(self.db.tx, order_id=order.id))

    async def edits(self, *, order_id: str) -> list[AddressEdit]:
        return await store.edits_of(self.db.tx, order_id)

    async def add_note(self, *, key: str, order_id: str, text: str, account_id: str = "") -> OrderNote:
        said = text.strip()
        if not said or len(said) > LONGEST_NOTE or "\0" in said:
            raise errors.BadRequest(f"one to {LONGEST_NOTE} characters", code="note_invalid")
        order = await self.locked(order_id)
        _demand_own(order, account_id)
        if await store.count_notes(self.db.tx, order.id) >= MAX_NOTES:
            raise errors.Conflict("that is enough about one order", code="notes_full")
        note = OrderNote(
            id=new_id("nte"),
            order_id=order.id,
            at=clock.now(),
            actor=context.current().actor,
            side="member" if account_id else "house",
            text=said,
        )
        return await store.add_note(self.db.tx, note, order.draft.account_id, key)

    async def notes(self, *, order_id: str, side: NoteSide | None = None) -> list[OrderNote]:
        return await store.notes_of(self.db.tx, order_id, side)


def _demand_own(order: Order, account_id: str) -> None:
    if account_id and order.draft.account_id != account_id:
        raise errors.NotFound("there is no such order", code="order_unknown")
