"""Every address beside the pages: answered like a page, so that a wrong one tells nobody what is near it."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from luxe.kernel.errors import NotFound


async def _nothing_here() -> None:
    raise NotFound


def _is_parameter(part: str) -> bool:
    return part.startswith("{")


def paths_beside(handlers: Sequence[HTTPRouteHandler]) -> list[str]:
    """What the router would refuse by itself, in a machine's words: the way to a page where no page is, what only takes
    a POST, and all that goes on where no page does. `/v1` is for machines and left to it."""
    pages = {path for each in handlers for path in each.paths if "GET" in each.http_methods}
    known = {tuple(part for part in path.split("/") if part) for each in handlers for path in each.paths}
    ways = {parts[:length] for parts in known if parts[:1] != ("v1",) for length in range(len(parts) + 1)}
    open_ended = {way[:-1] for way in ways if way and _is_parameter(way[-1])}
    found = {"/" + "/".join(way) for way in ways} - pages
    found |= {"/".join(("", *way, "{rest:path}")) for way in ways - open_ended if not _ends_in_path(way)}
    return sorted(found)


def _ends_in_path(way: tuple[str, ...]) -> bool:
    return bool(way) and way[-1].endswith(":path}")


def handlers(pages: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    return [get(paths_beside(pages), include_in_schema=False)(_nothing_here)]
