"""Stock against a model in a few lines: whatever happens in whatever order, both say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.services.inventory.contract import HoldLine, Port, RestockLine
from tests.harness import Running, running
from tests.services.inventory.shelves import open_boutique, unexplained

T = TypeVar("T")
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLACES: tuple[str, ...] = ("main", "bund")
RUNS = st.integers(0, 5)
FEW = st.integers(1, 4)

_runner: asyncio.Runner
_house: Running
_kinds = 0


class StockModel(RuleBasedStateMachine):
    """Runs are a few, so that they repeat. A place's free units are known by number, held and sold ones by run."""

    @initialize()
    def begin(self) -> None:
        global _kinds
        _kinds += 1
        self.variant = f"var_{_kinds}"
        self.port = _house.port(Port)
        self.now = START
        self.free = dict.fromkeys(PLACES, 0)
        self.held: dict[str, list[Any]] = {}
        self.until: dict[str, datetime] = {}
        self.ended: set[str] = set()
        self.sold: dict[str, list[Any]] = {}
        self.shipped: set[str] = set()
        self.moving: dict[str, int] = {}
        self.keys = 0
        clock.replace_clock(lambda: self.now)

    def do(self, work: Coroutine[Any, Any, T]) -> T | str:
        try:
            return _runner.run(work)
        except Refusal as refusal:
            return refusal.code

    def run_of(self, number: int) -> str:
        return f"run_{self.variant}_{number}"

    def key(self) -> str:
        self.keys += 1
        return f"{self.variant}-{self.keys}"

    @property
    def unsold(self) -> int:
        return sum(self.free.values()) + sum(map(len, self.held.values())) + sum(self.moving.values())

    @rule(quantity=FEW, place=st.sampled_from(PLACES))
    def receive(self, quantity: int, place: str) -> None:
        self.do(
            self.port.receive(
                variant_id=self.variant, quantity=quantity, reason="x", key=self.key(), location=place
            )
        )
        self.free[place] += quantity

    @rule(number=RUNS, quantity=FEW, seconds=st.sampled_from([60, 600]))
    def hold(self, number: int, quantity: int, seconds: int) -> None:
        run = self.run_of(number)
        answer = self.do(
            self.port.hold(
                run=run, lines=[HoldLine(variant_id=self.variant, quantity=quantity)], seconds=seconds
            )
        )
        mine = self.held.get(run) or self.sold.get(run)
        if run in self.ended:
            assert answer == "hold_expired"
        elif mine and len(mine) < quantity:
            assert answer in ("momentarily_held", "sold_out")
        elif mine:
            assert {unit.unit_id for unit in answer.units} == {unit.unit_id for unit in mine}  # type: ignore[union-attr]
        elif sum(self.free.values()) >= quantity:
            self.held[run] = list(answer.units)  # type: ignore[union-attr]
            self.until[run] = self.now + timedelta(seconds=seconds)
            for unit in self.held[run]:
                self.free[unit.location] -= 1
            assert len(self.held[run]) == quantity
        else:
            assert answer == ("sold_out" if self.unsold < quantity else "momentarily_held")

    @rule(number=RUNS)
    def extend(self, number: int) -> None:
        run = self.run_of(number)
        answer = self.do(self.port.extend(run=run, seconds=900))
        assert answer == (None if run in self.held or run in self.sold else "hold_expired")
        if run in self.held:
            self.until[run] = self.now + timedelta(seconds=900)

    @rule(number=RUNS)
    def release(self, number: int) -> None:
        run = self.run_of(number)
        assert self.do(self.port.release(run=run)) is None
        self.ended.add(run)
        self.set_free(run)

    def set_free(self, run: str) -> None:
        for unit in self.held.pop(run, []):
            self.free[unit.location] += 1

    @rule(number=RUNS)
    def commit(self, number: int) -> None:
        run = self.run_of(number)
        answer = self.do(self.port.commit(run=run, order_id=f"ord_{run}"))
        if run in self.held:
            self.sold[run] = self.held.pop(run)
        if run in self.sold:
            assert {unit.unit_id for unit in answer} == {unit.unit_id for unit in self.sold[run]}  # type: ignore[union-attr]
        else:
            assert answer == "hold_expired"

    @rule(seconds=st.integers(30, 500))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.do(self.port.expire_holds())
        for run in [run for run in self.held if self.until[run] < self.now]:
            self.set_free(run)

    @rule(number=RUNS)
    def ship(self, number: int) -> None:
        run = self.run_of(number)
        left = [unit for unit in self.sold.get(run, []) if unit.unit_id not in self.shipped]
        answer = self.do(self.port.ship(order_id=f"ord_{run}", key=self.key()))
        assert {unit.unit_id for unit in answer} == {unit.unit_id for unit in left}  # type: ignore[union-attr]
        self.shipped |= {unit.unit_id for unit in left}

    @rule(number=RUNS, quantity=FEW, damaged=st.booleans())
    def restock(self, number: int, quantity: int, damaged: bool) -> None:
        run = self.run_of(number)
        back = self.sold.get(run, [])[:quantity]
        if not back:
            return
        line = RestockLine(
            variant_id=self.variant,
            serials=[unit.serial for unit in back],
            condition="damaged" if damaged else "saleable",
        )
        key = self.key()
        answers = [
            self.do(self.port.restock(key=key, order_id=f"ord_{run}", lines=[line], reason="x")) for _ in "12"
        ]
        assert answers[0] == answers[1]
        assert answers[0] == back
        self.ended.add(run)
        self.sold[run] = self.sold[run][quantity:]
        if not self.sold[run]:
            del self.sold[run]
        for unit in back:
            self.shipped.discard(unit.unit_id)
            self.free[unit.location] += not damaged

    @rule(quantity=st.integers(0, 6), place=st.sampled_from(PLACES))
    def count(self, quantity: int, place: str) -> None:
        busy = sum(unit.location == place for units in self.held.values() for unit in units)
        answer = self.do(
            self.port.count(variant_id=self.variant, quantity=quantity, reason="x", location=place)
        )
        if quantity < busy:
            assert answer == "stock_in_use"
        else:
            self.free[place] = quantity - busy

    @rule(quantity=FEW, origin=st.sampled_from(PLACES))
    def send(self, quantity: int, origin: str) -> None:
        destination = PLACES[1 - PLACES.index(origin)]
        answer = self.do(
            self.port.transfer(
                key=self.key(),
                variant_id=self.variant,
                quantity=quantity,
                origin=origin,
                destination=destination,
                reason="x",
            )
        )
        if self.free[origin] < quantity:
            assert answer == "stock_in_use"
        else:
            self.free[origin] -= quantity
            self.moving[answer.id] = quantity  # type: ignore[union-attr]

    @rule(arrives=st.booleans())
    def transfer_ends(self, arrives: bool) -> None:
        if not self.moving:
            return
        transfer_id, quantity = self.moving.popitem()
        work = (
            self.port.receive_transfer(transfer_id=transfer_id)
            if arrives
            else self.port.cancel_transfer(transfer_id=transfer_id, reason="x")
        )
        ended: Any = self.do(work)
        assert ended.state == ("received" if arrives else "cancelled")
        self.free[ended.destination if arrives else ended.origin] += quantity

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "variant"):
            return
        found: Any = self.do(self.port.availability(variant_ids=[self.variant]))
        held = sum(map(len, self.held.values()))
        assert (found[0].on_hand, found[0].held, found[0].available, found[0].in_transit) == (
            self.unsold,
            held,
            sum(self.free.values()),
            sum(self.moving.values()),
        )
        stock: Any = self.do(self.port.stock(variant_ids=[self.variant]))
        free = {each.location: each.free for each in stock if each.free}
        assert free == {place: number for place, number in self.free.items() if number}

    def teardown(self) -> None:
        clock.replace_clock(None)


def test_stock_does_what_the_model_does() -> None:
    global _runner, _house
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        _runner, _house = runner, runner.run(stack.enter_async_context(running("inventory")))
        try:
            runner.run(open_boutique(_house))
            case = StockModel.TestCase
            case.settings = settings(
                max_examples=40,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            )
            case("runTest").runTest()  # type: ignore[call-arg]
            assert runner.run(unexplained(_house)) == []
        finally:
            runner.run(stack.aclose())
