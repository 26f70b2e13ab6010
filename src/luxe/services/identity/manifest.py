"""What identity says of itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest, Reaction
from luxe.services.identity import api, jobs, reactions, tables
from luxe.services.identity.contract import Port
from luxe.services.identity.service import Identity
from luxe.services.membership.contract import MembershipActivated, MembershipLapsed

manifest = Manifest(
    name="identity",
    port=Port,
    build=Identity,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.handlers,
    reactions=[
        Reaction(MembershipActivated, reactions.welcome_member),
        Reaction(MembershipLapsed, reactions.part_from_member),
    ],
    jobs=[Job(jobs.clear_leftovers, timedelta(minutes=10))],
)
