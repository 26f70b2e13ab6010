"""From the house to the member."""

from __future__ import annotations

from luxe.services.orders.contract import Order, OrderDelivered, OrderShipped
from luxe.services.orders.service.foundation import Foundation, wrong_state
from luxe.services.orders.store import orders


class Delivering(Foundation):
    async def ship(self, *, order_id: str) -> Order:
        """Inventory is told while the order is locked: if it refuses, nothing has changed; if the commit is lost after it
        has agreed, the same call tells it again, and whoever cancels instead takes shipped units back as well."""
        order = await self.move(orders.is_order(order_id), "ship", "shipped")
        if order is None:
            return await self._been(order_id, "shipped")
        await self.inventory.ship(order_id=order.id, key=f"ship {order.id}")
        self.db.audit("orders.shipped", order.id)
        self.db.emit(OrderShipped(order_id=order.id, account_id=order.draft.account_id, number=order.number))
        return order

    async def deliver(self, *, order_id: str) -> Order:
        order = await self.move(orders.is_order(order_id), "deliver", "delivered")
        if order is None:
            return await self._been(order_id, "delivered")
        self.db.audit("orders.delivered", order.id)
        self.db.emit(
            OrderDelivered(order_id=order.id, account_id=order.draft.account_id, number=order.number)
        )
        return order

    async def _been(self, order_id: str, what: str) -> Order:
        """The order, if that has happened to it before."""
        order = await self.locked(order_id)
        if all(entry.what != what for entry in order.timeline):
            raise wrong_state(order)
        return order
