"""From the house to the member."""

from __future__ import annotations

from luxe.kernel import errors
from luxe.kernel.ids import is_id
from luxe.services.orders.contract import (
    Address,
    Order,
    OrderDelivered,
    OrderPage,
    OrderShipped,
    UnitRef,
)
from luxe.services.orders.domain import sources
from luxe.services.orders.service.foundation import Foundation, wrong_state
from luxe.services.orders.service.refunding import demand_unedited
from luxe.services.orders.store import orders, refunds

LEFT = ("partly_shipped", "shipped")
MAX_PAGE = 100


class Delivering(Foundation):
    async def ship(
        self,
        *,
        order_id: str,
        key: str = "",
        units: list[UnitRef] | None = None,
        address: Address | None = None,
    ) -> Order:
        """Inventory is told while the order is locked: if it refuses, nothing has changed; if the commit is lost after it
        has agreed, the same call tells it again, and whoever cancels instead takes shipped units back as well."""
        order = await self.locked(order_id)
        if _has_left(order, key):
            return order
        if order.state not in sources("ship"):
            raise wrong_state(order)
        demand_unedited(await refunds.of_order(self.db.tx, order.id))
        if address is not None and address != order.draft.address:
            raise errors.Conflict("the order goes elsewhere by now", code="address_changed")
        if units is not None:
            _demand_units(order, units)
        await self.inventory.ship(
            order_id=order.id,
            key=f"ship {key or order.id}",
            serials=None if units is None else [unit.serial for unit in units],
        )
        last = all(unit.state == "shipped" for unit in await self.units_of(order.id))
        what = "shipped" if last else "partly_shipped"
        moved = await self.move(orders.is_order(order.id), "ship" if last else "ship_some", what, key)
        assert moved is not None, "the order is locked in a state that may be shipped"
        self.db.audit(f"orders.{what}", order.id, shipment=key)
        if last:
            self.db.emit(
                OrderShipped(
                    order_id=order.id, account_id=order.draft.account_id, number=order.number, shipment=key
                )
            )
        return moved

    async def deliver(self, *, order_id: str, key: str = "") -> Order:
        order = await self.move(orders.is_order(order_id), "deliver", "delivered", key)
        if order is None:
            return await self._been(order_id, "delivered")
        self.db.audit("orders.delivered", order.id)
        self.db.emit(
            OrderDelivered(order_id=order.id, account_id=order.draft.account_id, number=order.number)
        )
        return order

    async def to_ship(self, *, cursor: str = "", limit: int = 25) -> OrderPage:
        if cursor and not is_id(cursor, "ord"):
            raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
        size = max(1, min(limit, MAX_PAGE))
        found = await orders.to_ship(self.db.tx, cursor, size + 1)
        page = found[:size]
        return OrderPage(items=page, next=page[-1].id if len(found) > size else None)

    async def _been(self, order_id: str, what: str) -> Order:
        """The order, if that has happened to it before."""
        order = await self.locked(order_id)
        if all(entry.what != what for entry in order.timeline):
            raise wrong_state(order)
        return order


def _has_left(order: Order, key: str) -> bool:
    """The shipment is on the timeline; or, without one, all of the order."""
    left = [entry for entry in order.timeline if entry.what in LEFT]
    if key:
        return any(entry.note == key for entry in left)
    return any(entry.what == "shipped" for entry in left)


def _demand_units(order: Order, units: list[UnitRef]) -> None:
    own = {(line.variant_id, serial) for line in order.draft.lines for serial in line.serials}
    if not units or any((unit.variant_id, unit.serial) not in own for unit in units):
        raise errors.Conflict("these are not units of this order", code="unit_unknown")
