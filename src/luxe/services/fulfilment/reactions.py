"""What fulfilment does when something has happened to an order."""

from __future__ import annotations

from luxe.services.fulfilment.service import Fulfilment
from luxe.services.orders.contract import OrderCancelled


async def on_order_cancelled(service: Fulfilment, fact: OrderCancelled) -> None:
    """Nobody comes, and nothing that is packed goes."""
    await service.call_off_of(fact.order_id)
    await service.end_appointment(order_id=fact.order_id)
