"""From the shelf to the carrier: units are packed, the carrier is booked, the parcel is handed over or called off.

A booking is wished for in one transaction, the carrier is asked by the shipment's id, its answer is recorded in another.
A crash or a lost answer leaves the wish behind: the same call, or the sweep, asks again by the same key.
"""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from luxe.kernel import clock, context
from luxe.kernel.errors import BadRequest, Conflict, DeadlineExceeded, Unavailable
from luxe.kernel.ids import new_id
from luxe.services.fulfilment.contract import PackedUnit, Shipment, ShipmentEvent
from luxe.services.fulfilment.domain.shipping import PACKABLE, needs_carrier, pick, spell_number
from luxe.services.fulfilment.service.carrier import Booked, CarrierRefused, Parcel
from luxe.services.fulfilment.service.moving import CALL_LASTS, Moving, address_of, demand
from luxe.services.fulfilment.store import shipments as store
from luxe.services.fulfilment.store.shipments import Kept
from luxe.services.inventory.contract import Unit
from luxe.services.orders.contract import Address, Order

NO_ANSWER = "the carrier has not answered yet"


class Packing(Moving):
    async def ship(
        self, *, key: str, order_id: str, units: list[PackedUnit] | None, method: str, operator_id: str
    ) -> Shipment:
        if not key or not operator_id:
            raise BadRequest("a key, and who packs", code="key_missing")
        async with self.db.transaction():
            kept = await store.by_key(self.db.tx, operator_id, key)
            if kept is None:
                kept = await self._pack(key, order_id, units, method, operator_id)
        if order_id not in (kept.shipment.order_id, kept.shipment.order_number):
            raise Conflict("this key packed another order", code="key_reused")
        return await self._booked(kept)

    async def book(self, *, shipment_id: str) -> Shipment:
        async with self.db.transaction():
            kept = demand(await store.lock(self.db.tx, await self._id_of(shipment_id)))
            if kept.shipment.state == "packed":
                await store.note_booking(self.db.tx, kept.shipment.id, ("refused",), "wanted", problem="")
            kept = demand(await store.find(self.db.tx, kept.shipment.id))
        return await self._booked(kept)

    async def hand_over(self, *, shipment_id: str) -> Shipment:
        kept = demand(await store.lock(self.db.tx, await self._id_of(shipment_id)))
        if kept.shipment.state == "packed":
            if kept.shipment.booking not in ("none", "booked"):
                raise Conflict("the carrier has not been booked", code="not_booked")
            await self.leave(kept)
            await self.note_moved(kept, "handed_over", clock.now())
        elif kept.shipment.state == "called_off":
            raise Conflict("this shipment was called off", code="shipment_state", state="called_off")
        return await self._shown(kept.shipment.id)

    async def call_off(self, *, shipment_id: str, reason: str) -> Shipment:
        async with self.db.transaction():
            kept = demand(await store.lock(self.db.tx, await self._id_of(shipment_id)))
            if kept.shipment.state == "packed":
                await self.note_moved(kept, "called_off", clock.now(), note=reason.strip())
                await store.note_booking(
                    self.db.tx, kept.shipment.id, ("wanted", "booked"), "cancelling", problem=""
                )
            elif kept.shipment.state != "called_off":
                raise Conflict("it has left the house", code="shipment_state", state=kept.shipment.state)
            kept = demand(await store.find(self.db.tx, kept.shipment.id))
        return await self.cancelled(kept)

    async def cancelled(self, kept: Kept) -> Shipment:
        """The label of a shipment that was called off is cancelled, as far as the carrier can be asked. A booking whose
        answer was lost may still arrive there for as long as a call lasts, and is waited for."""
        if kept.shipment.booking != "cancelling":
            return kept.shipment
        problem, done = "", False
        try:
            found = await self.carrier.find(kept.shipment.id)
            if found is not None:
                await self.carrier.cancel(found.carrier_id)
                done = True
            else:
                done = clock.now() >= kept.shipment.changed_at + CALL_LASTS
        except CarrierRefused as refused:
            problem = refused.message or refused.code
        except (DeadlineExceeded, Unavailable):
            done = False
        async with self.db.transaction():
            if done:
                await store.note_booking(self.db.tx, kept.shipment.id, ("cancelling",), "cancelled")
            elif problem:
                await store.note_problem(self.db.tx, kept.shipment.id, problem)
            return await self._shown(kept.shipment.id)

    async def call_off_of(
        self, order_id: str, why: str = "the order was cancelled", to: Address | None = None
    ) -> None:
        """What is packed of an order does not go, unless it goes to the address given. Labels are cancelled by the sweep."""
        for shipment_id in await store.packed_of_order(self.db.tx, order_id):
            kept = demand(await store.lock(self.db.tx, shipment_id))
            if kept.shipment.state == "packed" and address_of(kept) != to:
                await self._does_not_go(kept, why)

    async def call_off_edited(self, order_id: str) -> None:
        """Some packed units are not the order's any more; what is packed with them is packed anew."""
        own = {(unit.variant_id, unit.serial) for unit in await self._stock(order_id)}
        for shipment_id in await store.packed_of_order(self.db.tx, order_id):
            kept = demand(await store.lock(self.db.tx, shipment_id))
            packed = {(unit.variant_id, unit.serial) for unit in kept.shipment.units}
            if kept.shipment.state == "packed" and not packed <= own:
                await self._does_not_go(kept, "pieces were taken out of the order")
        await self.deliver_if_all_has_come(order_id)

    async def _does_not_go(self, kept: Kept, why: str) -> None:
        await self.note_moved(kept, "called_off", clock.now(), note=why)
        await store.note_booking(self.db.tx, kept.shipment.id, ("wanted", "booked"), "cancelling")
        await store.ask_later(self.db.tx, kept.shipment.id, clock.now())

    async def call_off_misdirected(self, order_id: str) -> None:
        """The order goes elsewhere than some of its labels say."""
        order = await self.orders.order(order_id=order_id)
        await self.call_off_of(order.id, "the order goes to another address", order.draft.address)

    async def _pack(
        self, key: str, order_id: str, units: list[PackedUnit] | None, method: str, operator_id: str
    ) -> Kept:
        order = await self.orders.order(order_id=order_id)
        if order.state not in PACKABLE:
            raise Conflict(f"the order is {order.state}", code="order_state", state=order.state)
        stock, live = await self._stock(order.id), await store.live_units(self.db.tx, order.id)
        if (known := await store.by_key(self.db.tx, operator_id, key)) is not None:
            return known  # what its other press has packed by now is live
        picked = pick(stock, live, units)
        now, shipment_id = clock.now(), new_id("shp")
        number = spell_number(secrets.randbits(40))
        chosen = method or order.draft.delivery_method or "standard"
        carried = needs_carrier(chosen) and bool(self.settings.carrier_url)
        parcel = _parcel(order, shipment_id, number, chosen, len(picked.units))
        row = {
            "id": shipment_id,
            "number": number,
            "key": key,
            "order_id": order.id,
            "order_number": order.number,
            "account_id": order.draft.account_id,
            "method": chosen,
            "state": "packed",
            "resent": picked.resent,
            "booking": "wanted" if carried else "none",
            "parcel": msgspec.to_builtins(parcel),
            "packed_by": operator_id,
            "packed_at": now,
            "changed_at": now,
            "ask_at": now + CALL_LASTS,
        }
        try:
            new = await store.add(self.db.tx, row, picked.units)
        except store.UnitTaken as error:
            raise Conflict("one of these is in another shipment", code="unit_packed") from error
        if not new:
            return demand(await store.by_key(self.db.tx, operator_id, key))
        said = ShipmentEvent(
            at=now,
            heard_at=now,
            state="packed",
            place="",
            note="",
            actor=context.current().actor,
            moved=True,
        )
        await store.note_event(self.db.tx, shipment_id, said)
        self.db.audit("fulfilment.packed", shipment_id, order=order.number, units=len(picked.units))
        kept = demand(await store.find(self.db.tx, shipment_id))
        self.tell(kept.shipment, "packed", "")
        return kept

    async def _booked(self, kept: Kept) -> Shipment:
        """Asks the carrier for what is wished for; a wish whose answer is lost stays."""
        shipment = kept.shipment
        if shipment.booking != "wanted" or shipment.state != "packed":
            return shipment
        parcel = msgspec.convert(kept.parcel, Parcel)
        try:
            answer = await self._book_or_ask(parcel)
        except CarrierRefused as refused:
            async with self.db.transaction():
                problem = refused.message or refused.code
                await store.note_booking(self.db.tx, shipment.id, ("wanted",), "refused", problem=problem)
                return await self._shown(shipment.id)
        except (DeadlineExceeded, Unavailable):
            async with self.db.transaction():
                await store.note_problem(self.db.tx, shipment.id, NO_ANSWER)
                return await self._shown(shipment.id)
        async with self.db.transaction():
            await self._note_booked(shipment, answer)
            return await self._shown(shipment.id)

    async def _book_or_ask(self, parcel: Parcel) -> Booked:
        try:
            return await self.carrier.book(parcel)
        except DeadlineExceeded:
            found = await self.carrier.find(parcel.reference)
            if found is None:
                raise
            return found

    async def _note_booked(self, shipment: Shipment, answer: Booked) -> None:
        """If it was called off meanwhile, the sweep cancels the label."""
        noted = await store.note_booking(
            self.db.tx,
            shipment.id,
            ("wanted",),
            "booked",
            problem="",
            carrier=answer.carrier,
            carrier_id=answer.carrier_id,
            tracking_number=answer.tracking_number,
            tracking_url=answer.tracking_url,
            ask_at=clock.now() + self.ask_every,
        )
        if not noted:
            await store.note_booking(self.db.tx, shipment.id, ("cancelled",), "cancelling")
        elif answer.label:
            now = clock.now()
            await store.keep_label(self.db.tx, shipment.id, shipment.account_id, answer.label, now)

    async def _stock(self, order_id: str) -> list[Unit]:
        found: list[Unit] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await self.inventory.units(order_id=order_id, cursor=cursor, limit=100)
            found += page.items
            cursor = page.next
        return found

    async def _id_of(self, shipment_id: str) -> str:
        return demand(await store.find(self.db.tx, shipment_id)).shipment.id

    async def _shown(self, shipment_id: str) -> Shipment:
        return demand(await store.find(self.db.tx, shipment_id)).shipment


def _parcel(order: Order, shipment_id: str, number: str, service: str, pieces: int) -> Parcel:
    address: Any = order.draft.address
    names = ("name", "line1", "line2", "city", "region", "postcode", "country", "phone")
    return Parcel(
        reference=shipment_id,
        number=number,
        service=service,
        pieces=pieces,
        **{name: getattr(address, name) for name in names},
    )
