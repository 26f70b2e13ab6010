"""The ledger against a model in a few lines: whatever happens in whatever order, both say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeVar

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from luxe.app.invariants.loyalty import INVARIANTS
from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.loyalty.contract import Port, Reversal
from tests.harness import Running, running

T = TypeVar("T")
TOTAL = Money(10**9, "CNY")
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALONE = 100

_runner: asyncio.Runner
_house: Running
_members = 0


class Lot(msgspec.Struct):
    expires_at: datetime
    points: int
    run: str = ""


class Sale(msgspec.Struct):
    paid: int
    earned: int
    spent: list[Lot]
    refunded: int = 0
    taken: int = 0
    given: int = 0
    keys: dict[int, tuple[int, Reversal]] = {}

    @property
    def redeemed(self) -> int:
        return sum(lot.points for lot in self.spent)


def midnight_after(at: datetime) -> datetime:
    return at.replace(hour=0) + timedelta(days=1)


class LedgerModel(RuleBasedStateMachine):
    """A member earns, holds, releases, settles, is refunded, adjusted, and lets points lapse; runs are a few, so that
    they repeat."""

    @initialize()
    def join(self) -> None:
        global _members
        _members += 1
        self.member = f"acc_{_members}"
        self.port = _house.port(Port)
        self.today = START
        self.lots: list[Lot] = []
        self.held: dict[str, int] = {}
        self.owed = 0
        self.ended: dict[str, str] = {}
        self.sales: dict[str, Sale] = {}
        self.alone: list[tuple[datetime, int]] = []
        self.adjustments = 0
        clock.replace_clock(lambda: self.today)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return _runner.run(work)

    def answer_of(self, work: Coroutine[Any, Any, T]) -> T | str:
        try:
            return self.do(work)
        except Refusal as refusal:
            return refusal.code

    def run_of(self, number: int) -> str:
        return f"run_{self.member}_{number}"

    @property
    def available(self) -> int:
        return sum(lot.points for lot in self.lots) - sum(self.held.values())

    def take(self, points: int, first: str = "") -> list[Lot]:
        """From the lot of the run `first`, then from those that lapse soonest; returns what was taken."""
        taken = []
        for lot in sorted(self.lots, key=lambda lot: (not first or lot.run != first, lot.expires_at)):
            here = min(lot.points, points)
            lot.points -= here
            points -= here
            if here:
                taken.append(Lot(lot.expires_at, here))
        return taken

    def add(self, points: int, run: str = "") -> None:
        expires_at = midnight_after(self.today).replace(year=self.today.year + 2)
        self.lots.append(Lot(expires_at, points, run))

    def repay(self) -> None:
        points = min(self.owed, self.available)
        self.take(points)
        self.owed -= points

    @rule(number=st.integers(0, 5), points=st.integers(1, 60))
    def hold(self, number: int, points: int) -> None:
        run = self.run_of(number)
        if run in self.sales and run not in self.ended:
            return
        answer = self.answer_of(self.port.hold(run=run, account_id=self.member, points=points, total=TOTAL))
        if self.ended.get(run) == "released":
            assert answer == "run_unknown"
        elif run in self.held or self.ended.get(run) == "settled":
            assert not isinstance(answer, str)
        elif points > self.available:
            assert answer == "points_short"
        else:
            assert not isinstance(answer, str)
            assert answer.points == points
            self.held[run] = points

    @rule(number=st.integers(0, 5))
    def release(self, number: int) -> None:
        run = self.run_of(number)
        self.do(self.port.release(run=run))
        self.held.pop(run, None)
        self.ended.setdefault(run, "released")
        self.repay()

    @rule(number=st.integers(0, 7), units=st.integers(0, 80), multiplier=st.sampled_from([100, 125, 150]))
    def settle(self, number: int, units: int, multiplier: int) -> None:
        run = self.run_of(number)
        if self.ended.get(run) == "released":
            return
        answer = self.do(
            self.port.settle(
                run=run,
                account_id=self.member,
                reference=run,
                net_paid=Money(units * 100, "CNY"),
                multiplier_percent=multiplier,
            )
        )
        if run in self.sales:
            assert answer == self.sales[run].earned
            return
        assert answer == units * multiplier // 100
        spent = self.take(self.held.get(run, 0))
        if self.held.pop(run, 0):
            self.ended[run] = "settled"
        if answer or spent:
            self.sales[run] = Sale(units * 100, answer, spent)
        if answer:
            self.add(answer, run)
        self.repay()

    @rule(number=st.integers(0, 7), key=st.integers(0, 3), percent=st.sampled_from([0, 10, 33, 50, 67, 100]))
    def reverse(self, number: int, key: int, percent: int) -> None:
        run = self.run_of(number)
        sale = self.sales.get(run, Sale(0, 0, []))
        refunded = sale.paid * percent // 100
        answer = self.answer_of(self.port.reverse(run=run, key=str(key), refunded=Money(refunded, "CNY")))
        if run in self.held:
            assert answer == "run_unsettled"
        elif run not in self.sales:
            assert answer == Reversal(taken_back=0, given_back=0)
        elif key in sale.keys:
            assert answer == (sale.keys[key][1] if sale.keys[key][0] == refunded else "reversal_reused")
        else:
            sale.refunded += refunded
            share = Fraction(min(sale.refunded, sale.paid), sale.paid) if sale.paid else Fraction(1)
            part = Reversal(
                taken_back=round(sale.earned * share) - sale.taken,
                given_back=round(sale.redeemed * share) - sale.given,
            )
            assert answer == part
            sale.keys = {**sale.keys, key: (refunded, part)}
            self.give_back(sale, part.given_back)
            self.take_back(sale, part.taken_back, run)
            self.repay()

    def give_back(self, sale: Sale, points: int) -> None:
        soonest = midnight_after(self.today + timedelta(days=90))
        spent = sorted(sale.spent, key=lambda lot: lot.expires_at, reverse=True)
        days = [lot.expires_at for lot in spent for _ in range(lot.points)]
        self.lots += [Lot(max(day, soonest), 1) for day in days[sale.given : sale.given + points]]
        sale.given += points

    def take_back(self, sale: Sale, points: int, run: str) -> None:
        there = min(points, self.available)
        self.take(there, run)
        self.owed += points - there
        sale.taken += points

    @rule(points=st.integers(-60, 60).filter(bool), approve=st.booleans())
    def adjust(self, points: int, approve: bool) -> None:
        self.adjustments += 1
        answer = self.answer_of(
            self.port.adjust(
                key=f"{self.member} {self.adjustments}",
                account_id=self.member,
                points=points,
                reason="because",
                operator_id="acc_li",
            )
        )
        lately = sum(moved for at, moved in self.alone if at > self.today - timedelta(days=1))
        if lately + abs(points) > ALONE:
            assert not isinstance(answer, str)
            assert answer.state == "pending"
            decided = self.answer_of(
                self.port.decide_adjustment(adjustment_id=answer.id, operator_id="acc_sun", approve=approve)
            )
            if not approve:
                assert not isinstance(decided, str)
                assert decided.state == "declined"
                return
            answer = decided
        elif -points <= self.available:
            self.alone.append((self.today, abs(points)))
        if -points > self.available:
            assert answer == "adjustment_short"
            return
        assert not isinstance(answer, str)
        assert answer.state == "made"
        if points > 0:
            self.add(points)
            self.repay()
        else:
            self.take(-points)

    @rule(days=st.integers(20, 300))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.do(_house.run_jobs("loyalty"))
        lapsed = sum(lot.points for lot in self.lots if lot.expires_at <= self.today)
        self.take(max(0, lapsed - sum(self.held.values())))

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "member"):
            return
        balance = self.do(self.port.balance(account_id=self.member))
        assert (balance.available, balance.held) == (self.available, sum(self.held.values()))
        assert balance.owed == self.owed
        assert balance.available >= 0
        assert not (balance.available and balance.owed)
        soonest = min((lot.expires_at for lot in self.lots if lot.points), default=None)
        assert balance.expires_at == soonest
        assert balance.expiring == sum(lot.points for lot in self.lots if lot.expires_at == soonest)

    @invariant()
    def entries_say_the_same(self) -> None:
        if not hasattr(self, "member"):
            return
        query = "SELECT coalesce(sum(points), 0) FROM loyalty.entries WHERE account = :account"
        kinds = (("available", self.available), ("held", sum(self.held.values())), ("owed", -self.owed))
        for kind, points in kinds:
            name = f"member:{self.member}:{kind}"
            assert self.do(_house.rows("loyalty", query, account=name))[0][0] == points

    def teardown(self) -> None:
        clock.replace_clock(None)


def test_the_ledger_does_what_the_model_does() -> None:
    global _runner, _house
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        _runner, _house = (
            runner,
            runner.run(stack.enter_async_context(running("loyalty", four_eyes_above=ALONE))),
        )
        try:
            case = LedgerModel.TestCase
            case.settings = settings(
                max_examples=40,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            )
            case("runTest").runTest()  # type: ignore[call-arg]
            broken = {each.name: runner.run(_house.rows("loyalty", each.broken)) for each in INVARIANTS}
            assert {name: rows for name, rows in broken.items() if rows} == {}
            assert runner.run(_house.port(Port).trial_balance()).total == 0
            assert runner.run(_house.rows("loyalty", "SELECT * FROM loyalty.recount_differences")) == []
        finally:
            runner.run(stack.aclose())
