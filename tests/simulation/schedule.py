"""One schedule: a seed becomes people who buy, cancel and return while the world fails them, and then the faults stop."""

from __future__ import annotations

import asyncio
import gc
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
import structlog

from luxe.kernel import clock, context, errors, ids
from luxe.kernel.facts import Fact
from luxe.kernel.manifest import Manifest
from luxe.kernel.saga_store import LIVE, RunRow
from luxe.sagas.cancel.manifest import manifest as cancel
from luxe.sagas.checkout.contract import CheckoutInput, CheckoutLine
from luxe.sagas.checkout.manifest import manifest as checkout
from luxe.sagas.refund.manifest import manifest as refund
from luxe.sagas.return_item.manifest import manifest as return_item
from luxe.services.bag.contract import Port as BagPort
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import Address, Finding, Order, UnitRef
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.pricing.contract import Port as PricingPort
from luxe.services.promotions.contract import Gift
from luxe.services.promotions.contract import Port as PromotionsPort
from tests.simulation.doubles_money import Payments, Provider
from tests.simulation.doubles_orders import Orders
from tests.simulation.doubles_points import Loyalty
from tests.simulation.doubles_shop import (
    DELIVERY,
    Bag,
    Catalog,
    Fulfilment,
    Memberships,
    Pricing,
    Promotions,
    cny,
)
from tests.simulation.doubles_stock import Inventory
from tests.simulation.loop import SeededLoop, process_here
from tests.simulation.memory_runs import kept_in_memory
from tests.simulation.world import CALM, Peer, SimHouse, World

SAGAS = (checkout, cancel, refund, return_item)
PRICES = {"ring": 1_000_000, "scarf": 150_003, "watch": 33_333}
PEOPLE = ("acc_mei", "acc_yan")
POINTS = 20_000
GIFT = 200_000
"""What is on each one's gift card: enough to pay for a cheap piece whole."""
ADDRESS = Address(
    name="Lin Mei", line1="12 Anfu Road", city="Shanghai", region="Shanghai", postcode="200031",
    country="CN", phone="+8613812345678",
)  # fmt: skip
END_OF_FAULTS = 1_200.0
PATIENCE = 14 * 24 * 3600.0
RESUMED_AT_MOST = 30


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout that somebody was told had begun."""

    run: str
    key: str
    input: CheckoutInput


class Schedule:
    """Everything of one seed. `play` runs it to its end; then `checks.broken` says what does not hold."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.loop = SeededLoop(Random(seed * 2 + 1))
        self.world = world = World(seed, self.loop)
        rng = world.rng
        self.stock = {name: rng.choice((1, 2, 3)) for name in PRICES}
        self.inventory = Inventory(self.stock)
        self.loyalty, self.orders, self.bag = Loyalty(), Orders(world.emit), Bag()
        self.provider = Provider(world)
        self.payments = Payments(world, self.provider)
        self.promotions = Promotions()
        for person in PEOPLE:
            self.loyalty.give(person, POINTS)
            self.promotions.issue(f"gift of {person}", GIFT)
            self.bag.lines[person] = set(PRICES)
        self.services: dict[type, Any] = {
            InventoryPort: self.inventory,
            LoyaltyPort: self.loyalty,
            OrdersPort: self.orders,
            PaymentsPort: self.payments,
            PricingPort: Pricing(PRICES),
            CatalogPort: Catalog(),
            MembershipPort: Memberships(),
            BagPort: self.bag,
            PromotionsPort: self.promotions,
            FulfilmentPort: Fulfilment(),
        }
        self.wishes: list[Wish] = []
        self.told_paid: set[str] = set()
        self.acting = 0
        self.left_authorised: list[str] = []
        self.problem = ""

    # The house

    def open_peer(self) -> Peer:
        peer = Peer(f"peer {len(self.world.peers) + 1}")
        inside = copy_context()
        inside.run(process_here.set, peer)
        house: Any = SimHouse(self.world, self.services)
        for manifest in SAGAS:
            peer.services[manifest.name] = inside.run(manifest.build, house)
        self.world.peers.append(peer)
        return peer

    async def keep_peers(self, count: int) -> None:
        """Another process is started some seconds after one was lost."""
        calm = False
        while not calm:
            await asyncio.sleep(1 + self.world.rng.random() * 20)
            calm = self.world.weather is CALM
            while sum(peer.alive for peer in self.world.peers) < count:
                self.open_peer()
            if self.world.chance(self.world.weather.freeze):
                peer = self.world.rng.choice(self.world.peers)
                peer.skew += self.world.rng.choice((-400.0, -20.0, 15.0, 45.0, 600.0))
                self.world.tell(f"the clock of {peer.name} is now {peer.skew:+.0f} s")

    async def sweep(self) -> None:
        """What timers do: any process may take what is due, payments finish what was cut short."""
        while True:
            await asyncio.sleep(self._until_due() + self.world.rng.random())
            alive = [peer for peer in self.world.peers if peer.alive]
            for manifest in SAGAS:
                if self._live(manifest.name) and alive:
                    peer = self.world.rng.choice(alive)
                    await self._safely(
                        lambda each, name=manifest.name: each.services[name].engine.sweep(), peer
                    )
            self.inventory.expire_holds()
            if self.world.rng.random() < 0.3:
                await self.payments.sweep()

    async def _safely(self, work: Callable[[Peer], Any], peer: Peer) -> None:
        task = self.loop.create_task(_awaited(work, peer), context=_inside(peer))
        peer.requests.add(task)
        task.add_done_callback(peer.requests.discard)
        await asyncio.wait([task])
        if (
            not task.cancelled()
            and (error := task.exception()) is not None
            and not isinstance(error, OSError)
        ):
            raise error

    def _live(self, saga: str) -> list[RunRow]:
        return [row for row in self.world.runs[saga].rows.values() if row.state in LIVE]

    def _until_due(self) -> float:
        """Seconds until a timer has anything to do; an hour at most."""
        live = [row for manifest in SAGAS for row in self._live(manifest.name)]
        now = self.world.now()
        due = [max(row.wake_at or now, row.lease_until or now) for row in live]
        seconds = min(((each - now).total_seconds() for each in due), default=3_600.0)
        return min(max(seconds, 1.0), 20.0 if live or self.acting else 3_600.0)

    def on_fact(self, fact: Fact) -> None:
        for manifest in SAGAS:
            for reaction in manifest.reactions:
                if type(fact) is reaction.fact:
                    for _ in range(2 if self.world.chance(0.15) else 1):
                        self.world.spawn(self._bring(manifest, reaction, fact))

    async def _bring(self, manifest: Manifest, reaction: Any, fact: Fact) -> None:
        """At least once, in any order: until it was reacted to."""
        await asyncio.sleep(self.world.rng.random() * self.world.rng.choice((0.05, 2, 60)))

        async def react(peer: Peer) -> None:
            service = peer.services[manifest.name]
            if reaction.concerns is None or await reaction.concerns(service, fact):
                async with service.db.transaction():
                    await reaction.handle(service, fact)

        await self.world.insist(react)

    # People

    async def buy(self, person: str, key: str, input: CheckoutInput) -> None:
        rng = self.world.rng
        await asyncio.sleep(rng.random() * rng.choice((0.1, 5, 300)))

        async def start(peer: Peer) -> Any:
            service = peer.services["checkout"]
            async with service.db.transaction():
                return await service.start(key=key, input=input)

        with context.acting(person):
            view = await self.world.insist(start)
        self.wishes.append(Wish(run=view.run, key=key, input=input))
        self.world.tell(f"{person} is told of {view.run}")
        await self._pay(person, view.run)
        order = await self._outcome(view.run)
        if order is not None:
            await self._after_sale(person, order)

    async def _pay(self, person: str, run: str) -> None:
        """Most pay; some give up, are declined, come too late or never, or press twice."""
        rng = self.world.rng
        if rng.random() < 0.12:
            await asyncio.sleep(rng.random() * rng.choice((1, 30)))
            await self._tell_checkout("abandon", run, person)
            if rng.random() < 0.5:
                return
        booked = None
        for _ in range(2_000):
            row = self.world.runs["checkout"].rows[run]
            booked = self.payments.books.get(run)
            if booked is not None and booked.intent.psp_id:
                break
            if row.state not in LIVE:
                return
            await asyncio.sleep(2)
        how = rng.random()
        if booked is None or how < 0.08:
            return
        await asyncio.sleep(rng.random() * rng.choice((1, 60, 1_200)))
        self.provider.pay(booked.intent.id, succeeds=how > 0.18)
        self.world.tell(f"{person} pays for {run}")
        for _ in range(rng.choice((0, 0, 1, 2))):
            await self._tell_checkout("returned", run, person)

    async def _tell_checkout(self, what: str, run: str, person: str) -> None:
        async def tell(peer: Peer) -> None:
            service = peer.services["checkout"]
            async with service.db.transaction():
                await getattr(service, what)(run=run, account_id=person)

        self.world.tell(f"{person}: {what} {run}")
        await self.world.insist(tell)

    async def _outcome(self, run: str) -> Order | None:
        """The order once the member is shown that it is paid."""
        rows = self.world.runs["checkout"].rows
        while (row := rows[run]).state in (*LIVE, "stuck"):  # noqa: ASYNC110 - somebody reloads a page
            await asyncio.sleep(self.world.rng.choice((2, 5)))
        if row.state != "done":
            return None
        order = self.orders.by_run[run]
        self.told_paid.add(order.id)
        return order

    async def _after_sale(self, person: str, order: Order) -> None:
        rng = self.world.rng
        for _ in range(rng.choice((0, 0, 1, 2))):
            self._act(self._goodwill(order, rng.choice((100, 33_333, order.draft.paid.minor))))
        what = rng.random()
        if what < 0.4:
            for _ in range(rng.choice((1, 1, 2))):
                self._act(self._cancel(person, order))
        if what > 0.3:
            await asyncio.sleep(rng.random() * 120)
            self.orders.ship(order_id=order.id)
            if self.orders.order(order_id=order.id).state == "shipped":
                self.inventory.ship(order_id=order.id)
                self.orders.deliver(order_id=order.id)
                for _ in range(rng.choice((0, 1, 2))):
                    self._act(self._return(person, order))

    async def _goodwill(self, order: Order, minor: int) -> None:
        key = ids.new_id("key")

        async def start(peer: Peer) -> Any:
            service = peer.services["refund"]
            async with service.db.transaction():
                return await service.start(
                    key=key,
                    by="acc_li",
                    order_id=order.id,
                    amount=cny(minor),
                    kind="goodwill",
                    reason="sorry",
                )

        await self._try(start)

    async def _cancel(self, person: str, order: Order) -> None:
        key = ids.new_id("key")

        async def start(peer: Peer) -> Any:
            service = peer.services["cancel"]
            async with service.db.transaction():
                return await service.start(
                    key=key, by=person, order_id=order.id, reason="", account_id=person
                )

        await self._try(start)

    async def _return(self, person: str, order: Order) -> None:
        rng, key = self.world.rng, ids.new_id("key")
        lines = self.orders.order(order_id=order.id).draft.lines
        units = [
            UnitRef(variant_id=line.variant_id, serial=serial) for line in lines for serial in line.serials
        ]
        wanted = rng.sample(units, rng.randint(1, len(units)))

        async def start(peer: Peer) -> Any:
            service = peer.services["return_item"]
            async with service.db.transaction():
                return await service.start(
                    key=key, account_id=person, order_id=order.id, units=wanted, reason="too small"
                )

        view = await self._try(start)
        if view is not None:
            await self._decide(view.run, person)

    async def _decide(self, run: str, person: str) -> None:
        """An operator approves or declines, the member may withdraw, the units come and are inspected."""
        rng = self.world.rng
        while run not in self.orders.returned:
            if self.world.runs["return_item"].rows[run].state not in LIVE:
                return
            await asyncio.sleep(10)
        known = self.orders.returned[run]
        if known is None:
            return
        await asyncio.sleep(rng.random() * rng.choice((5, 3_600)))
        try:
            self.orders.decide_return(return_id=known.id, approve=rng.random() < 0.85, reason="no")
            if rng.random() < 0.15:
                self.orders.withdraw_return(return_id=known.id, account_id=person)
            findings = [
                Finding(
                    variant_id=unit.variant_id,
                    serial=unit.serial,
                    accepted=rng.random() < 0.85,
                    condition="damaged" if rng.random() < 0.2 else "saleable",
                )
                for unit in known.units
            ]
            self.orders.inspect_return(return_id=known.id, findings=findings)
        except errors.Conflict:
            return

    async def _try(self, start: Callable[[Peer], Any]) -> Any:
        try:
            return await self.world.insist(start)
        except errors.Refusal as refusal:
            self.world.tell(f"refused: {refusal.code}")
            return None

    async def meddle(self) -> None:
        """An operator undoes a run by hand while it is under way, where that is still possible."""
        rng = self.world.rng
        saga = rng.choice(("checkout", "checkout", "cancel", "refund"))
        await asyncio.sleep(rng.random() * rng.choice((20, 200)))
        if rng.random() < 0.6:
            run = await self._at_its_pivot(saga)
        else:
            run = rng.choice([*self.world.runs[saga].rows, ""])
        if not run:
            return

        async def end(peer: Peer) -> Any:
            service = peer.services[saga]
            async with service.db.transaction():
                return await service.engine.end(run, "somebody asked for it", True)

        self.world.tell(f"an operator ends {run}")
        await self._try(end)

    async def _at_its_pivot(self, saga: str) -> str:
        """A run that tries again what there is no way back from, as soon as there is one; the dangerous moment."""
        pivot = self.world.peers[0].services[saga].engine.flow.pivot
        for _ in range(400):
            for row in self.world.runs[saga].rows.values():
                if row.cursor == pivot and row.state in ("running", "stuck") and row.attempts:
                    return row.id
            await asyncio.sleep(1)
        return ""

    def _act(self, work: Coroutine[Any, Any, None]) -> None:
        self.acting += 1

        async def acting() -> None:
            try:
                await work
            finally:
                self.acting -= 1

        self.world.spawn(acting())

    # The play

    def wanting(self, person: str) -> CheckoutInput:
        rng = self.world.rng
        names = rng.sample(list(PRICES), rng.choice((1, 1, 2)))
        lines = [CheckoutLine(variant_id=name, quantity=rng.choice((1, 1, 2))) for name in names]
        total = sum(PRICES[line.variant_id] * line.quantity for line in lines) + DELIVERY
        points = rng.choice((0, 0, POINTS // 2, POINTS)) if total > POINTS * 2 else 0
        gift = min(rng.choice((0, 0, 0, 50_000, GIFT, GIFT)), total - points)
        gifts = [Gift(code=f"gift of {person}", amount=cny(gift))] if gift else []
        return CheckoutInput(
            account_id=person,
            lines=lines,
            currency="CNY",
            address=ADDRESS,
            deliver_on=(self.world.now() + timedelta(days=9)).date(),
            points=points,
            expected=cny(total - points - gift),
            locale="en",
            gifts=gifts,
        )

    async def play(self) -> None:
        world, rng = self.world, self.world.rng
        world.on_fact = self.on_fact
        peers = rng.choice((1, 2, 3))
        for _ in range(peers):
            self.open_peer()
        for number in range(rng.choice((1, 2, 3, 4))):
            person = rng.choice(PEOPLE)
            input = self.wanting(person)
            for twice in range(rng.choice((1, 1, 1, 2))):
                self._act(self.buy(person, f"key {number} {twice if rng.random() < 0.5 else 0}", input))
        for _ in range(rng.choice((0, 0, 0, 1, 3))):
            self._act(self.meddle())
        keeping = [world.spawn(self.keep_peers(peers)), world.spawn(self.sweep())]
        await asyncio.sleep(rng.random() * END_OF_FAULTS)
        world.calm_down()
        await self._come_to_rest(set(keeping))
        for task in keeping:
            task.cancel()

    async def _come_to_rest(self, keeping: set[asyncio.Task[Any]]) -> None:
        resumed = 0
        while self.loop.time() < PATIENCE:
            await asyncio.sleep(30)
            if self.world.failures:
                raise self.world.failures[0]
            stuck = [
                (manifest.name, row)
                for manifest in SAGAS
                for row in self.world.runs[manifest.name].rows.values()
                if row.state == "stuck"
            ]
            for saga, row in stuck:
                resumed += 1
                assert resumed < RESUMED_AT_MOST, f"{row.id} is stuck at {row.cursor} again and again"
                await self._resume(saga, row)
            waiting = self.world.background - keeping
            if (
                not stuck
                and not self.acting
                and not waiting
                and not any(self._live(each.name) for each in SAGAS)
            ):
                await self._settle_payments()
                return
        raise AssertionError("it does not come to rest")

    async def _resume(self, saga: str, row: RunRow) -> None:
        async def resume(peer: Peer) -> Any:
            service = peer.services[saga]
            async with service.db.transaction():
                return await service.resume(run=row.id)

        self.world.tell(f"an operator resumes {row.id}")
        await self.world.insist(resume)

    async def _settle_payments(self) -> None:
        """Soon after, and two days later, as the timers of payments leave it."""
        await asyncio.sleep(600)
        await self.payments.sweep()
        self.left_authorised = [
            each for each, there in self.provider.intents.items() if there.state == "authorised"
        ]
        for _ in range(3):
            await asyncio.sleep(16 * 3_600)
            await self.payments.sweep()
        await asyncio.sleep(3_600)


def _inside(peer: Peer) -> Any:
    inside = copy_context()
    inside.run(process_here.set, peer)
    return inside


async def _awaited(work: Callable[[Peer], Any], peer: Peer) -> None:
    await work(peer)


@contextmanager
def _of_this_world(schedule: Schedule) -> Iterator[None]:
    number = 0

    def make(prefix: str) -> str:
        nonlocal number
        number += 1
        return f"{prefix}_{number:026d}"

    clock.replace_clock(schedule.world.now)
    ids.replace_maker(make)
    try:
        with kept_in_memory():
            yield
    finally:
        clock.replace_clock(None)
        ids.replace_maker(None)


def be_quiet() -> None:
    """Runs that fail are what this is about; nobody reads thousands of their log lines."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def play(seed: int) -> Schedule:
    """Plays a seed's schedule. What it came to is in its doubles; `problem` says what it died of, if it did."""
    schedule = Schedule(seed)
    with _of_this_world(schedule):
        try:
            schedule.loop.run(schedule.play())
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            schedule.problem = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
    if seed % 50 == 0:
        gc.collect()
    return schedule
