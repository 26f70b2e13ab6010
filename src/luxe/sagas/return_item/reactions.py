"""What people decide about a return wakes the run that waits for it."""

from __future__ import annotations

from luxe.sagas.return_item.service import ReturnItem
from luxe.services.orders.contract import ReturnMoved

_AWAITED = ("approved", "declined", "withdrawn", "inspected")


async def is_awaited(_: ReturnItem, fact: ReturnMoved) -> bool:
    return fact.state in _AWAITED


async def on_moved(service: ReturnItem, fact: ReturnMoved) -> None:
    await service.moved(run=fact.run, state=fact.state)
