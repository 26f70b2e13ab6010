"""The ledger against a model in a few lines: whatever happens in whatever order, both say the same."""

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
from luxe.kernel.money import Money
from luxe.services.loyalty.contract import Port
from tests.harness import Running, running

T = TypeVar("T")
TOTAL = Money(10**9, "CNY")
START = datetime(2026, 1, 1, 12, tzinfo=UTC)

_runner: asyncio.Runner
_house: Running
_members = 0


class LedgerModel(RuleBasedStateMachine):
    """A member earns, holds, releases, settles and lets points lapse; runs are a few, so that they repeat."""

    @initialize()
    def join(self) -> None:
        global _members
        _members += 1
        self.member = f"acc_{_members}"
        self.port = _house.port(Port)
        self.today = START
        self.lots: list[list[Any]] = []
        self.held: dict[str, int] = {}
        self.ended: dict[str, str] = {}
        self.earned: dict[str, int] = {}
        clock.replace_clock(lambda: self.today)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return _runner.run(work)

    def run_of(self, number: int) -> str:
        return f"run_{self.member}_{number}"

    @property
    def owned(self) -> int:
        return sum(lot[1] for lot in self.lots)

    @property
    def available(self) -> int:
        return self.owned - sum(self.held.values())

    @rule(number=st.integers(0, 5), points=st.integers(1, 60))
    def hold(self, number: int, points: int) -> None:
        run = self.run_of(number)
        if run in self.earned and run not in self.ended:
            return
        try:
            answer = self.do(
                self.port.hold(run=run, account_id=self.member, points=points, total=TOTAL)
            ).points
        except Refusal as refusal:
            answer = refusal.code
        if self.ended.get(run) == "released":
            assert answer == "run_unknown"
        elif run in self.held or self.ended.get(run) == "settled":
            assert isinstance(answer, int)
        elif points > self.available:
            assert answer == "points_short"
        else:
            assert answer == points
            self.held[run] = points

    @rule(number=st.integers(0, 5))
    def release(self, number: int) -> None:
        run = self.run_of(number)
        self.do(self.port.release(run=run))
        self.held.pop(run, None)
        self.ended.setdefault(run, "released")

    @rule(number=st.integers(0, 7), units=st.integers(0, 80), multiplier=st.sampled_from([100, 125, 150]))
    def settle(self, number: int, units: int, multiplier: int) -> None:
        run = self.run_of(number)
        if self.ended.get(run) == "released":
            return
        paid = Money(units * 100, "CNY")
        answer = self.do(
            self.port.settle(
                run=run, account_id=self.member, reference=run, net_paid=paid, multiplier_percent=multiplier
            )
        )
        if run in self.earned or self.ended.get(run) == "settled":
            assert answer == self.earned.get(run, 0)
            return
        spent = self.held.pop(run, 0)
        assert answer == units * multiplier // 100
        if spent:
            self.ended[run] = "settled"
            self.spend(spent)
        if answer:
            self.earned[run] = answer
            self.lots.append(
                [(self.today + timedelta(days=1)).replace(hour=0, year=self.today.year + 2), answer]
            )

    def spend(self, points: int) -> None:
        for lot in sorted(self.lots, key=lambda lot: lot[0]):
            taken = min(lot[1], points)
            lot[1] -= taken
            points -= taken

    @rule(days=st.integers(20, 300))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.do(_house.run_jobs("loyalty"))
        lapsed = sum(lot[1] for lot in self.lots if lot[0] <= self.today)
        self.spend(max(0, lapsed - sum(self.held.values())))

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "member"):
            return
        balance = self.do(self.port.balance(account_id=self.member))
        assert (balance.available, balance.held) == (self.available, sum(self.held.values()))
        assert balance.available >= 0

    @invariant()
    def entries_say_the_same(self) -> None:
        if not hasattr(self, "member"):
            return
        query = "SELECT coalesce(sum(points), 0) FROM loyalty.entries WHERE account = :account"
        for account, points in (("available", self.available), ("held", sum(self.held.values()))):
            name = f"member:{self.member}:{account}"
            assert self.do(_house.rows("loyalty", query, account=name))[0][0] == points

    def teardown(self) -> None:
        clock.replace_clock(None)


def test_the_ledger_does_what_the_model_does() -> None:
    global _runner, _house
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        _runner, _house = runner, runner.run(stack.enter_async_context(running("loyalty")))
        try:
            case = LedgerModel.TestCase
            case.settings = settings(
                max_examples=40,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            )
            case("runTest").runTest()  # type: ignore[call-arg]
            unequal = runner.run(
                _house.rows(
                    "loyalty", "SELECT journal_id FROM loyalty.entries GROUP BY 1 HAVING sum(points) <> 0"
                )
            )
            assert unequal == []
        finally:
            runner.run(stack.aclose())
