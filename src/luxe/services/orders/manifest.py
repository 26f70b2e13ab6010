"""Orders, as the app sees them."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest
from luxe.services.orders import api, tables
from luxe.services.orders.contract import Port
from luxe.services.orders.service import Orders

manifest = Manifest(
    name="orders",
    port=Port,
    build=Orders,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.handlers,
    requires=["inventory"],
)
