"""Editing, as the app sees it."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest
from luxe.sagas.edit_order import api, tables
from luxe.sagas.edit_order.contract import Port
from luxe.sagas.edit_order.service import EditOrder

manifest = Manifest(
    name="edit_order",
    port=Port,
    build=EditOrder,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[api.start, api.watch],
    requires=["orders", "payments", "promotions", "loyalty", "inventory", "fulfilment"],
)
