"""Returning, as the app sees it."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest, Reaction
from luxe.sagas.return_item import api, reactions, tables
from luxe.sagas.return_item.contract import Port
from luxe.sagas.return_item.service import ReturnItem
from luxe.services.orders.contract import ReturnMoved

manifest = Manifest(
    name="return_item",
    port=Port,
    build=ReturnItem,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[api.start, api.watch, api.window],
    reactions=[Reaction(ReturnMoved, reactions.on_moved, reactions.is_awaited)],
    requires=["orders", "payments", "promotions", "loyalty", "inventory", "membership"],
)
