"""What the catalog service consists of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest, Reaction
from luxe.services.brands.contract import BrandChanged
from luxe.services.catalog import api
from luxe.services.catalog.contract import Port
from luxe.services.catalog.jobs import reveal
from luxe.services.catalog.reactions import follow_brand, turn_on_price, turn_on_stock
from luxe.services.catalog.service import Catalog
from luxe.services.catalog.tables import metadata
from luxe.services.inventory.contract import StockChanged
from luxe.services.pricing.contract import PriceChanged

manifest = Manifest(
    name="catalog",
    port=Port,
    build=Catalog,
    metadata=metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[api.list_products, api.read_product, api.list_categories],
    reactions=[
        Reaction(BrandChanged, follow_brand),
        Reaction(PriceChanged, turn_on_price),
        Reaction(StockChanged, turn_on_stock),
    ],
    jobs=[Job(reveal, timedelta(seconds=5))],
    requires=["brands", "media", "pricing", "inventory"],
)
