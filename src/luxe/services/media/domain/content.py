"""What a content is, told from the bytes alone."""

from __future__ import annotations

from typing import Literal

import msgspec

from luxe.kernel.errors import BadRequest, Refusal
from luxe.services.media.domain import models, pictures

MAX_BYTES = 20_000_000


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """A content fit to be stored: `content` is free of metadata."""

    kind: Literal["picture", "model"]
    content: bytes
    extension: str
    width: int = 0
    height: int = 0
    colour: str = "#000000"


def examine(content: bytes) -> Examined:
    """Sniffs, checks and cleans. Raises `media_type`, `media_too_large` or `media_broken`."""
    if len(content) > MAX_BYTES:
        raise Refusal(f"larger than {MAX_BYTES:,} bytes", code="media_too_large", status=413)
    if models.is_glb(content):
        models.check(content)
        return Examined(kind="model", content=content, extension="glb")
    if pictures.extension_of(content):
        clean = pictures.clean(content)
        return Examined(
            kind="picture",
            content=clean.content,
            extension=clean.extension,
            width=clean.width,
            height=clean.height,
            colour=clean.colour,
        )
    raise BadRequest("neither a picture (JPEG, PNG, WebP, AVIF, GIF) nor a GLB model", code="media_type")
