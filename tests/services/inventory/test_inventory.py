"""Inventory through its port, local and over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.services.inventory.contract import Availability, HoldLine, Port, StockChanged
from luxe.services.inventory.service.holding import RUNS_KEPT
from tests.harness import Running, running


async def _stock(house: Running, variant_id: str, quantity: int) -> Port:
    inventory = house.port(Port)
    await inventory.receive(
        variant_id=variant_id, quantity=quantity, reason="delivery", key=f"key-{variant_id}"
    )
    return inventory


def _line(variant_id: str, quantity: int = 1) -> HoldLine:
    return HoldLine(variant_id=variant_id, quantity=quantity)


async def _seen(inventory: Port, variant_id: str) -> tuple[int, int, int]:
    (found,) = await inventory.availability(variant_ids=[variant_id])
    return found.on_hand, found.held, found.available


async def test_receiving_twice_with_one_key_adds_once(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await _stock(house, "var_a", 3)
        again = await inventory.receive(variant_id="var_a", quantity=3, reason="delivery", key="key-var_a")
        assert again == Availability(variant_id="var_a", on_hand=3, held=0, available=3)
        assert [fact.variant_id for fact in await house.facts(StockChanged)] == ["var_a"]


async def test_ten_thousand_units_arrive_at_once() -> None:
    async with running("inventory") as house:
        inventory = await _stock(house, "var_a", 10_000)
        assert await _seen(inventory, "var_a") == (10_000, 0, 10_000)


async def test_a_hold_takes_all_lines_or_none(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await _stock(house, "var_a", 2)
        await _stock(house, "var_b", 1)
        with pytest.raises(Refusal) as refused:
            await inventory.hold(run="run_1", lines=[_line("var_a", 2), _line("var_c", 1)], seconds=60)
        assert (refused.value.code, refused.value.extra["variant_ids"]) == ("sold_out", ["var_c"])
        assert await _seen(inventory, "var_a") == (2, 0, 2)
        hold = await inventory.hold(run="run_1", lines=[_line("var_b"), _line("var_a", 2)], seconds=60)
        assert sorted(unit.variant_id for unit in hold.units) == ["var_a", "var_a", "var_b"]
        again = await inventory.hold(run="run_1", lines=[_line("var_b"), _line("var_a", 2)], seconds=60)
        assert {unit.unit_id for unit in again.units} == {unit.unit_id for unit in hold.units}
        assert await _seen(inventory, "var_a") == (2, 2, 0)


async def test_held_is_not_sold_out(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await _stock(house, "var_a", 1)
        await inventory.hold(run="run_1", lines=[_line("var_a")], seconds=60)
        with pytest.raises(Refusal) as refused:
            await inventory.hold(run="run_2", lines=[_line("var_a")], seconds=60)
        assert refused.value.code == "momentarily_held"
        await inventory.commit(run="run_1", order_id="ord_1")
        with pytest.raises(Refusal) as refused:
            await inventory.hold(run="run_2", lines=[_line("var_a")], seconds=60)
        assert refused.value.code == "sold_out"


async def test_release_frees_only_its_own_run_and_never_what_is_sold(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await _stock(house, "var_a", 2)
        await inventory.hold(run="run_1", lines=[_line("var_a")], seconds=60)
        await inventory.hold(run="run_2", lines=[_line("var_a")], seconds=60)
        sold = await inventory.commit(run="run_1", order_id="ord_1")
        await inventory.release(run="run_1")
        await inventory.release(run="run_2")
        await inventory.release(run="run_2")
        assert await _seen(inventory, "var_a") == (1, 0, 1)
        assert await inventory.commit(run="run_1", order_id="ord_1") == sold


async def test_a_lapsed_hold_is_freed_and_cannot_be_committed() -> None:
    async with running("inventory") as house:
        inventory = await _stock(house, "var_a", 1)
        await inventory.hold(run="run_1", lines=[_line("var_a")], seconds=60)
        clock.replace_clock(clock.ahead(timedelta(seconds=61)))
        try:
            assert await inventory.expire_holds() == 1
        finally:
            clock.replace_clock(None)
        with pytest.raises(Refusal) as refused:
            await inventory.commit(run="run_1", order_id="ord_1")
        assert refused.value.code == "hold_expired"
        assert await _seen(inventory, "var_a") == (1, 0, 1)


async def test_sixty_four_buyers_at_a_barrier_buy_twenty_units_exactly() -> None:
    async with running("inventory") as house:
        inventory = await _stock(house, "var_a", 20)
        barrier = asyncio.Barrier(64)

        async def buy(number: int) -> str:
            await barrier.wait()
            try:
                await inventory.hold(run=f"run_{number}", lines=[_line("var_a")], seconds=60)
            except Refusal as refusal:
                return refusal.code
            return "held"

        outcomes = await asyncio.gather(*(buy(number) for number in range(64)))
        assert outcomes.count("held") == 20
        assert outcomes.count("momentarily_held") == 44
        assert await _seen(inventory, "var_a") == (20, 20, 0)


async def test_a_count_cannot_write_off_what_is_being_bought(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await _stock(house, "var_a", 3)
        await inventory.hold(run="run_1", lines=[_line("var_a", 2)], seconds=60)
        with pytest.raises(Refusal) as refused:
            await inventory.count(variant_id="var_a", quantity=1, reason="stocktaking")
        assert refused.value.code == "stock_in_use"
        assert await _seen(inventory, "var_a") == (3, 2, 1)
        counted = await inventory.count(variant_id="var_a", quantity=2, reason="stocktaking")
        assert counted == Availability(variant_id="var_a", on_hand=2, held=2, available=0)


@pytest.mark.parametrize("quantity", [0, -1, 10_001])
async def test_an_impossible_receipt_changes_nothing(quantity: int) -> None:
    async with running("inventory") as house:
        inventory = house.port(Port)
        with pytest.raises(Refusal) as refused:
            await inventory.receive(variant_id="var_a", quantity=quantity, reason="", key="k")
        assert refused.value.code == "quantity_invalid"
        assert await _seen(inventory, "var_a") == (0, 0, 0)


async def test_rest_needs_a_role_and_an_idempotency_key() -> None:
    async with running("inventory") as house:
        url, receipt = (
            "/v1/inventory/var_a/receipts",
            {"quantity": 2, "reason": "delivery", "reference": "d1"},
        )
        assert (await house.rest.post(url, json=receipt)).status_code == 401
        member = house.sign_in_as("member")
        assert (
            await house.rest.post(url, json=receipt, headers=member | {"idempotency-key": "1"})
        ).status_code == 403
        operator = house.sign_in_as("operator")
        assert (await house.rest.post(url, json=receipt, headers=operator)).json()[
            "code"
        ] == "idempotency_key_missing"
        first = await house.rest.post(url, json=receipt, headers=operator | {"idempotency-key": "1"})
        again = await house.rest.post(url, json=receipt, headers=operator | {"idempotency-key": "1"})
        assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
        assert again.headers["idempotency-replayed"] == "true"
        other = await house.rest.post(
            url, json=receipt | {"quantity": 3}, headers=operator | {"idempotency-key": "1"}
        )
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        seen = await house.rest.get("/v1/inventory/var_a", headers=operator)
        assert seen.json() == {
            "variant_id": "var_a",
            "on_hand": 2,
            "held": 0,
            "available": 2,
            "in_transit": 0,
            "expected": 0,
            "available_on": None,
        }
        known = await house.rest.get(
            "/v1/inventory/var_a", headers=operator | {"if-none-match": seen.headers["etag"]}
        )
        assert known.status_code == 304


async def test_a_run_that_has_let_go_holds_nothing_any_more(binding: str) -> None:
    async with running("inventory", binding=binding) as house:
        inventory = await _stock(house, "var_a", 2)
        await inventory.release(run="run_early")
        await inventory.hold(run="run_late", lines=[_line("var_a")], seconds=60)
        await inventory.release(run="run_late")
        for run in ("run_early", "run_late"):
            with pytest.raises(Refusal) as refused:
                await inventory.hold(run=run, lines=[_line("var_a")], seconds=60)
            assert refused.value.code == "hold_expired"
        assert await _seen(inventory, "var_a") == (2, 0, 2)


async def test_holding_and_letting_go_at_once_leaves_nothing_held() -> None:
    async with running("inventory") as house:
        inventory = await _stock(house, "var_a", 3)
        for number in range(20):
            await asyncio.gather(
                inventory.hold(run=f"run_{number}", lines=[_line("var_a")], seconds=60),
                inventory.release(run=f"run_{number}"),
                return_exceptions=True,
            )
            assert await _seen(inventory, "var_a") == (3, 0, 3)


async def test_runs_are_forgotten_after_a_month() -> None:
    async with running("inventory") as house:
        inventory = await _stock(house, "var_a", 1)
        await inventory.release(run="run_1")
        service = house.service("inventory")
        async with house.database("inventory").transaction():
            await service.forget_runs()
        assert len(await house.rows("inventory", "SELECT 1 FROM inventory.runs")) == 1
        clock.replace_clock(clock.ahead(RUNS_KEPT + timedelta(hours=1)))
        try:
            async with house.database("inventory").transaction():
                await service.forget_runs()
        finally:
            clock.replace_clock(None)
        assert await house.rows("inventory", "SELECT 1 FROM inventory.runs") == []


async def test_stock_is_news_when_the_last_piece_goes_and_when_the_first_comes_back() -> None:
    async with running("inventory") as house:
        inventory = await _stock(house, "var_a", 3)
        told = len(await house.facts(StockChanged))
        await inventory.hold(run="run_1", lines=[_line("var_a")], seconds=60)
        await inventory.commit(run="run_1", order_id="ord_1")
        assert len(await house.facts(StockChanged)) == told, "others can still be had"
        for run in ("run_2", "run_3"):
            await inventory.hold(run=run, lines=[_line("var_a")], seconds=60)
        await inventory.commit(run="run_2", order_id="ord_2")
        assert len(await house.facts(StockChanged)) == told + 1, "none is free"
        await inventory.release(run="run_3")
        assert len(await house.facts(StockChanged)) == told + 2, "one is free again"
