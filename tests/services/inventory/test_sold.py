"""Sold units are shipped, and some come back."""

from __future__ import annotations

import asyncio

import pytest

from luxe.services.inventory.contract import RestockLine, StockChanged
from tests.harness import running
from tests.services.inventory.shelves import line, open_boutique, refused, seen, sold, stocked, unexplained


def _back(*serials: str, condition: str = "saleable") -> list[RestockLine]:
    return [RestockLine(variant_id="var_a", serials=list(serials), condition=condition)]


async def test_units_are_shipped_once_each_and_by_key(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await stocked(house, 3)
        serials = await sold(inventory, 3)
        first = await inventory.ship(order_id="ord_1", key="parcel-1", serials=serials[:1])
        assert [unit.serial for unit in first] == serials[:1]
        assert await inventory.ship(order_id="ord_1", key="parcel-1") == first
        again = await refused(inventory.ship(order_id="ord_1", key="parcel-2", serials=serials[:2]))
        assert (again.code, again.extra["serials"]) == ("already_shipped", serials[:1])
        rest = await inventory.ship(order_id="ord_1", key="parcel-2")
        assert sorted(unit.serial for unit in rest) == sorted(serials[1:])
        assert await inventory.ship(order_id="ord_1", key="parcel-3") == []
        listed = await inventory.units(order_id="ord_1")
        assert [unit.state for unit in listed.items] == ["shipped"] * 3


async def test_units_of_another_order_are_not_shipped(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await stocked(house, 2)
        await sold(inventory, 1, "ord_1")
        (other,) = await sold(inventory, 1, "ord_2")
        foreign = await refused(inventory.ship(order_id="ord_1", key="p", serials=[other]))
        assert (foreign.code, foreign.extra["serials"]) == ("not_of_this_order", [other])
        by_id = await refused(inventory.ship(order_id="ord_1", key="p", unit_ids=["unit_x"]))
        assert by_id.code == "not_of_this_order"
        assert {unit.state for unit in (await inventory.units(order_id="ord_2")).items} == {"sold"}


async def test_what_comes_back_can_be_sold_again_with_one_effect_a_key(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await stocked(house, 2)
        serials = await sold(inventory, 2)
        await inventory.ship(order_id="ord_1", key="parcel")
        back = await inventory.restock(key="r1", order_id="ord_1", lines=_back(serials[0]), reason="returned")
        assert [unit.serial for unit in back] == serials[:1]
        assert await seen(inventory) == (1, 0, 1)
        assert await sold(inventory, 1, "ord_2") == serials[:1]
        assert (
            await inventory.restock(key="r1", order_id="ord_1", lines=_back(serials[0]), reason="returned")
            == back
        )
        assert await seen(inventory) == (0, 0, 0)
        late = await refused(
            inventory.restock(key="r2", order_id="ord_1", lines=_back(serials[0]), reason="returned")
        )
        assert late.code == "not_of_this_order"


async def test_a_damaged_piece_is_written_off_and_explained(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await stocked(house, 3)
        serials = await sold(inventory, 3)
        lines = _back(serials[0]) + _back(serials[1], condition="damaged")
        back = await inventory.restock(key="r1", order_id="ord_1", lines=lines, reason="returned")
        assert [unit.serial for unit in back] == serials[:2]
        assert await seen(inventory) == (1, 0, 1)
        assert (await inventory.units(serial=serials[1])).items == []
        assert [unit.serial for unit in (await inventory.units(order_id="ord_1")).items] == serials[2:]
        (written_off, _) = (await inventory.movements(variant_id="var_a")).items
        assert (written_off.kind, written_off.quantity) == ("returned_damaged", -1)
        assert await unexplained(house) == []


@pytest.mark.parametrize("binding", ["local"])
async def test_a_restock_that_names_something_wrong_changes_nothing(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await stocked(house, 2)
        serials = await sold(inventory, 2)
        wrong = [
            (_back(serials[0], "X-1"), "not_of_this_order"),
            (_back(serials[0], serials[0]), "quantity_invalid"),
            (_back(serials[0], condition="lovely"), "quantity_invalid"),
            ([RestockLine(variant_id="var_b", serials=serials[:1])], "not_of_this_order"),
            ([], "quantity_invalid"),
        ]
        for lines, code in wrong:
            refusal = await refused(inventory.restock(key="r", order_id="ord_1", lines=lines, reason="x"))
            assert refusal.code == code
        assert await seen(inventory) == (0, 0, 0)
        assert await house.rows("inventory", "SELECT key FROM inventory.restocks") == []


async def test_a_run_whose_units_came_back_can_neither_sell_nor_hold_again() -> None:
    async with running("inventory") as house:
        inventory = await stocked(house, 1)
        serials = await sold(inventory, 1)
        await inventory.restock(key="r", order_id="ord_1", lines=_back(*serials), reason="cancelled")
        commit = await refused(inventory.commit(run="run_ord_1", order_id="ord_1"))
        hold = await refused(inventory.hold(run="run_ord_1", lines=[line()], seconds=60))
        assert (commit.code, hold.code) == ("hold_expired", "hold_expired")
        assert await seen(inventory) == (1, 0, 1)


async def test_the_first_piece_that_comes_back_is_news() -> None:
    async with running("inventory") as house:
        inventory = await stocked(house, 1)
        serials = await sold(inventory, 1)
        told = len(await house.facts(StockChanged))
        await inventory.restock(key="r", order_id="ord_1", lines=_back(*serials), reason="cancelled")
        assert len(await house.facts(StockChanged)) == told + 1


async def test_a_piece_comes_back_to_the_main_location_if_its_own_is_closed() -> None:
    async with running("inventory") as house:
        await open_boutique(house)
        inventory = await stocked(house, 1, location="bund")
        serials = await sold(inventory, 1)
        await inventory.ship(order_id="ord_1", key="parcel")
        (bund, _main) = await inventory.locations()
        await inventory.put_location(
            location=type(bund)(code="bund", name="Bund", kind="boutique", active=False)
        )
        await inventory.restock(key="r", order_id="ord_1", lines=_back(*serials), reason="returned")
        assert [(each.location, each.free) for each in await inventory.stock(variant_ids=["var_a"])] == [
            ("main", 1)
        ]
        assert await unexplained(house) == []


async def test_taking_back_at_once_with_one_key_and_with_two_gives_each_piece_back_once() -> None:
    async with running("inventory") as house:
        inventory = await stocked(house, 4)
        serials = await sold(inventory, 4)
        same = [
            inventory.restock(key="r", order_id="ord_1", lines=_back(*serials[:2]), reason="x")
            for _ in range(6)
        ]
        other = [
            inventory.restock(key=f"k{number}", order_id="ord_1", lines=_back(*serials[2:]), reason="x")
            for number in range(6)
        ]
        answers = await asyncio.gather(*same, *other, return_exceptions=True)
        assert all(isinstance(answer, list) and len(answer) == 2 for answer in answers[:6])
        assert sum(isinstance(answer, list) for answer in answers[6:]) == 1
        assert await seen(inventory) == (4, 0, 4)
