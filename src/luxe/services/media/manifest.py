"""What the media service consists of."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest
from luxe.services.media.api import read_media
from luxe.services.media.contract import Port
from luxe.services.media.service import Media
from luxe.services.media.tables import metadata

manifest = Manifest(
    name="media",
    port=Port,
    build=Media,
    metadata=metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[read_media],
)
