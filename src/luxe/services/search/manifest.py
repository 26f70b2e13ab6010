"""What the search service consists of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest, Reaction
from luxe.services.catalog.contract import ProductChanged
from luxe.services.inventory.contract import StockChanged
from luxe.services.pricing.contract import PriceChanged
from luxe.services.search.api import search, suggest
from luxe.services.search.contract import Port
from luxe.services.search.jobs import catch_up
from luxe.services.search.reactions import mark_price, mark_product, mark_stock
from luxe.services.search.service import Search
from luxe.services.search.tables import metadata

manifest = Manifest(
    name="search",
    port=Port,
    build=Search,
    metadata=metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[search, suggest],
    reactions=[
        Reaction(ProductChanged, mark_product),
        Reaction(PriceChanged, mark_price),
        Reaction(StockChanged, mark_stock),
    ],
    jobs=[Job(catch_up, timedelta(milliseconds=500))],
    requires=["brands", "catalog", "pricing", "inventory"],
)
