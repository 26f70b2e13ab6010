"""Timers of loyalty."""

from __future__ import annotations

from luxe.services.loyalty.service import Loyalty


async def expire_points(service: Loyalty) -> bool:
    return await service.expire()


async def recount_points(service: Loyalty) -> bool:
    return await service.recount()
