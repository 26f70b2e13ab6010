"""The built scripts, styles and faces: hashed names, so they are kept for ever. Nothing in them is the house's secret."""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path

from litestar import Response, get

from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound
from luxe.kernel.house import House
from luxe.web.design.assets import DIST

_FAVICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" fill="#fbfaf8"/>'
    b'<path d="M11 7v18h11" fill="none" stroke="#161513" stroke-width="1.5"/></svg>'
)
_FOREVER = "public, max-age=31536000, immutable"


@cache
def _built() -> dict[str, Path]:
    return {str(path.relative_to(DIST)): path for path in DIST.rglob("*") if path.is_file()}


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()


@get("/static/dist/{name:path}", include_in_schema=False)
async def static_file(name: str) -> Response[bytes]:
    path = _built().get(name.lstrip("/"))
    if path is None:
        raise NotFound
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".woff2":
        kind = "font/woff2"
    return Response(
        _content(path),
        media_type=kind,
        headers={"cache-control": _FOREVER, "x-content-type-options": "nosniff"},
    )


@get("/favicon.ico", include_in_schema=False)
async def favicon() -> Response[bytes]:
    return Response(_FAVICON, media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})


@get("/editorial/{name:str}", include_in_schema=False)
async def editorial(name: str, principal: Principal, house: House) -> Response[bytes]:
    """The house's own pictures, for members."""
    folder = house.settings.data_dir / "editorial"
    if "member" not in principal.roles or name not in {path.name for path in folder.glob("*.webp")}:
        raise NotFound
    return Response(
        (folder / name).read_bytes(),
        media_type="image/webp",
        headers={"cache-control": "private, max-age=86400"},
    )
