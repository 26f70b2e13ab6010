"""The bag, as the app sees it."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest, Reaction
from luxe.services.bag import api, reactions, tables
from luxe.services.bag.contract import Port
from luxe.services.bag.service import BagService
from luxe.services.inventory.contract import StockChanged

manifest = Manifest(
    name="bag",
    port=Port,
    build=BagService,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[
        api.get_bag,
        api.add_line,
        api.put_line,
        api.delete_line,
        api.list_wishes,
        api.put_wish,
        api.delete_wish,
        api.list_waits,
        api.put_wait,
        api.delete_wait,
    ],
    reactions=[Reaction(StockChanged, reactions.on_stock_changed, reactions.is_awaited)],
    requires=["catalog", "inventory"],
)
