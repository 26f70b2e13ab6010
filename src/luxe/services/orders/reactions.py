"""What happens to an order asks for its papers: an invoice when it leaves the house, a credit note when money goes back.
Units that arrive after they were sold have new numbers."""

from __future__ import annotations

from luxe.services.inventory.contract import SoldUnitsArrived
from luxe.services.orders.contract import OrderRefunded, OrderShipped
from luxe.services.orders.service import Orders


async def on_units_arrived(service: Orders, fact: SoldUnitsArrived) -> None:
    await service.note_arrivals(fact.order_ids)


async def on_shipped(service: Orders, fact: OrderShipped) -> None:
    await service.issue_bills(order_id=fact.order_id)


async def is_invoiced(service: Orders, fact: OrderRefunded) -> bool:
    return await service.is_invoiced(fact.order_id)


async def on_refunded(service: Orders, fact: OrderRefunded) -> None:
    await service.issue_bills(order_id=fact.order_id)
