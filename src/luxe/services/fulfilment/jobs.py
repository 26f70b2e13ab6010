"""Timers of fulfilment."""

from __future__ import annotations

from luxe.services.fulfilment.service import Fulfilment


async def ask_the_carrier(service: Fulfilment) -> bool:
    async with service.db.apart():
        return await service.ask_about_some()


async def forget_reservations(service: Fulfilment) -> bool:
    await service.forget_reservations()
    return False
