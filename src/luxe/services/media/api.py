"""Pictures and models over HTTP, for members only; browsers keep them for good."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.services.media.contract import File, Port

_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")
_KEPT = "private, max-age=31536000, immutable"


@get(
    "/media/{asset_id:str}/{name:str}",
    tags=["Media"],
    summary="Read a picture or a model",
    operation_id="readMedia",
    media_type="application/octet-stream",
)
async def read_media(
    asset_id: str, name: str, request: Request[Any, Any, State], principal: Principal, house: House
) -> Response[bytes]:
    """A picture as `{width}.{avif,webp,jpg}`, a model as `model.glb`. Understands If-None-Match and one byte range."""
    require(principal, "member", "catalog:read")
    file = await house.port(Port).file(asset_id=asset_id, name=name)
    tag = f'"{file.etag}"'
    headers = {
        "etag": tag,
        "cache-control": _KEPT,
        "accept-ranges": "bytes",
        "x-content-type-options": "nosniff",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(content=b"", status_code=304, headers=headers)
    if request.headers.get("if-range", tag) == tag and (asked := request.headers.get("range")):
        return _partial(file, asked, headers)
    return Response(content=file.content, media_type=file.media_type, headers=headers)


def _partial(file: File, asked: str, headers: dict[str, str]) -> Response[bytes]:
    """One range (RFC 9110, 14.2); several or malformed ones are ignored, as the RFC allows."""
    size = len(file.content)
    matched = _RANGE.match(asked.strip())
    if not matched or not any(matched.groups()):
        return Response(content=file.content, media_type=file.media_type, headers=headers)
    first, last = matched.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or start > end:
        unsatisfied = headers | {"content-range": f"bytes */{size}"}
        return Response(content=b"", status_code=416, headers=unsatisfied)
    return Response(
        content=file.content[start : end + 1],
        status_code=206,
        media_type=file.media_type,
        headers=headers | {"content-range": f"bytes {start}-{end}/{size}"},
    )
