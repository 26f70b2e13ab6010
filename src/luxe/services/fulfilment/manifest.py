"""Fulfilment as a unit of the house."""

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest, Reaction
from luxe.services.fulfilment import api, jobs, reactions, tables
from luxe.services.fulfilment.contract import Port
from luxe.services.fulfilment.service import Fulfilment
from luxe.services.orders.contract import OrderCancelled, OrderEdited, OrderRedirected

manifest = Manifest(
    name="fulfilment",
    port=Port,
    build=Fulfilment,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.HANDLERS,
    reactions=[
        Reaction(OrderCancelled, reactions.on_order_cancelled),
        Reaction(OrderEdited, reactions.on_order_edited),
        Reaction(OrderRedirected, reactions.on_order_redirected),
    ],
    jobs=[
        Job(jobs.ask_the_carrier, timedelta(seconds=15)),
        Job(jobs.forget_reservations, timedelta(hours=1)),
    ],
    requires=["orders", "inventory"],
)
