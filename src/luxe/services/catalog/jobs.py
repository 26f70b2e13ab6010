"""The timer of catalog."""

from __future__ import annotations

from luxe.services.catalog.service import Catalog


async def reveal(service: Catalog) -> bool:
    return await service.reveal_due()
