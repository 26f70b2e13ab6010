"""What fulfilment does when something has happened to an order."""

from __future__ import annotations

from luxe.services.fulfilment.service import Fulfilment
from luxe.services.orders.contract import OrderCancelled, OrderEdited, OrderRedirected


async def on_order_cancelled(service: Fulfilment, fact: OrderCancelled) -> None:
    """Nobody comes, and nothing that is packed goes."""
    await service.call_off_of(fact.order_id)
    await service.end_appointment(order_id=fact.order_id)


async def on_order_edited(service: Fulfilment, fact: OrderEdited) -> None:
    """A parcel with a piece in it that is not the order's any more does not go."""
    await service.call_off_edited(fact.order_id)


async def on_order_redirected(service: Fulfilment, fact: OrderRedirected) -> None:
    """What is packed has the wrong label, and is packed again."""
    await service.call_off_misdirected(fact.order_id)
