"""What the brands service consists of."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest
from luxe.services.brands.api import list_brands
from luxe.services.brands.contract import Port
from luxe.services.brands.service import Brands
from luxe.services.brands.tables import metadata

manifest = Manifest(
    name="brands",
    port=Port,
    build=Brands,
    metadata=metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[list_brands],
)
