"""What the pricing service consists of."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest
from luxe.services.pricing.contract import Port
from luxe.services.pricing.service import Pricing
from luxe.services.pricing.tables import metadata

manifest = Manifest(
    name="pricing",
    port=Port,
    build=Pricing,
    metadata=metadata,
    migrations=str(Path(__file__).parent / "migrations"),
)
