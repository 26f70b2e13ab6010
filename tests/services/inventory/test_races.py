"""Real races: buyers wait at a barrier and go at once, each on connections of their own to a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from luxe.kernel.errors import Refusal
from luxe.services.inventory.contract import HoldLine, Port, StockChanged
from tests.harness import Running, running
from tests.services.inventory.shelves import line, open_boutique, refused, seen, stocked, unexplained

SOLD = "SELECT order_id, count(*) AS units FROM inventory.units WHERE order_id IS NOT NULL GROUP BY 1"


async def _buy(inventory: Port, number: int, lines: Sequence[HoldLine], barrier: asyncio.Barrier) -> str:
    """Tries until it has bought or is told that it is sold out; in between others may be in the way."""
    await barrier.wait()
    for attempt in range(1_000):
        try:
            await inventory.hold(run=f"run_{number}", lines=list(lines), seconds=60)
        except Refusal as refusal:
            if refusal.code == "momentarily_held":
                await asyncio.sleep(0.002 * (attempt % 5))
                continue
            return refusal.code
        await inventory.commit(run=f"run_{number}", order_id=f"ord_{number}")
        return "sold"
    return "starved"


async def _orders(house: Running) -> dict[str, int]:
    return {row.order_id: row.units for row in await house.rows("inventory", SOLD)}


async def test_sixty_four_buyers_at_a_barrier_buy_the_last_twenty(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory, barrier = await stocked(house, 20), asyncio.Barrier(64)
        outcomes = Counter(
            await asyncio.gather(*(_buy(inventory, number, [line()], barrier) for number in range(64)))
        )
        assert outcomes == {"sold": 20, "sold_out": 44}
        assert set((await _orders(house)).values()) == {1}
        assert await seen(inventory) == (0, 0, 0)
        assert await unexplained(house) == []


async def test_thirty_two_buyers_share_a_hundred_of_one_kind_to_the_last() -> None:
    """Each wants three or four; what is left at the end is less than anybody still wants."""
    async with running("inventory") as house:
        inventory, barrier = await stocked(house, 100), asyncio.Barrier(32)
        wanted = [3 + number % 2 for number in range(32)]
        outcomes = await asyncio.gather(
            *(_buy(inventory, number, [line(quantity=wanted[number])], barrier) for number in range(32))
        )
        assert set(outcomes) == {"sold", "sold_out"}
        orders = await _orders(house)
        assert orders == {f"ord_{n}": wanted[n] for n in range(32) if outcomes[n] == "sold"}
        left = 100 - sum(orders.values())
        assert left < min(wanted[n] for n in range(32) if outcomes[n] == "sold_out")
        assert await seen(inventory) == (left, 0, left)


@pytest.mark.parametrize("policy", ["oldest_first", "boutique_first"])
async def test_crossing_orders_are_all_or_nothing_and_never_deadlock(policy: str) -> None:
    """Half of the buyers name the pieces in the one order, half in the other."""
    async with running("inventory", stock_allocation=policy) as house:
        await open_boutique(house)
        for variant in ("var_a", "var_b", "var_c"):
            await stocked(house, 6, variant)
            inventory = await stocked(house, 6, variant, "bund")
        barrier = asyncio.Barrier(40)
        lines = [line("var_a"), line("var_b"), line("var_c")]
        outcomes = Counter(
            await asyncio.gather(
                *(_buy(inventory, n, lines if n % 2 else lines[::-1], barrier) for n in range(40))
            )
        )
        assert outcomes == {"sold": 12, "sold_out": 28}
        assert set((await _orders(house)).values()) == {3}
        for variant in ("var_a", "var_b", "var_c"):
            assert await seen(inventory, variant) == (0, 0, 0)
        deadlocks = await house.rows(
            "inventory", "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        assert deadlocks[0].deadlocks == 0


async def test_a_refused_line_gives_the_others_back_at_once() -> None:
    async with running("inventory") as house:
        inventory, barrier = await stocked(house, 10), asyncio.Barrier(20)
        lines = [line("var_a"), line("var_never")]
        outcomes = Counter(
            await asyncio.gather(*(_buy(inventory, number, lines, barrier) for number in range(20)))
        )
        assert outcomes == {"sold_out": 20}
        assert await seen(inventory) == (10, 0, 10)


async def test_units_that_are_merely_locked_are_not_sold_out() -> None:
    """Another transaction has every unit locked and is about to sell them; it may yet turn back, and does."""
    async with running("inventory") as house:
        inventory = await stocked(house, 2)
        async with house.database("inventory").engine.connect() as other:
            await other.execute(
                text(
                    "UPDATE inventory.units SET run = 'run_other', order_id = 'ord_other', held_until = NULL"
                )
            )
            refusal = await refused(inventory.hold(run="run_1", lines=[line()], seconds=60))
            assert refusal.code == "momentarily_held"
            await other.rollback()
        await inventory.hold(run="run_1", lines=[line(quantity=2)], seconds=60)
        assert await seen(inventory) == (2, 2, 0)


async def test_the_last_sale_is_told_though_all_go_at_once() -> None:
    async with running("inventory") as house:
        inventory, barrier = await stocked(house, 8), asyncio.Barrier(8)
        told = len(await house.facts(StockChanged))
        await asyncio.gather(*(_buy(inventory, number, [line()], barrier) for number in range(8)))
        assert len(await house.facts(StockChanged)) > told
        assert await seen(inventory) == (0, 0, 0)
