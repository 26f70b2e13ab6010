"""After a sale: real services, a bought basket, and the runs of one saga on it; the test turns the clock."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from luxe.kernel import clock
from luxe.kernel.money import Money
from luxe.kernel.saga import Engine, Flow
from luxe.kernel.saga_store import LIVE, RunRow, log_of
from luxe.services.orders.contract import Order, Refund
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.payments.contract import Refund as Payback
from tests.sagas.checkout.breaks import Breaks, Moment
from tests.sagas.checkout.stage import PAYABLE, Basket, Seen, Stage

UNITS = ("cancel", "refund", "return_item", "edit_order", "exchange")
"""The sagas that go on where a checkout ends."""
OPERATOR = "acc_operator"
BOUGHT = [("create", PAYABLE), ("authorise", PAYABLE), ("capture", PAYABLE)]
PAID = ["placed", "paid", "points_earned"]

_keys = itertools.count(1)

Start = Callable[["After"], Awaitable[str]]
"""Starts a run on what was sold; returns its id."""
Scene = Callable[["After", Moment], Awaitable[bool]]


class After:
    """What Mei has bought on a checkout's stage, and an engine of `flow` that the test may break, lose and replace."""

    def __init__(self, stage: Stage, flow: Flow, start: Start) -> None:
        self.stage = stage
        self.house = stage.house
        self.flow = flow
        self.start = start
        self.service = self.house.service(flow.name)
        self.breaks = Breaks()
        self.restart()

    async def sell(self) -> None:
        self.basket: Basket = await self.stage.basket()
        view = await self.stage.buy(self.basket.wanted)
        assert view.state == "done", view
        self.payment_run = view.run
        self.order_id = view.order_id
        assert await self.stage.seen() == self.basket.bought

    def restart(self) -> None:
        self.engine = self.service.engine = self.peer()

    def peer(self) -> Engine:
        return Engine(self.breaks.around(self.flow), self.house.house)

    async def kill(self) -> None:
        await self.engine._stop()
        self.restart()

    async def order(self) -> Order:
        return await self.house.port(OrdersPort).order(order_id=self.order_id)

    async def refunds(self) -> list[Refund]:
        return await self.house.port(OrdersPort).refunds(order_id=self.order_id)

    async def seen(self) -> Seen:
        return await self.stage.seen()

    async def row(self, run: str) -> RunRow:
        async with self.engine.database.reading():
            row = await self.engine.find(run)
        assert row is not None
        return row

    async def log(self, run: str) -> list[tuple[str, str]]:
        async with self.engine.database.reading() as tx:
            found = await log_of(tx, self.engine.database.metadata, run)
        return [(row["step"], row["outcome"]) for row in found]

    async def idle(self, *engines: Engine, or_until: asyncio.Event | None = None) -> None:
        await self.stage.idle(*(engines or (self.engine,)), or_until=or_until)

    async def later(self, *engines: Engine, **by: float) -> None:
        await self.stage.later(*(engines or (self.engine,)), **by)

    async def begin(self, reached: asyncio.Event | None = None) -> str:
        """Starts a run and lets it go as far as it can, or to `reached`."""
        run = await self.start(self)
        await self.idle(or_until=reached)
        return run

    async def carry_through(self, run: str) -> RunRow:
        """Lets time go by until the run has ended or is stuck."""
        for _ in range(60):
            row = await self.row(run)
            if row.state not in LIVE:
                return row
            await self.later(seconds=20)
        raise AssertionError(f"{run} is still {await self.row(run)}")

    def cancelled(self) -> Seen:
        """As before the sale, but for the order and the payment; the bag keeps what was never bought."""
        bought = self.basket.bought
        return msgspec.structs.replace(
            self.basket.before,
            bag=bought.bag,
            orders=["cancelled"],
            charges=[[*BOUGHT, ("refund", PAYABLE)]],
        )

    async def close(self) -> None:
        self.breaks.heal()
        await self.engine._stop()


class Afters:
    """Opens one sale after the other: each test, or each moment of it, has one of its own."""

    def __init__(self, flow: Flow, start: Start, stage: Callable[[], Awaitable[Stage]]) -> None:
        self._flow, self._start, self._stage = flow, start, stage
        self._open: After | None = None

    async def open(self) -> After:
        await self.close()
        self._open = After(await self._stage(), self._flow, self._start)
        await self._open.sell()
        return self._open

    async def close(self) -> None:
        if self._open is not None:
            await self._open.close()

    async def at_every_moment(self, step: str, scene: Scene) -> None:
        """Plays a scene at each moment of a step, from before its first call to after its last."""
        for moment in itertools.count():
            if not await scene(await self.open(), moment):
                assert moment > 0, f"{step} was never reached"
                return


class RefusingProvider:
    """Payments whose provider refuses the first refund for good: as its contract says, under that key it stays refused."""

    def __init__(self, payments: PaymentsPort) -> None:
        self._payments = payments
        self._refused: dict[str, Payback] = {}

    async def refund(self, *, run: str, key: str, amount: Money, reason: str) -> Payback:
        if not self._refused:
            self._refused[key] = Payback(
                id="ref_1", run=run, key=key, amount=amount, reason=reason, state="failed", psp_id="",
                created_at=clock.now(), failure="account_closed",
            )  # fmt: skip
        if key in self._refused:
            return self._refused[key]
        return await self._payments.refund(run=run, key=key, amount=amount, reason=reason)

    async def refunds(self, *, run: str) -> list[Payback]:
        return [*self._refused.values(), *await self._payments.refunds(run=run)]

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._payments, verb)


@contextmanager
def refusing_provider(after: After) -> Iterator[None]:
    house = after.house.house
    payments = house._ports[PaymentsPort]
    house.bind(PaymentsPort, RefusingProvider(payments))
    try:
        yield
    finally:
        house.bind(PaymentsPort, payments)


def fresh_key() -> str:
    return f"key-{next(_keys)}"
