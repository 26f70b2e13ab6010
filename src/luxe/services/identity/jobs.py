"""Clears away what has served."""

from __future__ import annotations

from luxe.services.identity.service import Identity


async def clear_leftovers(service: Identity) -> bool:
    return await service.clear_leftovers()
