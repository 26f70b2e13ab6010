"""Timers of payments: lost webhooks, what was cut short, and the provider's statements."""

from __future__ import annotations

from luxe.services.payments.service import Payments


async def ask_about_open_intents(service: Payments) -> bool:
    return await service.sweep()


async def finish_movements(service: Payments) -> bool:
    return await service.finish_movements()


async def compare_statements(service: Payments) -> bool:
    return await service.catch_up()
