"""Appointments: never more than there is room for, by run, and what is let go is free again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.services.fulfilment.contract import Destination, Port
from luxe.services.orders.contract import OrderCancelled
from tests.harness import Running, running

DAY = date(2026, 12, 1)
HERE = Destination(country="CN", region="Shanghai")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


async def refused(call: Awaitable[Any]) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


async def slot(port: Port, capacity: int, starts: str = "10:00") -> str:
    made = await port.put_capacity(
        method="white_glove", place="CN-Shanghai", day=DAY, starts=starts, ends="18:00", capacity=capacity
    )
    return made.id


async def left(port: Port) -> list[tuple[str, int]]:
    found = await port.slots(destination=HERE, method="white_glove", currency="CNY", day=DAY)
    return [(each.starts, each.left) for each in found]


async def test_an_appointment_is_reserved_confirmed_and_let_go(binding: str) -> None:
    async with running("fulfilment", binding=binding) as house:
        port = house.port(Port)
        ten, noon = await slot(port, 2), await slot(port, 1, "12:00")
        for _ in range(2):
            await port.reserve(run="run_a", slot_id=ten)
        assert await left(port) == [("10:00", 1), ("12:00", 1)]
        assert await refused(port.reserve(run="run_a", slot_id=noon)) == "slot_other"
        await port.reserve(run="run_b", slot_id=ten)
        assert await left(port) == [("12:00", 1)]
        assert await refused(port.reserve(run="run_c", slot_id=ten)) == "slot_full"
        assert await refused(port.reserve(run="run_c", slot_id="slt_none")) == "slot_unknown"
        assert await refused(slot(port, 1)) == "capacity_taken"
        for _ in range(2):
            await port.confirm(run="run_a", order_id="ord_a")
            await port.release(run="run_b")
        assert await refused(port.release(run="run_a")) == "reservation_confirmed"
        assert await refused(port.confirm(run="run_a", order_id="ord_b")) == "slot_other"
        assert await refused(port.reserve(run="run_b", slot_id=ten)) == "reservation_over"
        await port.release(run="run_late")
        assert await refused(port.reserve(run="run_late", slot_id=ten)) == "reservation_over"
        (standing,) = await port.appointments(first=DAY, last=DAY)
        assert (standing.run, standing.order_id, standing.state) == ("run_a", "ord_a", "confirmed")
        assert [each.taken for each in await port.capacities(first=DAY, last=DAY)] == [1, 0]
        elsewhere = Destination(country="CN", region="Beijing")
        assert await port.slots(destination=elsewhere, method="white_glove", currency="CNY", day=DAY) == []


async def test_a_reservation_lapses_but_a_paid_order_keeps_it_while_there_is_room() -> None:
    async with running("fulfilment") as house:
        port = house.port(Port)
        only = await slot(port, 1)
        clock.replace_clock(lambda: NOW)
        try:
            await port.reserve(run="run_a", slot_id=only, seconds=60)
            clock.replace_clock(lambda: NOW + timedelta(seconds=61))
            assert await left(port) == [("10:00", 1)]
            await port.confirm(run="run_a", order_id="ord_a")
            assert await left(port) == []
            await cancelled(house, "ord_a")
            await port.reserve(run="run_b", slot_id=only, seconds=60)
            clock.replace_clock(lambda: NOW + timedelta(seconds=200))
            await port.reserve(run="run_c", slot_id=only, seconds=60)
            assert await refused(port.confirm(run="run_b", order_id="ord_b")) == "reservation_over"
        finally:
            clock.replace_clock(None)


async def cancelled(house: Running, order_id: str) -> None:
    service = house.service("fulfilment")
    fact = OrderCancelled(order_id=order_id, account_id="acc_a", number="LX-A", reason="")
    async with service.db.transaction():
        await service.call_off_of(fact.order_id)
        await service.end_appointment(order_id=fact.order_id)


async def test_at_a_barrier_exactly_as_many_are_given_as_there_are(binding: str) -> None:
    async with running("fulfilment", binding=binding) as house:
        port = house.port(Port)
        wanted = await slot(port, 5)
        start = asyncio.Event()

        async def rush(number: int) -> str:
            await start.wait()
            try:
                await port.reserve(run=f"run_{number}", slot_id=wanted)
            except Refusal as refusal:
                return refusal.code
            return "given"

        rushing = [asyncio.create_task(rush(number)) for number in range(16)]
        await asyncio.sleep(0)
        start.set()
        outcomes = await asyncio.gather(*rushing)
        assert sorted(outcomes) == ["given"] * 5 + ["slot_full"] * 11
        assert [each.taken for each in await port.capacities(first=DAY, last=DAY)] == [5]


STEPS = st.lists(
    st.tuples(st.sampled_from(["reserve", "release", "confirm"]), st.integers(0, 4)), max_size=14
)


async def test_any_history_agrees_with_a_simple_model() -> None:
    async with running("fulfilment") as house:
        port = house.port(Port)
        numbers = iter(range(10_000))
        histories: list[list[tuple[str, int]]] = []

        @settings(max_examples=15)
        @given(STEPS)
        def collect(steps: list[tuple[str, int]]) -> None:
            histories.append(steps)

        collect()
        for steps in histories:
            number = next(numbers)
            wanted = await slot(port, 2, f"{number // 60:02}:{number % 60:02}")
            model: dict[int, str] = {}
            for verb, who in steps:
                run = f"run_{number}_{who}"
                expected = _expected(verb, who, model)
                call = {
                    "reserve": lambda run=run, wanted=wanted: port.reserve(run=run, slot_id=wanted),
                    "release": lambda run=run: port.release(run=run),
                    "confirm": lambda run=run, who=who: port.confirm(run=run, order_id=f"ord_{who}"),
                }[verb]
                if expected:
                    assert await refused(call()) == expected
                else:
                    await call()
            taken = [each.taken for each in await port.capacities(first=DAY, last=DAY) if each.id == wanted]
            assert taken == [_standing(model)]
            assert taken[0] <= 2


def _standing(model: dict[int, str]) -> int:
    return sum(state in ("reserved", "confirmed") for state in model.values())


def _expected(verb: str, who: int, model: dict[int, str]) -> str:
    """Moves the model; the code of the refusal, or nothing."""
    state = model.get(who, "")
    if verb == "reserve":
        if state == "released":
            return "reservation_over"
        if not state and _standing(model) == 2:
            return "slot_full"
        model[who] = state or "reserved"
    elif verb == "release":
        if state == "confirmed":
            return "reservation_confirmed"
        model[who] = "released"
    elif state in ("", "released"):
        return "reservation_over"
    else:
        model[who] = "confirmed"
    return ""
