"""Stock for the tests of inventory, and what they want to see of it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest

from luxe.kernel.errors import Refusal
from luxe.services.inventory.contract import HoldLine, Location, Port
from tests.harness import Running

UNEXPLAINED = """
    WITH there AS (SELECT variant_id, location, count(*) AS units FROM inventory.units GROUP BY 1, 2),
    moved AS (SELECT variant_id, location, sum(quantity) AS moved FROM inventory.movements GROUP BY 1, 2)
    SELECT * FROM there FULL JOIN moved USING (variant_id, location)
    WHERE coalesce(units, 0) <> coalesce(moved, 0)"""


async def stocked(house: Running, quantity: int, variant_id: str = "var_a", location: str = "main") -> Port:
    inventory = house.port(Port)
    await inventory.receive(
        variant_id=variant_id,
        quantity=quantity,
        reason="delivery",
        key=f"stock-{variant_id}-{location}",
        location=location,
    )
    return inventory


async def open_boutique(
    house: Running, code: str = "bund", country: str = "CN", kind: str = "boutique"
) -> None:
    place = Location(code=code, name=code.title(), kind=kind, country=country)
    await house.port(Port).put_location(location=place)


def line(variant_id: str = "var_a", quantity: int = 1) -> HoldLine:
    return HoldLine(variant_id=variant_id, quantity=quantity)


async def seen(inventory: Port, variant_id: str = "var_a") -> tuple[int, int, int]:
    """On hand, held, available."""
    (found,) = await inventory.availability(variant_ids=[variant_id])
    return found.on_hand, found.held, found.available


async def places(inventory: Port, variant_id: str = "var_a") -> dict[str, tuple[int, int, int, int]]:
    """Location → free, held, in transit, expected."""
    found = await inventory.stock(variant_ids=[variant_id])
    return {each.location: (each.free, each.held, each.in_transit, each.expected) for each in found}


async def refused(work: Awaitable[Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await work
    return caught.value


async def sold(
    inventory: Port, quantity: int, order_id: str = "ord_1", variant_id: str = "var_a"
) -> list[str]:
    """Sells so many; their serials."""
    run = f"run_{order_id}"
    await inventory.hold(run=run, lines=[line(variant_id, quantity)], seconds=60)
    return [unit.serial for unit in await inventory.commit(run=run, order_id=order_id)]


async def unexplained(house: Running) -> list[Any]:
    """Places whose units are not the sum of their movements."""
    return await house.rows("inventory", UNEXPLAINED)
