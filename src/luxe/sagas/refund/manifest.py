"""Refunding, as the app sees it."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest
from luxe.sagas.refund import api, tables
from luxe.sagas.refund.contract import Port
from luxe.sagas.refund.service import Refunding

manifest = Manifest(
    name="refund",
    port=Port,
    build=Refunding,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[api.start, api.watch],
    requires=["orders", "payments", "promotions", "loyalty"],
)
