"""Timers of payments: lost webhooks and cancels that were cut short."""

from __future__ import annotations

from luxe.services.payments.service import Payments


async def ask_about_open_intents(service: Payments) -> bool:
    return await service.sweep()
