"""The join saga on a stage: real membership, real runs, and stand-ins for payments and identity that keep their contracts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec

from luxe.kernel import clock, errors
from luxe.kernel.auth import Principal
from luxe.kernel.money import Money
from luxe.kernel.saga import Engine, Flow, Run, Step
from luxe.sagas.join import reactions
from luxe.sagas.join.contract import JoinInput, JoinView, Port
from luxe.sagas.join.flow import flow
from luxe.services.membership.contract import Membership
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.payments.contract import Intent, IntentState, PaymentAuthorised
from tests.harness import Running
from tests.services.membership.people import approve

FEE = Money(980_000, "CNY")
STEPS = [step.name for step in flow.steps]
BEFORE_PIVOT = STEPS[: flow.pivot]
FROM_PIVOT = STEPS[flow.pivot :]

Act = Callable[[Run[Any]], Awaitable[None]]


class Provider:
    """Payments: one intent a run, captured once, cancelled for good. `answers` false makes every call a time-out."""

    def __init__(self) -> None:
        self.by_run: dict[str, Intent] = {}
        self.cancelled: set[str] = set()
        self.captures: list[str] = []
        self.answers = True

    def set(self, run: str, state: IntentState, **change: Any) -> None:
        self.by_run[run] = msgspec.structs.replace(self.by_run[run], state=state, **change)

    def pay(self, run: str) -> None:
        """What the member does on the hosted page. An authorisation of a cancelled run is voided."""
        self.set(run, "voided" if run in self.cancelled else "authorised", method="card")

    @property
    def owed(self) -> int:
        """Minor units that members have lost or that are blocked on their cards."""
        blocked = sum(each.amount.minor for each in self.by_run.values() if each.state == "authorised")
        return blocked + sum(each.captured.minor - each.refunded.minor for each in self.by_run.values())

    async def open(
        self,
        *,
        run: str,
        account_id: str,
        purpose: str,
        amount: Money,
        description: str,
        return_path: str,
        locale: str,
    ) -> Intent:
        self._answer()
        assert (purpose, return_path) == ("join", f"/join/return?run={run}")
        if run in self.cancelled:
            raise errors.Conflict("cancelled", code="intent_state")
        nothing = Money.zero(amount.currency)
        fresh = Intent(
            id=f"int_{run}", run=run, account_id=account_id, purpose=purpose, state="requires_method", amount=amount,
            captured=nothing, refunded=nothing, hosted_url=f"http://psp.test/pay/{run}", failure="", method="",
            psp_id=f"pi_{run}", created_at=clock.now(),
        )  # fmt: skip
        return self.by_run.setdefault(run, fresh)

    async def refresh(self, *, run: str) -> Intent:
        self._answer()
        if run not in self.by_run:
            raise errors.NotFound("no intent", code="intent_unknown")
        return self.by_run[run]

    async def capture(self, *, run: str) -> Intent:
        self._answer()
        intent = self.by_run[run]
        if intent.state == "authorised":
            self.captures.append(run)
            self.set(run, "captured", captured=intent.amount)
        elif intent.state != "captured":
            raise errors.Conflict(intent.state, code="intent_state")
        return self.by_run[run]

    async def cancel(self, *, run: str) -> None:
        self._answer()
        self.cancelled.add(run)
        intent = self.by_run.get(run)
        if intent is not None and intent.state == "captured":
            self.set(run, "captured", refunded=intent.captured)
        elif intent is not None and intent.state not in ("failed", "expired"):
            self.set(run, "voided")

    def _answer(self) -> None:
        if not self.answers:
            raise errors.DeadlineExceeded("the PSP gave no answer in time")


class Doorkeeper:
    """Identity: a token is the account's id, and roles are what was granted."""

    def __init__(self) -> None:
        self.roles: dict[str, set[str]] = {}

    async def authenticate(self, *, token: str) -> Principal:
        return Principal(
            subject=token, kind="session", credential=token, roles=frozenset(self.roles.get(token, ()))
        )

    async def grant_role(self, *, account_id: str, role: str, reason: str) -> Any:
        self.roles.setdefault(account_id, set()).add(role)


class Stage:
    """What a test of the saga sees and does. `before` and `after` break a step; `undo NAME` breaks its undo."""

    def __init__(self, house: Running, provider: Provider, doorkeeper: Doorkeeper) -> None:
        self.house = house
        self.provider = provider
        self.doorkeeper = doorkeeper
        self.service = house.service("join")
        self.engine: Engine = self.service.engine
        self.before: dict[str, Act] = {}
        self.after: dict[str, Act] = {}
        self.engine.flow = self._breakable()

    @property
    def port(self) -> Port:
        return self.house.port(Port)

    async def approved(self, *accounts: str) -> None:
        for account in accounts:
            await approve(self.house.port(MembershipPort), account)

    async def start(self, account: str = "acc_mei", key: str = "key", currency: str = "CNY") -> JoinView:
        wanted = JoinInput(account_id=account, currency=currency, locale="en")
        view = await self.port.start(key=key, input=wanted)
        await self.idle()
        return await self.port.view(run=view.run, account_id=account)

    async def look(self, run: str, account: str = "acc_mei") -> JoinView:
        return await self.port.view(run=run, account_id=account)

    async def tell(self, run: str, purpose: str = "join") -> None:
        """The fact that the PSP's webhook leads to."""
        fact = PaymentAuthorised(intent_id=f"int_{run}", run=run, purpose=purpose)
        if await reactions.is_of_join(self.service, fact):
            async with self.house.database("join").transaction():
                await reactions.authorised(self.service, fact)
        await self.idle()

    async def membership(self, account: str = "acc_mei") -> Membership | None:
        return await self.house.port(MembershipPort).membership_of(account_id=account)

    def peer(self) -> Engine:
        """Another process's engine over the same runs."""
        return Engine(self.engine.flow, self.house.house)

    async def idle(self, *engines: Engine) -> None:
        for engine in (self.engine, *engines):
            while engine._tasks:
                await asyncio.wait(list(engine._tasks))

    async def later(self, engine: Engine | None = None, **by: float) -> None:
        """So much time from now, a peer (or this process) sweeps."""
        clock.replace_clock(clock.ahead(timedelta(**by)))
        await (engine or self.engine).sweep()
        await self.idle(*([engine] if engine else []))

    async def assert_untouched(self, account: str = "acc_mei") -> None:
        """A refused run has left nothing behind."""
        assert self.provider.owed == 0
        assert self.provider.captures == []
        assert await self.membership(account) is None
        assert account not in self.doorkeeper.roles

    async def assert_joined(self, run: str, account: str = "acc_mei") -> None:
        """Paid once, member for a year, let in."""
        assert self.provider.captures == [run]
        assert self.provider.owed == FEE.minor
        membership = await self.membership(account)
        assert membership is not None
        assert membership.state == "active"
        assert membership.until - membership.since <= timedelta(days=366)
        assert self.doorkeeper.roles == {account: {"member"}}

    def _breakable(self) -> Flow:
        return replace(flow, steps=[self._wrapped(step) for step in flow.steps])

    def _wrapped(self, step: Step) -> Step:
        async def do(run: Run[Any]) -> Any:
            await self._meet(self.before, step.name, run)
            result = await step.do(run)
            await self._meet(self.after, step.name, run)
            return result

        async def undo(run: Run[Any]) -> None:
            await self._meet(self.before, f"undo {step.name}", run)
            if step.undo is not None:
                await step.undo(run)
            await self._meet(self.after, f"undo {step.name}", run)

        return replace(step, do=do, undo=undo)

    async def _meet(self, breaks: dict[str, Act], place: str, run: Run[Any]) -> None:
        if place in breaks:
            await breaks[place](run)


def refusing(times: int = 1_000) -> Act:
    left = times

    async def act(_: Run[Any]) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise errors.Conflict("no", code="refused_by_test")

    return act
