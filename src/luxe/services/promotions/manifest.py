"""Promotions as a unit of the house."""

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest, Reaction
from luxe.services.membership.contract import MembershipActivated, TierChanged
from luxe.services.promotions import api, jobs, reactions, tables
from luxe.services.promotions.contract import Port
from luxe.services.promotions.service import Promotions

manifest = Manifest(
    name="promotions",
    port=Port,
    build=Promotions,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.HANDLERS,
    reactions=[Reaction(MembershipActivated, reactions.welcome), Reaction(TierChanged, reactions.give)],
    jobs=[Job(jobs.forget_wrong_codes, timedelta(minutes=15))],
    requires=["identity"],
)
