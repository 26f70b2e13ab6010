"""Timers of promotions."""

from __future__ import annotations

from luxe.services.promotions.service import Promotions


async def forget_wrong_codes(service: Promotions) -> bool:
    return await service.forget_guesses()
