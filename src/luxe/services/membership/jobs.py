"""Timers of membership."""

from __future__ import annotations

from luxe.services.membership.service import Membership


async def free_places(service: Membership) -> bool:
    return await service.free_places()


async def mature_spend(service: Membership) -> bool:
    return await service.mature_spend()


async def lapse_memberships(service: Membership) -> bool:
    return await service.lapse_memberships()
