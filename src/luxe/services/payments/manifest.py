"""Payments, as the app sees it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from luxe.kernel.manifest import Job, Manifest
from luxe.services.payments import api, jobs, tables
from luxe.services.payments.api import bank_statements, transfers
from luxe.services.payments.contract import Port
from luxe.services.payments.service import Payments

manifest = Manifest(
    name="payments",
    port=Port,
    build=Payments,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[
        api.list_methods,
        api.list_payments,
        api.list_cases,
        api.read_case,
        api.resolve_case,
        api.receive,
        *transfers.handlers,
        *bank_statements.handlers,
    ],
    jobs=[
        Job(jobs.ask_about_open_intents, timedelta(seconds=2)),
        Job(jobs.finish_movements, timedelta(seconds=5)),
        Job(jobs.compare_statements, timedelta(minutes=1)),
    ],
)
