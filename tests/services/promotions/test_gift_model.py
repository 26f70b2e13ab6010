"""Gift cards against a model in a few lines: whatever happens in whatever order, both say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from luxe.app.invariants.promotions import INVARIANTS
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.promotions.contract import Gift, Port
from tests.harness import Running, running

T = TypeVar("T")

_runner: asyncio.Runner
_house: Running
_tables = 0

RUNS = st.integers(0, 4)
CARDS: tuple[str, ...] = ("first", "second")


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


class GiftModel(RuleBasedStateMachine):
    """Two cards and a few runs, which therefore repeat."""

    @initialize()
    def issue(self) -> None:
        global _tables
        _tables += 1
        self.name = str(_tables)
        self.port = _house.port(Port)
        self.ids: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        for card in CARDS:
            made = self.do(
                self.port.issue_gift_card(
                    key=f"{self.name} {card}", amount=cny(100), reason="test", operator_id="acc_li"
                )
            )
            self.ids[card] = made.id
            self.codes[card] = self.do(self.port.code_of_gift_card(card_id=made.id))
        self.available = dict.fromkeys(CARDS, 100)
        self.states: dict[int, str] = {}
        self.used: dict[int, list[tuple[str, int]]] = {}
        self.given: dict[int, dict[int, int]] = {}

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return _runner.run(work)

    def answer_of(self, work: Coroutine[Any, Any, T]) -> T | str:
        try:
            return self.do(work)
        except Refusal as refusal:
            return refusal.code

    def run_of(self, number: int) -> str:
        return f"run_{self.name}_{number}"

    @property
    def held(self) -> dict[str, int]:
        held = dict.fromkeys(CARDS, 0)
        for number, parts in self.used.items():
            for card, minor in parts if self.states[number] == "held" else ():
                held[card] += minor
        return held

    @rule(number=RUNS, parts=st.dictionaries(st.sampled_from(CARDS), st.integers(1, 70), min_size=1))
    def hold(self, number: int, parts: dict[str, int]) -> None:
        gifts = [Gift(code=self.codes[card], amount=cny(minor)) for card, minor in parts.items()]
        answer = self.answer_of(
            self.port.hold(
                run=self.run_of(number),
                account_id="acc_mei",
                tier="gold",
                country="CN",
                currency="CNY",
                lines=[],
                codes=[],
                gifts=gifts,
            )
        )
        state = self.states.get(number)
        if state == "released":
            assert answer == "run_unknown"
        elif state is None and any(minor > self.available[card] for card, minor in parts.items()):
            assert answer == "gift_short"
        else:
            assert not isinstance(answer, str)
            if state is None:
                self.states[number], self.used[number] = "held", list(parts.items())
                for card, minor in parts.items():
                    self.available[card] -= minor

    @rule(number=RUNS)
    def release(self, number: int) -> None:
        self.do(self.port.release(run=self.run_of(number)))
        if self.states.get(number) == "held":
            for card, minor in self.used.pop(number):
                self.available[card] += minor
        if self.states.get(number) != "settled":
            self.states[number] = "released"

    @rule(number=RUNS)
    def settle(self, number: int) -> None:
        answer = self.answer_of(self.port.settle(run=self.run_of(number)))
        assert answer == ("run_unknown" if self.states.get(number) == "released" else None)
        if self.states.get(number) == "held":
            self.states[number] = "settled"

    @rule(number=RUNS, key=st.integers(0, 3), minor=st.integers(0, 80))
    def give_back(self, number: int, key: int, minor: int) -> None:
        answer = self.answer_of(self.port.give_back(run=self.run_of(number), key=str(key), amount=cny(minor)))
        given = self.given.setdefault(number, {})
        spent = sum(part for _, part in self.used.get(number, []))
        if self.states.get(number) == "held":
            assert answer == "run_unsettled"
        elif self.states.get(number) != "settled":
            assert answer == ("give_back_too_much" if minor else cny(0))
        elif key in given:
            assert answer == (cny(sum(given.values())) if given[key] == minor else "give_back_reused")
        elif sum(given.values()) + minor > spent:
            assert answer == "give_back_too_much"
        else:
            back = [card for card, part in reversed(self.used[number]) for _ in range(part)]
            for card in back[sum(given.values()) :][:minor]:
                self.available[card] += 1
            given[key] = minor
            assert answer == cny(sum(given.values()))

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "name"):
            return
        query = "SELECT available_minor, held_minor FROM promotions.gift_cards WHERE id = :id"
        for card in CARDS:
            (row,) = self.do(_house.rows("promotions", query, id=self.ids[card]))
            assert tuple(row) == (self.available[card], self.held[card])


def test_gift_cards_do_what_the_model_does() -> None:
    global _runner, _house
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        _runner, _house = runner, runner.run(stack.enter_async_context(running("promotions")))
        try:
            case = GiftModel.TestCase
            case.settings = settings(
                max_examples=30,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            )
            case("runTest").runTest()  # type: ignore[call-arg]
            broken = {each.name: runner.run(_house.rows("promotions", each.broken)) for each in INVARIANTS}
            assert {name: rows for name, rows in broken.items() if rows} == {}
        finally:
            runner.run(stack.aclose())
