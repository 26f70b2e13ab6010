"""Locations; receipts with serials and lots; adjustments; transfers."""

from __future__ import annotations

import asyncio

import pytest

from luxe.services.inventory.contract import Location, Port, Transfer
from tests.harness import Running, running
from tests.services.inventory.shelves import (
    line,
    open_boutique,
    places,
    refused,
    seen,
    sold,
    stocked,
    unexplained,
)


async def _send(inventory: Port, quantity: int, key: str = "t1", **named: list[str]) -> Transfer:
    return await inventory.transfer(
        key=key,
        variant_id="var_a",
        quantity=quantity,
        origin="main",
        destination="bund",
        reason="window",
        **named,
    )


async def _house_with(house: Running, quantity: int) -> Port:
    await open_boutique(house)
    return await stocked(house, quantity)


async def test_locations_are_added_changed_and_closed_only_when_empty(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = house.port(Port)
        assert await inventory.locations() == [Location(code="main", name="Main warehouse")]
        bund = Location(code="bund", name="Bund", kind="boutique", country="CN")
        assert await inventory.put_location(location=bund) == bund
        await stocked(house, 1, location="bund")
        closed = Location(code="bund", name="Bund", kind="boutique", country="CN", active=False)
        assert (await refused(inventory.put_location(location=closed))).code == "location_in_use"
        await sold(inventory, 1)
        assert (await refused(inventory.put_location(location=closed))).code == "location_in_use"
        await inventory.ship(order_id="ord_1", key="parcel")
        assert await inventory.put_location(location=closed) == closed
        into = await refused(stocked(house, 1, "var_b", "bund"))
        assert into.code == "location_inactive"
        assert await seen(inventory, "var_b") == (0, 0, 0)


@pytest.mark.parametrize(
    "place",
    [
        Location(code="Main hall", name="x"),
        Location(code="x", name=""),
        Location(code="x", name="x", kind="van"),
        Location(code="x", name="x", country="China"),
        Location(code="main", name="x", active=False),
    ],
)
async def test_an_impossible_location_is_refused(place: Location) -> None:
    async with running("inventory") as house:
        assert (await refused(house.port(Port).put_location(location=place))).code == "location_invalid"
        assert [each.name for each in await house.port(Port).locations()] == ["Main warehouse"]


async def test_nothing_comes_to_a_place_that_does_not_exist(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        assert (await refused(stocked(house, 1, location="moon"))).code == "location_unknown"
        inventory = house.port(Port)
        assert (
            await refused(inventory.count(variant_id="var_a", quantity=2, reason="x", location="moon"))
        ).code == "location_unknown"
        assert (await inventory.movements(variant_id="var_a")).items == []


async def test_a_serial_number_is_one_unit_and_a_taken_one_changes_nothing(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = house.port(Port)

        async def receive(key: str, *serials: str, quantity: int = 0) -> object:
            return await inventory.receive(
                variant_id="var_a",
                quantity=quantity or len(serials),
                reason="delivery",
                key=key,
                serials=list(serials),
                lot="L-7",
                note="winter",
            )

        await receive("d1", "S-1", "S-2")
        taken = await refused(receive("d2", "S-3", "S-2"))
        assert (taken.code, taken.extra["serials"]) == ("serial_taken", ["S-2"])
        twice = await refused(receive("d3", "S-4", "S-4"))
        assert (twice.code, twice.extra["serials"]) == ("serial_taken", ["S-4"])
        assert (await refused(receive("d4", "S-5", quantity=2))).code == "quantity_invalid"
        assert (await refused(receive("d5", " S-6"))).code == "serial_invalid"
        units = (await inventory.units(variant_id="var_a")).items
        assert [(unit.serial, unit.lot, unit.state) for unit in units] == [
            ("S-1", "L-7", "free"),
            ("S-2", "L-7", "free"),
        ]
        assert [each.quantity for each in (await inventory.movements(variant_id="var_a")).items] == [2]
        lots = await house.rows("inventory", "SELECT number, note FROM inventory.lots")
        assert [tuple(row) for row in lots] == [("L-7", "winter")]


async def test_two_receipts_of_one_serial_at_once_make_one_unit() -> None:
    async with running("inventory") as house:
        inventory = house.port(Port)
        work = [
            inventory.receive(variant_id="var_a", quantity=1, reason="x", key=f"d{number}", serials=["S-1"])
            for number in range(8)
        ]
        answers = await asyncio.gather(*work, return_exceptions=True)
        assert sum(isinstance(answer, Exception) for answer in answers) == 7
        assert await seen(inventory) == (1, 0, 1)


async def test_adjustments_say_why_and_have_one_effect_a_key(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await stocked(house, 3)

        async def adjust(quantity: int, cause: str, key: str) -> int:
            done = await inventory.adjust(
                variant_id="var_a", quantity=quantity, cause=cause, reason="audit", key=key
            )
            return done.on_hand

        assert await adjust(1, "found", "a") == 4
        assert await adjust(1, "found", "a") == 4
        assert await adjust(2, "damaged", "a") == 2
        assert await adjust(1, "lost", "b") == 1
        await inventory.hold(run="run_1", lines=[line()], seconds=60)
        assert (await refused(adjust(1, "lost", "c"))).code == "stock_in_use"
        assert (await refused(adjust(1, "stolen", "d"))).code == "cause_invalid"
        assert await seen(inventory) == (1, 1, 0)
        kinds = [(each.kind, each.quantity) for each in (await inventory.movements(variant_id="var_a")).items]
        assert kinds == [("lost", -1), ("damaged", -2), ("found", 1), ("receive", 3)]
        assert await unexplained(house) == []


async def test_counting_twice_at_once_counts_once() -> None:
    async with running("inventory") as house:
        inventory = house.port(Port)
        work = [inventory.count(variant_id="var_a", quantity=5, reason="stocktaking") for _ in range(10)]
        await asyncio.gather(*work)
        assert await seen(inventory) == (5, 0, 5)
        assert await unexplained(house) == []


async def test_nobody_buys_what_is_on_its_way(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await _house_with(house, 3)
        sent = await _send(inventory, 2)
        assert (sent.state, sent.quantity, sent.in_transit, sent.arrived) == ("in_transit", 2, 2, 0)
        assert await _send(inventory, 2) == sent
        (found,) = await inventory.availability(variant_ids=["var_a"])
        assert (found.on_hand, found.in_transit, found.available) == (3, 2, 1)
        short = await refused(inventory.hold(run="run_1", lines=[line(quantity=2)], seconds=60))
        assert short.code == "momentarily_held"
        assert (await refused(_send(inventory, 2, key="t2"))).code == "stock_in_use"
        counted = await inventory.count(variant_id="var_a", quantity=1, reason="stocktaking")
        assert counted.on_hand == 3
        done = await inventory.receive_transfer(transfer_id=sent.id)
        assert (done.state, done.in_transit, done.arrived) == ("received", 0, 2)
        assert await inventory.receive_transfer(transfer_id=sent.id) == done
        assert await places(inventory) == {"bund": (2, 0, 0, 0), "main": (1, 0, 0, 0)}
        assert (
            await refused(inventory.cancel_transfer(transfer_id=sent.id, reason="x"))
        ).code == "transfer_ended"
        assert await unexplained(house) == []


async def test_part_arrives_and_the_rest_goes_back(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await _house_with(house, 3)
        serials = [unit.serial for unit in (await inventory.units(variant_id="var_a")).items]
        sent = await _send(inventory, 2, serials=serials[:2])
        some = await inventory.receive_transfer(transfer_id=sent.id, serials=serials[:1])
        assert (some.state, some.in_transit, some.arrived) == ("in_transit", 1, 1)
        wrong = await refused(inventory.receive_transfer(transfer_id=sent.id, serials=serials[2:]))
        assert (wrong.code, wrong.extra["serials"]) == ("not_in_transit", serials[2:])
        ended = await inventory.cancel_transfer(transfer_id=sent.id, reason="broken lorry")
        assert (ended.state, ended.in_transit, ended.arrived) == ("cancelled", 0, 1)
        assert await inventory.cancel_transfer(transfer_id=sent.id, reason="broken lorry") == ended
        assert await places(inventory) == {"bund": (1, 0, 0, 0), "main": (2, 0, 0, 0)}
        after = await refused(inventory.receive_transfer(transfer_id=sent.id))
        assert after.code == "transfer_ended"
        assert [each.id for each in (await inventory.transfers(state="cancelled")).items] == [sent.id]
        assert await unexplained(house) == []


async def test_a_transfer_and_buyers_share_the_stock_exactly() -> None:
    async with running("inventory") as house:
        inventory = await _house_with(house, 20)
        barrier = asyncio.Barrier(30)

        async def go(number: int) -> str:
            await barrier.wait()
            try:
                if number % 3:
                    await inventory.hold(run=f"run_{number}", lines=[line()], seconds=60)
                    return "held"
                sent = await _send(inventory, 1, key=f"t{number}")
                await inventory.receive_transfer(transfer_id=sent.id)
            except Exception as refusal:
                return getattr(refusal, "code", repr(refusal))
            return "moved"

        outcomes = await asyncio.gather(*(go(number) for number in range(30)))
        assert set(outcomes) <= {"held", "moved", "momentarily_held", "stock_in_use"}
        found = await places(inventory)
        assert sum(held for _, held, _, _ in found.values()) == outcomes.count("held")
        assert sum(sum(each) for each in found.values()) == 20
        assert sum(found.get("bund", (0, 0))[:2]) == outcomes.count("moved")
        assert await unexplained(house) == []


async def test_an_unknown_transfer(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = house.port(Port)
        assert (await refused(inventory.receive_transfer(transfer_id="trf_x"))).code == "transfer_unknown"
        same = inventory.transfer(
            key="t", variant_id="v", quantity=1, origin="main", destination="main", reason="x"
        )
        assert (await refused(same)).code == "location_invalid"
