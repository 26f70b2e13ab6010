"""The door of media."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from luxe.kernel.verbs import phased, query

WIDTHS = (160, 320, 480, 640, 960, 1280, 1920, 2560)
FORMATS = ("avif", "webp", "jpg")


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is the base address: a picture's bytes are at `{url}/{width}.{format}`, a model's at `{url}/model.glb`.

    Width and height in pixels (0 for a model); `colour` is the dominant colour as `#rrggbb`.
    """

    id: str
    kind: Literal["picture", "model"]
    url: str
    width: int
    height: int
    colour: str
    bytes: int


class File(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes to serve. `etag` is strong, without quotes: these bytes never change under this name."""

    content: bytes
    media_type: str
    etag: str


class Port(Protocol):
    """Refusals by code: `media_type` (content is not a picture or GLB), `media_too_large`, `media_broken`, `asset_unknown`."""

    @phased
    async def ingest(self, *, content: bytes, name: str) -> Asset:
        """Stores a picture or GLB under the hash of its content; the same content is the same asset. Metadata is stripped."""
        ...

    @phased
    async def placeholder(self) -> Asset:
        """The house's own picture for one that could not be fetched."""
        ...

    @phased
    async def file(self, *, asset_id: str, name: str) -> File:
        """A picture by `{width}.{format}` of WIDTHS and FORMATS, never larger than it is; a model by `model.glb`."""
        ...

    @query
    async def assets(self, *, asset_ids: list[str]) -> list[Asset]:
        """In the order asked for; unknown ones are left out."""
        ...
