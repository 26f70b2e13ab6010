"""Timers of inventory."""

from __future__ import annotations

from luxe.services.inventory.service import Inventory


async def expire_holds(inventory: Inventory) -> bool:
    return await inventory.expire_holds() > 0


async def watch_levels(inventory: Inventory) -> bool:
    await inventory.watch_levels()
    return False


async def forget_runs(inventory: Inventory) -> bool:
    await inventory.forget_runs()
    return False
