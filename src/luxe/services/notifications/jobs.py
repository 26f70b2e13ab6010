"""Timers of notifications."""

from __future__ import annotations

from luxe.services.notifications.service import Notifications


async def send_due(service: Notifications) -> bool:
    """Only wakes the couriers, so that no transaction is open while the outside takes its time."""
    service.nudge()
    return False


async def clear_old(service: Notifications) -> bool:
    await service.clear_old()
    return False
