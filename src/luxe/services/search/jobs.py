"""The timer of search: brings the index up to date."""

from __future__ import annotations

from luxe.services.search.service import Search


async def catch_up(service: Search) -> bool:
    return await service.catch_up()
