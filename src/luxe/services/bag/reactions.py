"""What inventory says of a piece that somebody waits for."""

from __future__ import annotations

from luxe.services.bag.service import BagService
from luxe.services.inventory.contract import StockChanged


async def is_awaited(service: BagService, fact: StockChanged) -> bool:
    return await service.is_awaited(fact.variant_id)


async def on_stock_changed(service: BagService, fact: StockChanged) -> None:
    await service.look_again(fact.variant_id)
