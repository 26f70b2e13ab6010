"""Loyalty as a unit of the house."""

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest
from luxe.services.loyalty import api, jobs, tables
from luxe.services.loyalty.contract import Port
from luxe.services.loyalty.service import Loyalty

manifest = Manifest(
    name="loyalty",
    port=Port,
    build=Loyalty,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.HANDLERS,
    jobs=[
        Job(jobs.expire_points, timedelta(minutes=10)),
        Job(jobs.recount_points, timedelta(minutes=5)),
    ],
)
