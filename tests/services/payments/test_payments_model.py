"""A payment against a model in a few lines: captures in part, refunds, lost answers and cancels in whatever order."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.payments.contract import Port
from tests.harness import Running
from tests.outside.parties import start_psp
from tests.services.payments.provider import Psp, open_fee, paying, sweep_later

T = TypeVar("T")
AMOUNT = 100
KEYS = st.integers(0, 3)
PARTS = st.integers(1, 70)
LOSSES = st.sampled_from(["", "", "timeout_before", "timeout_after"])

_runner: asyncio.Runner
_house: Running
_psp: Psp
_runs = 0


class Moved:
    """A movement of the model: `done`, `failed`, or unknown to us and `before` or `after` its effect there."""

    def __init__(self, amount: int, state: str) -> None:
        self.amount, self.state = amount, state


class PaymentModel(RuleBasedStateMachine):
    """One payment of 100, authorised; keys are a few, so that they repeat. `ended`: nothing more can be captured."""

    @initialize()
    def authorise(self) -> None:
        global _runs
        _runs += 1
        self.run = f"run_{_runs}"
        self.port = _house.port(Port)
        self.taken: dict[int, Moved] = {}
        self.back: dict[int, Moved] = {}
        self.known = self.rest = self.cancelled_back = 0
        self.ended = self.cancelled = False
        self.intent = self.do(open_fee(self.port, self.run, Money(AMOUNT, "CNY")))
        self.do(_psp.pay(self.intent))
        self.do(self.port.refresh(run=self.run))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return _runner.run(work)

    def answer(self, work: Coroutine[Any, Any, Any]) -> str:
        try:
            found = self.do(work)
        except Refusal as refusal:
            return refusal.code
        return getattr(found, "state", "done")

    def lose(self, operation: str, mode: str) -> None:
        if mode:
            self.do(_psp.fault(api={"operation": operation, "mode": mode, "hold_ms": 5}))

    def learn(self) -> None:
        """Whatever the provider answers tells all that happened there."""
        for moved in (*self.taken.values(), *self.back.values()):
            moved.state = "done" if moved.state == "after" else moved.state
        self.known = sum(moved.amount for moved in self.taken.values() if moved.state == "done") + self.rest
        self.ended = self.ended or self.known == AMOUNT

    @property
    def reserved(self) -> int:
        return sum(moved.amount for moved in self.back.values()) + self.cancelled_back

    @rule(key=KEYS, minor=PARTS, mode=LOSSES)
    def take(self, key: int, minor: int, mode: str) -> None:
        pending = sum(moved.amount for moved in self.taken.values() if moved.state in ("before", "after"))
        old = self.taken.get(key)
        goes_out = old is None and not self.ended and minor <= AMOUNT - self.known - pending
        self.lose("capture", mode if goes_out else "")
        found = self.answer(self.port.capture(run=self.run, amount=Money(minor, "CNY"), key=f"take {key}"))
        if old is not None and old.amount != minor:
            assert found == "capture_reused"
        elif old is not None and old.state == "failed":
            assert found == "psp_refused"
        elif old is not None and old.state == "before":
            old.state = "failed" if self.ended_there() else "done"
            self.learn()
            assert found == ("psp_refused" if old.state == "failed" else self.state)
        elif old is not None:
            if old.state == "after":
                self.learn()
            assert found == self.state
        elif self.ended:
            assert found == "intent_state"
        elif not goes_out:
            assert found == "capture_too_much"
        elif mode:
            assert found == "deadline_exceeded"
            self.taken[key] = Moved(minor, mode.removeprefix("timeout_"))
        else:
            self.taken[key] = Moved(minor, "done")
            self.learn()
            assert found == self.state

    def ended_there(self) -> bool:
        there = sum(moved.amount for moved in self.taken.values() if moved.state in ("done", "after"))
        return self.ended or there + self.rest == AMOUNT

    @property
    def state(self) -> str:
        return "captured" if self.ended else "authorised"

    @rule()
    def take_the_rest(self) -> None:
        found = self.answer(self.port.capture(run=self.run))
        if self.cancelled:
            assert found == "intent_state"
            return
        assert found == "captured"
        if not self.ended:
            self.learn()
            self.rest = AMOUNT - self.known
            self.ended = True
            self.learn()

    @rule(key=KEYS, minor=PARTS, mode=LOSSES)
    def refund(self, key: int, minor: int, mode: str) -> None:
        old = self.back.get(key)
        goes_out = old is None and minor <= self.known - self.reserved
        self.lose("refund", mode if goes_out else "")
        wanted = self.port.refund(run=self.run, key=f"back {key}", amount=Money(minor, "CNY"), reason="")
        found = self.answer(wanted)
        if old is not None and old.amount != minor:
            assert found == "refund_reused"
        elif old is not None:
            assert found == "succeeded"
            if old.state != "done":
                old.state = "done"
                self.learn()
        elif not self.known:
            assert found == "intent_state"
        elif not goes_out:
            assert found == "refund_too_much"
        elif mode:
            assert found == "deadline_exceeded"
            self.back[key] = Moved(minor, mode.removeprefix("timeout_"))
        else:
            assert found == "succeeded"
            self.back[key] = Moved(minor, "done")
            self.learn()

    @rule()
    def cancel(self) -> None:
        assert self.answer(self.port.cancel(run=self.run)) == "done"
        self.learn()
        for moved in self.back.values():
            moved.state = "done"
        self.cancelled = self.ended = True
        self.cancelled_back += self.known - self.reserved

    @rule()
    def time_passes(self) -> None:
        self.do(sweep_later(_house))
        if any(moved.state in ("before", "after") for moved in (*self.taken.values(), *self.back.values())):
            self.finish()

    def finish(self) -> None:
        for moved in self.taken.values():
            if moved.state == "before":
                moved.state = "failed" if self.ended_there() else "done"
        for moved in self.back.values():
            moved.state = "done"
        self.learn()

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "intent"):
            return
        found = self.do(self.port.intent_of_run(run=self.run))
        refunds = self.do(self.port.refunds(run=self.run))
        assert found is not None
        assert found.captured.minor == self.known
        assert 0 <= found.refunded.minor <= found.captured.minor <= AMOUNT
        given = {
            state: sum(e.amount.minor for e in refunds if e.state == state)
            for state in ("pending", "succeeded")
        }
        assert found.refunded.minor == given["succeeded"]
        assert given["pending"] + given["succeeded"] == self.reserved

    def teardown(self) -> None:
        if not hasattr(self, "intent"):
            return
        self.do(sweep_later(_house))
        self.finish()
        self.both_say_the_same()
        moved = {"capture": 0, "refund": 0}
        for effect, amount in self.do(_psp.effects(self.intent.id)):
            if effect in moved:
                moved[effect] += amount
        assert moved == {"capture": self.known, "refund": self.reserved}


def test_a_payment_does_what_the_model_does(tmp_path: Path) -> None:
    global _runner, _house, _psp
    party = start_psp(tmp_path)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        _runner, _psp = runner, Psp(party)
        _house = runner.run(stack.enter_async_context(paying(_psp)))
        try:
            runner.run(_psp.fault(webhook={"lose": 10_000}))
            case = PaymentModel.TestCase
            case.settings = settings(
                max_examples=25,
                stateful_step_count=14,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            )
            case("runTest").runTest()  # type: ignore[call-arg]
        finally:
            runner.run(stack.aclose())
            runner.run(_psp.close())
            party.stop()
