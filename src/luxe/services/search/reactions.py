"""Facts that make the index stale; the work itself is done in batches by the job."""

from __future__ import annotations

from luxe.services.catalog.contract import ProductChanged
from luxe.services.inventory.contract import StockChanged
from luxe.services.pricing.contract import PriceChanged
from luxe.services.search.service import Search


async def mark_product(service: Search, fact: ProductChanged) -> None:
    await service.mark("product", fact.product_id)


async def mark_price(service: Search, fact: PriceChanged) -> None:
    await service.mark("variant", fact.variant_id)


async def mark_stock(service: Search, fact: StockChanged) -> None:
    await service.mark("variant", fact.variant_id)
