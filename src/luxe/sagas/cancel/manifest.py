"""Cancelling, as the app sees it."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest
from luxe.sagas.cancel import api, tables
from luxe.sagas.cancel.contract import Port
from luxe.sagas.cancel.service import Cancel

manifest = Manifest(
    name="cancel",
    port=Port,
    build=Cancel,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[api.start, api.watch],
    requires=["orders", "payments", "promotions", "loyalty", "inventory"],
)
