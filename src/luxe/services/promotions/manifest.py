"""Promotions as a unit of the house."""

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest
from luxe.services.promotions import api, jobs, tables
from luxe.services.promotions.contract import Port
from luxe.services.promotions.service import Promotions

manifest = Manifest(
    name="promotions",
    port=Port,
    build=Promotions,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.HANDLERS,
    jobs=[Job(jobs.forget_wrong_codes, timedelta(minutes=15))],
)
