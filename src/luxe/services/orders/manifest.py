"""Orders, as the app sees them."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest, Reaction
from luxe.services.inventory.contract import SoldUnitsArrived
from luxe.services.orders import api, reactions, tables
from luxe.services.orders.contract import OrderRefunded, OrderShipped, Port
from luxe.services.orders.service import Orders

manifest = Manifest(
    name="orders",
    port=Port,
    build=Orders,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.handlers,
    reactions=[
        Reaction(SoldUnitsArrived, reactions.on_units_arrived),
        Reaction(OrderShipped, reactions.on_shipped),
        Reaction(OrderRefunded, reactions.on_refunded, reactions.is_invoiced),
    ],
    requires=["identity", "inventory"],
)
