"""What compliance says of itself."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.audit import Audited
from luxe.kernel.manifest import Manifest, Reaction
from luxe.services.compliance import api, reactions, tables
from luxe.services.compliance.contract import Port
from luxe.services.compliance.service import Compliance

manifest = Manifest(
    name="compliance",
    port=Port,
    build=Compliance,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.handlers,
    reactions=[Reaction(Audited, reactions.collect_audited)],
)
