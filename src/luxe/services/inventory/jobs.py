"""Timers of inventory."""

from __future__ import annotations

from luxe.services.inventory.service import Inventory


async def expire_holds(inventory: Inventory) -> bool:
    return await inventory.expire_holds() > 0
