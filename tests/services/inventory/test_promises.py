"""Units that are still to come: preorders for a day, and pieces that are made to order."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from luxe.kernel import clock
from luxe.services.inventory.contract import Availability, Port, SoldUnitsArrived
from tests.harness import running
from tests.services.inventory.shelves import line, refused, seen, sold, stocked, unexplained

SPRING, SUMMER = date(2099, 3, 1), date(2099, 7, 1)


async def _expect(inventory: Port, quantity: int, key: str = "po", **when: Any) -> Availability:
    return await inventory.expect(variant_id="var_a", quantity=quantity, reason="order", key=key, **when)


async def _arrive(inventory: Port, quantity: int, key: str = "dn", **more: Any) -> Availability:
    return await inventory.arrive(variant_id="var_a", quantity=quantity, reason="delivery", key=key, **more)


async def test_a_preorder_is_held_and_sold_for_its_day_and_never_more_than_promised(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = house.port(Port)
        promised = await _expect(inventory, 2, on=SPRING)
        assert promised == await _expect(inventory, 2, on=SPRING)
        assert promised == Availability(
            variant_id="var_a", on_hand=0, held=0, available=2, expected=2, available_on=SPRING
        )
        hold = await inventory.hold(run="run_1", lines=[line(quantity=2)], seconds=60)
        assert [unit.expected_on for unit in hold.units] == [SPRING, SPRING]
        assert (await refused(inventory.hold(run="r", lines=[line()], seconds=9))).code == "momentarily_held"
        await inventory.commit(run="run_1", order_id="ord_1")
        assert (await refused(inventory.hold(run="r", lines=[line()], seconds=9))).code == "sold_out"
        late = await refused(inventory.ship(order_id="ord_1", key="parcel"))
        assert late.code == "not_arrived"


async def test_what_is_here_goes_first_then_what_comes_first_then_what_is_made_to_order() -> None:
    async with running("inventory") as house:
        inventory = house.port(Port)
        await _expect(inventory, 1, key="made", lead_days=30)
        await _expect(inventory, 1, key="summer", on=SUMMER)
        await _expect(inventory, 1, key="spring", on=SPRING)
        await stocked(house, 1)
        days = []
        for number in range(4):
            hold = await inventory.hold(run=f"run_{number}", lines=[line()], seconds=60)
            days.append(hold.units[0].expected_on)
        assert days == [None, SPRING, SUMMER, clock.now().date() + timedelta(days=30)]


async def test_made_to_order_is_promised_from_the_day_it_is_taken(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = house.port(Port)
        today = clock.now().date()
        promised = await _expect(inventory, 1, lead_days=40)
        assert (promised.available, promised.available_on) == (1, today + timedelta(days=40))
        await inventory.hold(run="run_1", lines=[line()], seconds=60)
        await inventory.release(run="run_1")
        clock.replace_clock(clock.ahead(timedelta(days=10)))
        try:
            hold = await inventory.hold(run="run_2", lines=[line()], seconds=60)
        finally:
            clock.replace_clock(None)
        assert hold.units[0].expected_on == today + timedelta(days=50)


async def test_arrivals_serve_those_who_have_bought_first_and_tell_their_orders(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = house.port(Port)
        await _expect(inventory, 3, on=SPRING)
        (number,) = await sold(inventory, 1)
        await inventory.hold(run="run_2", lines=[line()], seconds=60)
        arrived = await _arrive(inventory, 1, serials=["S-1"])
        assert (arrived.on_hand, arrived.expected, arrived.held) == (0, 2, 1)
        assert [fact.order_ids for fact in await house.facts(SoldUnitsArrived)] == [["ord_1"]]
        assert await _arrive(inventory, 1, serials=["S-1"]) == arrived
        (unit,) = (await inventory.units(order_id="ord_1")).items
        assert (unit.serial, unit.state, unit.expected_on) == ("S-1", "sold", None)
        shipped = await inventory.ship(order_id="ord_1", key="parcel", serials=[number])
        assert [each.serial for each in shipped] == ["S-1"]
        rest = await _arrive(inventory, 2, key="dn2")
        assert (rest.on_hand, rest.expected, rest.held, rest.available) == (2, 0, 1, 1)
        assert await unexplained(house) == []


async def test_more_cannot_arrive_than_is_expected_nor_a_serial_twice(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = house.port(Port)
        await inventory.receive(variant_id="var_b", quantity=1, reason="x", key="k", serials=["S-1"])
        await _expect(inventory, 1, on=SPRING)
        assert (await refused(_arrive(inventory, 2))).code == "not_expected"
        taken = await refused(_arrive(inventory, 1, serials=["S-1"]))
        assert (taken.code, taken.extra["serials"]) == ("serial_taken", ["S-1"])
        (found,) = await inventory.availability(variant_ids=["var_a"])
        assert (found.on_hand, found.expected) == (0, 1)


@pytest.mark.parametrize(
    "when",
    [{}, {"on": SPRING, "lead_days": 3}, {"on": date(2020, 1, 1)}, {"lead_days": -1}, {"lead_days": 9_999}],
)
async def test_a_promise_needs_one_day_that_is_to_come(when: dict[str, Any]) -> None:
    async with running("inventory") as house:
        inventory = house.port(Port)
        assert (await refused(_expect(inventory, 1, **when))).code == "date_invalid"
        assert await seen(inventory) == (0, 0, 0)


async def test_the_brand_takes_a_promise_back_but_not_what_is_sold() -> None:
    async with running("inventory") as house:
        inventory = house.port(Port)
        await _expect(inventory, 2, on=SPRING)
        await sold(inventory, 1)

        async def cancel(quantity: int) -> Availability:
            return await inventory.adjust(
                variant_id="var_a", quantity=quantity, cause="not_coming", reason="brand", key="n"
            )

        assert (await refused(cancel(2))).code == "stock_in_use"
        assert (await cancel(1)).expected == 0
        assert await unexplained(house) == []


async def test_buyers_and_arrivals_at_once_lose_nothing() -> None:
    async with running("inventory") as house:
        inventory = house.port(Port)
        await _expect(inventory, 20, on=SPRING)
        barrier = asyncio.Barrier(28)

        async def go(number: int) -> str:
            await barrier.wait()
            try:
                if number < 4:
                    await _arrive(inventory, 5, key=f"dn{number}")
                    return "arrived"
                await sold(inventory, 1, f"ord_{number}")
            except Exception as refusal:
                return getattr(refusal, "code", repr(refusal))
            return "sold"

        outcomes = await asyncio.gather(*(go(number) for number in range(28)))
        assert outcomes.count("arrived") == 4
        assert set(outcomes) <= {"arrived", "sold", "momentarily_held", "sold_out"}
        (found,) = await inventory.availability(variant_ids=["var_a"])
        assert (found.expected, found.on_hand) == (0, 20 - outcomes.count("sold"))
        assert await unexplained(house) == []
