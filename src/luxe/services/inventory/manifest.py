"""Inventory, as the app sees it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest
from luxe.services.inventory import api, jobs, tables
from luxe.services.inventory.contract import Port
from luxe.services.inventory.service import Inventory

manifest = Manifest(
    name="inventory",
    port=Port,
    build=Inventory,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.HANDLERS,
    jobs=[
        Job(jobs.expire_holds, every=timedelta(seconds=1)),
        Job(jobs.watch_levels, every=timedelta(seconds=15)),
        Job(jobs.forget_runs, every=timedelta(hours=1)),
    ],
)
