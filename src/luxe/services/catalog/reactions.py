"""What catalog does when others change: follow a brand's name, and turn the pages it has encoded."""

from __future__ import annotations

from luxe.services.brands.contract import BrandChanged
from luxe.services.catalog.service import Catalog
from luxe.services.inventory.contract import StockChanged
from luxe.services.pricing.contract import PriceChanged


async def follow_brand(service: Catalog, fact: BrandChanged) -> None:
    await service.take_brand(fact.brand_id)


async def turn_on_price(service: Catalog, _: PriceChanged) -> None:
    service.turn_pages()


async def turn_on_stock(service: Catalog, _: StockChanged) -> None:
    service.turn_pages()
