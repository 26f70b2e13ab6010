"""A variant that has become low is told once."""

from __future__ import annotations

from luxe.services.inventory.contract import RestockLine, StockRanLow
from tests.harness import Running, running
from tests.services.inventory.shelves import line, refused, sold, stocked


async def _told(house: Running) -> list[tuple[str, int]]:
    await house.run_jobs("inventory")
    return [(fact.variant_id, fact.left) for fact in await house.facts(StockRanLow)]


async def test_it_is_told_when_crossed_and_not_with_each_sale(binding: str) -> None:
    async with running("inventory", binding=binding, stock_low_at=2) as house:
        inventory = await stocked(house, 4)
        await sold(inventory, 1, "ord_1")
        assert await _told(house) == []
        await sold(inventory, 1, "ord_2")
        assert await _told(house) == [("var_a", 2)]
        await sold(inventory, 1, "ord_3")
        assert await _told(house) == [("var_a", 2)]


async def test_it_is_told_again_after_there_was_more() -> None:
    async with running("inventory", stock_low_at=1) as house:
        inventory = await stocked(house, 2)
        serials = await sold(inventory, 1, "ord_1")
        assert await _told(house) == [("var_a", 1)]
        lines = [RestockLine(variant_id="var_a", serials=serials)]
        await inventory.restock(key="r", order_id="ord_1", lines=lines, reason="returned")
        await sold(inventory, 1, "ord_2")
        assert await _told(house) == [("var_a", 1), ("var_a", 1)]


async def test_one_piece_that_came_alone_is_not_news_nor_is_a_hold() -> None:
    async with running("inventory", stock_low_at=1) as house:
        inventory = await stocked(house, 1)
        await stocked(house, 3, "var_b")
        await inventory.hold(run="run_1", lines=[line("var_b", 3)], seconds=60)
        assert await _told(house) == []


async def test_a_threshold_of_its_own(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await stocked(house, 5)
        await inventory.set_low_stock(variant_id="var_a", at=4)
        assert await _told(house) == []
        await sold(inventory, 1)
        assert await _told(house) == [("var_a", 4)]
        assert (await refused(inventory.set_low_stock(variant_id="var_a", at=-1))).code == "quantity_invalid"
        await inventory.set_low_stock(variant_id="var_a", at=None)
        await sold(inventory, 2, "ord_2")
        assert await _told(house) == [("var_a", 4)]


async def test_a_sale_writes_nothing_about_levels() -> None:
    async with running("inventory") as house:
        inventory = await stocked(house, 2)
        before = await house.rows("inventory", "SELECT variant_id, low, since FROM inventory.levels")
        await sold(inventory, 2)
        assert await house.rows("inventory", "SELECT variant_id, low, since FROM inventory.levels") == before
