"""Payments in memory, and the payment provider behind it, which is asked over a line that loses answers.

What the house books is the contract's: a wish first, then the provider by the same key, then its answer. What the provider
did stands in `Provider`, and only there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from luxe.kernel import clock, errors
from luxe.kernel.errors import Conflict
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent, Refund
from luxe.services.payments.domain.life import OPEN, Change, Movement, facts_of, remedy, sources
from tests.simulation.world import LATEST, World

T = TypeVar("T")
replace = msgspec.structs.replace

PURPOSE = "checkout"
LAPSES_AFTER = timedelta(days=1)


class Refused(Exception):
    """The provider understood and said no."""


class There:
    """An intent as the provider has it."""

    def __init__(self, reference: str, amount: Money) -> None:
        self.reference, self.amount = reference, amount
        self.state: Any = "requires_method"
        self.captured = 0
        self.refunds: dict[str, tuple[int, str]] = {}
        self.effects: list[str] = []
        self.at = clock.now()

    @property
    def refunded(self) -> int:
        return sum(amount for amount, state in self.refunds.values() if state == "succeeded")

    def did(self, effect: str, state: Any) -> None:
        self.effects.append(effect)
        self.state = state


class Provider:
    """Every effect has a key, and the same key has the same effect. Its news may be lost, doubled, late and out of order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.intents: dict[str, There] = {}
        self.hear: Callable[[str], Any] = lambda reference: None

    async def ask(self, what: str, effect: Callable[[], T]) -> T:
        """Raises `Unavailable` (nothing happened) or `DeadlineExceeded` (nobody knows)."""
        world, weather = self.world, self.world.weather
        await world.may_crash(f"before the provider's {what}")
        await world.pause()
        if world.chance(weather.unreached):
            raise errors.Unavailable("the provider does not answer")
        if world.chance(weather.late):
            world._outside(self._later(what, effect, world.rng.random() * LATEST))
            world.tell(f"hears nothing of the provider's {what}")
            raise errors.DeadlineExceeded("the provider gave no answer in time")
        answer = effect()
        world.tell(f"the provider's {what}")
        if world.chance(weather.answer_lost):
            raise errors.DeadlineExceeded("the provider gave no answer in time")
        await world.may_crash(f"after the provider's {what}")
        await world.pause()
        return answer

    async def _later(self, what: str, effect: Callable[[], Any], seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.world.tell(f"the provider's {what}, late")
        with contextlib.suppress(Refused):
            effect()

    def _news(self, there: There) -> There:
        world = self.world
        for _ in range(2 if world.chance(world.weather.news_twice) else 1):
            if not world.chance(world.weather.news_lost):
                world.spawn(self._bring(there.reference, world.rng.random() * world.rng.choice((0.1, 3, 90))))
        return there

    async def _bring(self, reference: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.hear(reference)

    def create(self, reference: str, amount: Money) -> There:
        if reference not in self.intents:
            self.intents[reference] = There(reference, amount)
            self.intents[reference].effects.append("create")
        return self.intents[reference]

    def find(self, reference: str) -> There | None:
        return self.intents.get(reference)

    def pay(self, reference: str, succeeds: bool) -> None:
        """What the member does on the provider's page."""
        there = self.intents[reference]
        if there.state == "requires_method":
            there.did("authorise" if succeeds else "decline", "authorised" if succeeds else "failed")
            self._news(there)

    def lapse(self) -> None:
        for there in self.intents.values():
            if there.state in OPEN and clock.now() - there.at > LAPSES_AFTER:
                there.did("expire", "expired")
                self._news(there)

    def capture(self, reference: str) -> There:
        there = self.intents[reference]
        if there.state == "authorised":
            there.captured = there.amount.minor
            there.did("capture", "captured")
            self._news(there)
        return there

    def void(self, reference: str) -> There:
        there = self.intents[reference]
        if there.state in OPEN:
            there.did("void", "voided")
            self._news(there)
        return there

    def refund(self, reference: str, key: str, amount: int, slow: bool) -> There:
        there = self.intents[reference]
        if key not in there.refunds:
            under_way = sum(each for each, state in there.refunds.values() if state != "failed")
            if under_way + amount > there.captured:
                raise Refused("refund_too_much")
            there.refunds[key] = amount, "pending" if slow else "succeeded"
            there.effects.append(f"refund {amount}")
            if slow:
                self.world.spawn(self._settle(there, key))
        return there

    async def _settle(self, there: There, key: str) -> None:
        await asyncio.sleep(self.world.rng.random() * 300)
        there.refunds[key] = there.refunds[key][0], "succeeded"
        self._news(there)


class Booked:
    def __init__(self, intent: Intent) -> None:
        self.intent = intent
        self.wish: Any = ""
        self.refunds: dict[str, Movement] = {}
        self.asked_before = False


class Payments:
    def __init__(self, world: World, provider: Provider) -> None:
        self.world, self.provider = world, provider
        self.books: dict[str, Booked] = {}
        provider.hear = self._hear

    async def open(
        self,
        *,
        run: str,
        account_id: str,
        purpose: str,
        amount: Money,
        method: str = "",
        country: str = "",
        **_: Any,
    ) -> Intent:
        assert amount.minor > 0
        booked = self.books.get(run)
        if booked is None:
            nothing = Money.zero(amount.currency)
            booked = self.books[run] = Booked(
                Intent(
                    id=new_id("pay"),
                    run=run,
                    account_id=account_id,
                    purpose=purpose,
                    state="requires_method",
                    amount=amount,
                    captured=nothing,
                    refunded=nothing,
                    hosted_url="",
                    failure="",
                    method="",
                    psp_id="",
                    created_at=clock.now(),
                )
            )
        if booked.intent.amount != amount or booked.intent.account_id != account_id:
            raise Conflict("this run already has another payment", code="run_reused")
        if not booked.intent.psp_id and booked.intent.state in OPEN:
            if booked.wish == "cancel":
                raise Conflict("this payment was cancelled before it was opened", code="intent_state")
            reference = booked.intent.id
            self._record(
                booked, await self.provider.ask("create", lambda: self.provider.create(reference, amount))
            )
        return booked.intent

    async def refresh(self, *, run: str) -> Intent:
        booked = self._demand(run)
        await self._look(booked)
        return booked.intent

    async def capture(self, *, run: str, **_: Any) -> Intent:
        booked = self._demand(run)
        if booked.intent.state in OPEN and booked.intent.state != "authorised":
            await self._look(booked)
        if booked.intent.state == "authorised" and booked.wish == "":
            booked.wish = "capture"
        if booked.wish == "capture" and booked.intent.state in OPEN:
            reference = booked.intent.id
            self._record(booked, await self.provider.ask("capture", lambda: self.provider.capture(reference)))
        if booked.intent.state != "captured" or booked.wish == "cancel":
            raise Conflict("a payment that is not authorised is not captured", code="intent_state")
        return booked.intent

    async def cancel(self, *, run: str) -> None:
        booked = self.books.get(run)
        if booked is not None:
            booked.wish = "cancel"
            await self._undo(booked)

    async def _undo(self, booked: Booked) -> None:
        reference, amount = booked.intent.id, booked.intent.amount
        if not booked.intent.psp_id:
            self._record(
                booked, await self.provider.ask("create", lambda: self.provider.create(reference, amount))
            )
        else:
            await self._look(booked)
        for _ in range(3):
            what = self._owed(booked)
            if what == "nothing":
                return
            if what == "void":
                self._record(booked, await self.provider.ask("void", lambda: self.provider.void(reference)))
            else:
                rest = booked.intent.captured - booked.intent.refunded
                await self._move(booked, f"cancel:{booked.intent.refunded.minor}", rest, "it was cancelled")
        raise Conflict("the payment could not be undone", code="intent_state")

    def _owed(self, booked: Booked) -> str:
        intent = booked.intent
        return remedy(intent.state, intent.captured.minor, intent.refunded.minor)

    async def refund(self, *, run: str, key: str, amount: Money, reason: str) -> Refund:
        booked = self._demand(run)
        if booked.intent.state != "captured":
            raise Conflict("nothing was captured", code="intent_state")
        moved = await self._move(booked, key, amount, reason)
        if moved.amount != amount:
            raise Conflict("this key already has another refund", code="refund_reused")
        return _refund(moved)

    async def _move(self, booked: Booked, key: str, amount: Money, reason: str) -> Movement:
        if key not in booked.refunds:
            pending = sum(each.amount.minor for each in booked.refunds.values() if each.state == "pending")
            if booked.intent.refunded.minor + pending + amount.minor > booked.intent.captured.minor:
                raise Conflict("more than was captured and is not going back", code="refund_too_much")
            booked.refunds[key] = Movement(
                id=new_id("rfd"),
                kind="refund",
                intent_id=booked.intent.id,
                run=booked.intent.run,
                key=key,
                amount=amount,
                reason=reason,
                state="pending",
                psp_id="",
                failure="",
                created_at=clock.now(),
            )
        movement = booked.refunds[key]
        if movement.state == "pending":
            await self._carry_out(booked, movement)
        return booked.refunds[key]

    async def _carry_out(self, booked: Booked, movement: Movement) -> None:
        reference, minor = booked.intent.id, movement.amount.minor
        slow = self.world.rng.random() < 0.2
        try:
            there = await self.provider.ask(
                "refund", lambda: self.provider.refund(reference, movement.id, minor, slow)
            )
            self._record(booked, there)
        except Refused:
            booked.refunds[movement.key] = replace(movement, state="failed")

    def refunds(self, *, run: str) -> list[Refund]:
        return [_refund(each) for each in self._demand(run).refunds.values()]

    def intent_of_run(self, *, run: str) -> Intent | None:
        return self.books[run].intent if run in self.books else None

    async def sweep(self) -> None:
        """Finishes what was cut short, as the service's own timers do."""
        self.provider.lapse()
        for booked in list(self.books.values()):
            try:
                if booked.wish == "cancel" and self._owed(booked) != "nothing":
                    await self._undo(booked)
                elif booked.intent.state in OPEN:
                    await self._look(booked)
                for movement in list(booked.refunds.values()):
                    if movement.state == "pending":
                        await self._carry_out(booked, movement)
            except errors.Refusal:
                pass

    async def _hear(self, reference: str) -> None:
        """The provider's news: genuine, in any order, any number of times."""
        booked = next((each for each in self.books.values() if each.intent.id == reference), None)
        if booked is not None:
            self._record(booked, self.provider.intents[reference])

    async def _look(self, booked: Booked) -> None:
        reference = booked.intent.id
        there = await self.provider.ask("find", lambda: self.provider.find(reference))
        if there is not None:
            self._record(booked, there)

    def _record(self, booked: Booked, there: There) -> None:
        """Merges what the provider says, never backwards, and says what follows from it."""
        was = booked.intent
        arrived = there.state if was.state in sources(there.state) else was.state
        settled: list[Movement] = []
        for movement in booked.refunds.values():
            if there.refunds.get(movement.id, (0, ""))[1] == "succeeded" and movement.state != "succeeded":
                settled.append(replace(movement, state="succeeded"))
        for movement in settled:
            booked.refunds[movement.key] = movement
        booked.intent = replace(
            was,
            state=arrived,
            psp_id=f"pi_{there.reference}",
            hosted_url=f"/psp/pay/{there.reference}",
            captured=Money(max(was.captured.minor, there.captured), was.amount.currency),
            refunded=Money(max(was.refunded.minor, there.refunded), was.amount.currency),
            failure="declined" if arrived == "failed" else was.failure,
        )
        change = Change(intent=booked.intent, was=was.state, wish=booked.wish, settled=tuple(settled))
        for fact in facts_of(change):
            self.world.emit(fact)

    def _demand(self, run: str) -> Booked:
        if run not in self.books:
            raise errors.NotFound("there is no such payment", code="intent_unknown")
        return self.books[run]


def _refund(movement: Movement) -> Refund:
    return Refund(
        id=movement.id,
        run=movement.run,
        key=movement.key,
        amount=movement.amount,
        reason=movement.reason,
        state=movement.state,
        psp_id=movement.psp_id,
        created_at=movement.created_at,
        failure=movement.failure,
    )
