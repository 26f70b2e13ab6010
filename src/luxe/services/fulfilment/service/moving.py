"""A shipment moves, by what an operator or the carrier says of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from luxe.kernel import clock, context
from luxe.kernel.errors import NotFound
from luxe.services.fulfilment.contract import (
    Shipment,
    ShipmentEvent,
    ShipmentMoved,
    ShipmentState,
)
from luxe.services.fulfilment.service.foundation import Foundation
from luxe.services.fulfilment.store import shipments as store
from luxe.services.fulfilment.store.shipments import Kept
from luxe.services.orders.contract import Address
from luxe.services.orders.contract import UnitRef as OrderUnit

CALL_LASTS = timedelta(seconds=30)
"""Longer than any call to the carrier is on its way."""


class Moving(Foundation):
    ask_every = timedelta(minutes=10)

    async def leave(self, kept: Kept) -> None:
        """The units leave the house, by the books of orders and inventory; those that are sent again have left before."""
        if not kept.resent:
            await self.orders.ship(
                order_id=kept.shipment.order_id,
                key=kept.shipment.number,
                units=[
                    OrderUnit(variant_id=unit.variant_id, serial=unit.serial) for unit in kept.shipment.units
                ],
                address=address_of(kept),
            )

    async def note_moved(
        self,
        kept: Kept,
        to: ShipmentState,
        at: datetime,
        *,
        note: str = "",
        spot: str = "",
        source: str | None = None,
        seq: int | None = None,
    ) -> None:
        """Under the lock of the order's shipments, along the table of moves."""
        now = clock.now()
        said = ShipmentEvent(
            at=at,
            heard_at=now,
            state=to,
            place=spot,
            note=note,
            actor=context.current().actor,
            moved=True,
        )
        await store.note_event(self.db.tx, kept.shipment.id, said, source)
        await store.move(self.db.tx, kept.shipment.id, to, now, seq)
        self.db.audit(f"fulfilment.{to}", kept.shipment.id, order=kept.shipment.order_number, note=note)
        self.tell(kept.shipment, to, note)
        if to == "delivered":
            await self._deliver(kept.shipment)

    def tell(self, shipment: Shipment, state: ShipmentState, note: str) -> None:
        self.db.emit(
            ShipmentMoved(
                shipment_id=shipment.id,
                number=shipment.number,
                order_id=shipment.order_id,
                order_number=shipment.order_number,
                account_id=shipment.account_id,
                state=state,
                method=shipment.method,
                carrier=shipment.carrier,
                tracking_number=shipment.tracking_number,
                note=note,
            )
        )

    async def deliver_if_all_has_come(self, order_id: str) -> None:
        """What was still to go of an order may not go any more, after all else has arrived."""
        arrived = await store.listed(self.db.tx, order_id, "delivered", False, "", 1)
        if arrived:
            await self._deliver(arrived[0])

    async def _deliver(self, shipment: Shipment) -> None:
        """An order is delivered when it has left altogether and every shipment that counts has arrived."""
        states = set(await store.states_of_order(self.db.tx, shipment.order_id))
        if states - {"called_off", "returned_to_sender", "delivered"}:
            return
        order = await self.orders.order(order_id=shipment.order_id)
        if order.state == "shipped":
            await self.orders.deliver(order_id=order.id, key=shipment.number)


def demand(found: Kept | None) -> Kept:
    if found is None:
        raise NotFound("there is no such shipment", code="shipment_unknown")
    return found


def address_of(kept: Kept) -> Address:
    """What its label says."""
    return Address(**{name: kept.parcel[name] for name in Address.__struct_fields__})
