"""Membership as a unit of the house."""

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest, Reaction
from luxe.services.identity.contract import AccountRegistered
from luxe.services.membership import api, jobs, reactions, tables
from luxe.services.membership.contract import Port
from luxe.services.membership.service import Membership
from luxe.services.orders.contract import OrderCancelled, OrderPaid, OrderRefunded

manifest = Manifest(
    name="membership",
    port=Port,
    build=Membership,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.handlers,
    reactions=[
        Reaction(AccountRegistered, reactions.use_place),
        Reaction(OrderPaid, reactions.count_order),
        Reaction(OrderCancelled, reactions.reverse_order),
        Reaction(OrderRefunded, reactions.reduce_order),
    ],
    jobs=[
        Job(jobs.free_places, timedelta(minutes=10)),
        Job(jobs.mature_spend, timedelta(minutes=1)),
        Job(jobs.lapse_memberships, timedelta(minutes=1)),
    ],
)
