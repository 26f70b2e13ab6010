"""The checkout saga on a stage: real services, real runs and the real PSP simulator; the test turns the clock."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import msgspec

from luxe.kernel import clock
from luxe.kernel.facts import Envelope, Fact, fact_type
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.kernel.saga import Engine
from luxe.kernel.saga_store import log_of
from luxe.sagas.checkout.contract import CheckoutInput, CheckoutLine, CheckoutView, Port
from luxe.sagas.checkout.flow import flow
from luxe.services.bag.contract import Port as BagPort
from luxe.services.brands.contract import BrandDraft
from luxe.services.brands.contract import Port as BrandsPort
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.catalog.contract import ProductDraft, VariantDraft
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import Address, Order
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.payments.contract import Intent
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.pricing.contract import Port as PricingPort
from luxe.services.pricing.contract import PriceDraft
from luxe.services.promotions.contract import Gift, VoucherRules
from luxe.services.promotions.contract import Port as PromotionsPort
from tests.harness import Running
from tests.sagas.checkout.breaks import Breaks
from tests.services.membership.people import join
from tests.services.payments.provider import GOOD, Psp, eventually

UNITS = (
    "brands", "media", "pricing", "catalog", "membership", "inventory",
    "promotions", "fulfilment", "loyalty", "payments", "orders", "bag", "checkout",
)  # fmt: skip
BEFORE_PIVOT = ["hold", "authorise", "place"]
FROM_PIVOT = ["capture", "commit"]
"""There is no way back once the capture has begun."""
STEPS = BEFORE_PIVOT + FROM_PIVOT
LEASE_OVER = 31
"""Seconds after which a lost process's lease has run out."""
ADDRESS = Address(
    name="Lin Mei", line1="12 Anfu Road", city="Shanghai", region="Shanghai", postcode="200031",
    country="CN", phone="+8613812345678",
)  # fmt: skip
POINTS = 20_000
"""What Mei has to spend: 200 CNY."""
PAYABLE = 1_280_000
EARNED = 12_800
"""What a basket costs and brings."""

Effects = list[tuple[str, int]]

_numbers = itertools.count(1)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """All that a checkout may change, for one account and the stage's pieces.

    `stock`: on hand, held and available by piece. `points`: available and held. `bag`: quantity by piece.
    `orders`: states, oldest first. `charges`: what the PSP did for each intent, oldest first. `cards`: available and held
    on each gift card of the stage, `uses`: of each voucher.
    """

    stock: dict[str, tuple[int, int, int]]
    points: tuple[int, int]
    bag: dict[str, int]
    orders: list[str]
    charges: list[Effects]
    cards: list[tuple[int, int]] = []
    uses: list[int] = []


class Basket(msgspec.Struct, frozen=True, kw_only=True):
    """Mei's: a ring (the only one), two of three scarves, and all her points; a brooch stays in the bag.

    `before` is how things stood; `bought` how they stand after one purchase.
    """

    wanted: CheckoutInput
    before: Seen
    bought: Seen
    earned: int = EARNED

    def undone(self, at: Seen) -> Seen:
        """How things stand once a run that had come as far as `at` was undone."""
        return msgspec.structs.replace(
            self.before,
            orders=["cancelled" for _ in at.orders],
            charges=[[*effects, ("void", self.wanted.expected.minor)] for effects in at.charges],
        )


class Heard:
    """Every fact of payments that was handed to those who react."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)

    def of(self, kind: type[Fact], object_id: str) -> int:
        """How often a fact of this type was told of an object."""
        return sum((each.type, each.object_id) == (fact_type(kind), object_id) for each in self.envelopes)


class Stage:
    """Mei is a member with points, Yan a member without, once she has joined; pieces are made as a test needs them."""

    def __init__(self, house: Running, psp: Psp, heard: Heard, port: Port) -> None:
        self.house = house
        self.psp = psp
        self.heard = heard
        self.port = port
        self.service = house.service("checkout")
        self.breaks = Breaks()
        self.pieces: list[str] = []
        self.vouchers: list[str] = []
        self.cards: list[str] = []
        self.runs: dict[str, str] = {}
        number = next(_numbers)
        self.mei, self.yan, self.stranger = (f"acc_{name}_{number}" for name in ("mei", "yan", "stranger"))
        self._ahead = timedelta()
        self._brand_id = ""
        self.restart()

    async def open(self) -> None:
        await self.join(self.mei)
        await self.house.port(LoyaltyPort).settle(
            run=f"gift_{self.mei}",
            account_id=self.mei,
            reference="a gift",
            net_paid=Money(POINTS * 100, "CNY"),
            multiplier_percent=100,
        )

    async def join(self, account: str) -> None:
        await join(self.house.port(MembershipPort), account)

    async def piece(self, *, units: int = 1, price: int = 1_000_000) -> str:
        """A piece on sale with so many units; returns its variant's id."""
        name = f"piece-{next(_numbers)}"
        draft = ProductDraft(
            slug=name,
            brand_id=await self._brand(),
            title={"en": name.title()},
            variants=[VariantDraft(sku=name.upper())],
        )
        (variant,) = (await self.house.port(CatalogPort).put_product(product=draft)).variant_ids
        await self.reprice(variant, price)
        if units:
            await self.house.port(InventoryPort).receive(
                variant_id=variant, quantity=units, reason="delivery", key=name
            )
        self.pieces.append(variant)
        return variant

    async def _brand(self) -> str:
        if not self._brand_id:
            draft = BrandDraft(slug="orsay", name="Orsay")
            self._brand_id = (await self.house.port(BrandsPort).put_brand(brand=draft)).id
        return self._brand_id

    async def reprice(self, piece: str, minor: int) -> None:
        price = PriceDraft(variant_id=piece, price=Money(minor, "CNY"))
        await self.house.port(PricingPort).put_prices(prices=[price])

    def wanting(
        self, *lines: tuple[str, int], expected: int, points: int = 0, account: str = "", **change: Any
    ) -> CheckoutInput:
        wanted = CheckoutInput(
            account_id=account or self.mei,
            lines=[CheckoutLine(variant_id=piece, quantity=quantity) for piece, quantity in lines],
            currency="CNY",
            address=ADDRESS,
            deliver_on=date(2099, 1, 1),
            points=points,
            expected=Money(expected, "CNY"),
            locale="en",
        )
        return msgspec.structs.replace(wanted, **change)

    async def basket(self) -> Basket:
        ring, scarf = await self.piece(units=1), await self.piece(units=3, price=150_000)
        brooch = await self.piece(units=1, price=400_000)
        wanted = self.wanting((ring, 1), (scarf, 2), points=POINTS, expected=PAYABLE)
        await self.fill_bag(self.wanting((ring, 1), (scarf, 2), (brooch, 1), expected=0))
        before = await self.seen()
        bought = msgspec.structs.replace(
            before,
            stock={ring: (0, 0, 0), scarf: (1, 0, 1), brooch: (1, 0, 1)},
            points=(EARNED, 0),
            bag={brooch: 1},
            orders=["paid"],
            charges=[[("create", PAYABLE), ("authorise", PAYABLE), ("capture", PAYABLE)]],
        )
        return Basket(wanted=wanted, before=before, bought=bought)

    async def voucher(self, **rules: Any) -> str:
        """The code of a voucher with these rules."""
        promotions = self.house.port(PromotionsPort)
        made = await promotions.make_voucher(
            key=f"voucher {next(_numbers)}",
            name=f"Voucher {len(self.vouchers) + 1}",
            rules=VoucherRules(**rules),
            codes=1,
            operator_id="acc_operator",
        )
        self.vouchers.append(made.id)
        return (await promotions.codes_of(voucher_id=made.id))[0]

    async def gift_card(self, minor: int, currency: str = "CNY") -> str:
        """The code of a card with so much on it."""
        promotions = self.house.port(PromotionsPort)
        card = await promotions.issue_gift_card(
            key=f"card {next(_numbers)}",
            amount=Money(minor, currency),
            reason="a birthday",
            operator_id="acc_operator",
        )
        self.cards.append(card.id)
        return await promotions.code_of_gift_card(card_id=card.id)

    async def dressed_basket(self) -> Basket:
        """As `basket`, with two vouchers that take off 1,500 CNY and two gift cards that pay as much: 9,800 CNY are due."""
        plain = await self.basket()
        codes = [await self.voucher(amounts=[Money(20_000, "CNY")], stackable=True, per_member=1)]
        codes.append(await self.voucher(percent=10, stackable=True))
        gifts = [
            Gift(code=await self.gift_card(minor), amount=Money(part, "CNY"))
            for minor, part in ((100_000, 100_000), (80_000, 50_000))
        ]
        return await self._redressed(
            plain, due=980_000, earned=11_300, codes=codes, gifts=gifts, cards=[(0, 0), (30_000, 0)]
        )

    async def free_basket(self) -> Basket:
        """As `basket`, with a gift card that pays for everything."""
        plain = await self.basket()
        gift = Gift(code=await self.gift_card(2_000_000), amount=Money(PAYABLE, "CNY"))
        return await self._redressed(
            plain, due=0, earned=EARNED, codes=[], gifts=[gift], cards=[(2_000_000 - PAYABLE, 0)]
        )

    async def _redressed(
        self,
        plain: Basket,
        *,
        due: int,
        earned: int,
        codes: list[str],
        gifts: list[Gift],
        cards: list[tuple[int, int]],
    ) -> Basket:
        charges = [[("create", due), ("authorise", due), ("capture", due)]] if due else []
        return Basket(
            wanted=msgspec.structs.replace(
                plain.wanted, expected=Money(due, "CNY"), codes=codes, gifts=gifts
            ),
            before=await self.seen(),
            bought=msgspec.structs.replace(
                plain.bought, points=(earned, 0), charges=charges, cards=cards, uses=[1 for _ in codes]
            ),
            earned=earned,
        )

    async def fill_bag(self, wanted: CheckoutInput) -> None:
        for line in wanted.lines:
            await self.house.port(BagPort).put(
                account_id=wanted.account_id, variant_id=line.variant_id, quantity=line.quantity
            )

    async def start(self, wanted: CheckoutInput, key: str = "key") -> CheckoutView:
        """Starts a run and lets it go as far as it can."""
        started = await self.port.start(key=key, input=wanted)
        self.runs[started.run] = wanted.account_id
        await self.idle()
        return await self.view(started.run)

    async def view(self, run: str) -> CheckoutView:
        return await self.port.view(run=run, account_id=self.runs[run])

    async def pay(self, run: str, card: str = GOOD) -> None:
        """Pays on the PSP's page and waits for the webhook; the run goes on when `settle` brings the news."""
        intent = await self.intent(run)
        await self.psp.pay(intent, card)
        await self.hear(run, "authorised" if card == GOOD else "failed")

    async def answer_challenge(self, run: str, code: str = "123456") -> None:
        """What the member types on the bank's page."""
        path = f"/v1/intents/{(await self.intent(run)).psp_id}/challenge"
        answer = await self.psp._http.post(path, json={"code": code})
        assert answer.status_code == 200, answer.text

    async def hear(self, run: str, state: str) -> None:
        """Until the PSP's webhook has told payments."""

        async def told() -> str:
            return (await self.intent(run)).state

        await eventually(told, state)

    async def news(self) -> None:
        """Brings the news of payments to those who react."""
        for envelope in await self.house._take(self.house.database("payments")):
            for listener in self.house.composition.listeners:
                await listener.handle(envelope)

    async def settle(self) -> None:
        """Brings the news of payments, and lets every run go as far as it can."""
        await self.news()
        await self.idle()

    async def tell(self, fact: Fact, *, id: str = "") -> None:
        """Brings a fact to those who react; one with an id of its own each time, unless an id is given."""
        envelope = Envelope(
            id=id or new_id("fact"),
            type=fact_type(type(fact)),
            object_id=fact.object_id,
            at=clock.now(),
            actor="",
            request_id="",
            data=msgspec.to_builtins(fact),
        )
        for listener in self.house.composition.listeners:
            await listener.handle(envelope)
        await self.idle()

    async def buy(self, wanted: CheckoutInput, key: str = "key") -> CheckoutView:
        """A whole purchase by somebody who pays at once."""
        run = (await self.start(wanted, key)).run
        await self.pay(run)
        await self.settle()
        return await self.view(run)

    async def begin(self, wanted: CheckoutInput, reached: asyncio.Event) -> str:
        """As `buy`, but no further than to `reached`; returns the run."""
        run = (await self.port.start(key="key", input=wanted)).run
        self.runs[run] = wanted.account_id
        await self.idle(or_until=reached)
        if not reached.is_set() and (await self.view(run)).pay_at:
            await self.pay(run)
            await self.news()
            await self.idle(or_until=reached)
        return run

    async def carry_through(self, run: str) -> CheckoutView:
        """Pays if there is a page to pay on, and lets time go by until the run has ended or is stuck."""
        for _ in range(60):
            view = await self.view(run)
            if view.state not in ("running", "undoing"):
                return view
            if view.pay_at and (await self.intent(run)).state == "requires_method":
                await self.pay(run)
                await self.settle()
            else:
                await self.later(seconds=20)
        raise AssertionError(f"{run} is still {await self.view(run)}")

    async def intent(self, run: str) -> Intent:
        found = await self.house.port(PaymentsPort).intent_of_run(run=run)
        assert found is not None, f"{run} has no intent"
        return found

    async def order(self, run: str) -> Order | None:
        return await self.house.port(OrdersPort).order_of_run(run=run)

    async def seen(self, account: str = "") -> Seen:
        who = account or self.mei
        stock = await self.house.port(InventoryPort).availability(variant_ids=self.pieces)
        balance = await self.house.port(LoyaltyPort).balance(account_id=who)
        bag = await self.house.port(BagPort).bag(account_id=who)
        orders = await self.house.port(OrdersPort).orders(account_id=who)
        intents = await self.house.port(PaymentsPort).intents(account_id=who)
        return Seen(
            stock={each.variant_id: (each.on_hand, each.held, each.available) for each in stock},
            points=(balance.available, balance.held),
            bag={line.variant_id: line.quantity for line in bag.lines},
            orders=[order.state for order in reversed(orders.items)],
            charges=[await self.psp.effects(intent.id) for intent in reversed(intents)],
            cards=await self._cards(),
            uses=await self._uses(),
        )

    async def _cards(self) -> list[tuple[int, int]]:
        statement = "SELECT id, available_minor, held_minor FROM promotions.gift_cards WHERE id = ANY(:ids)"
        rows = await self.house.rows("promotions", statement, ids=self.cards) if self.cards else []
        found = {row.id: (row.available_minor, row.held_minor) for row in rows}
        return [found[card] for card in self.cards]

    async def _uses(self) -> list[int]:
        statement = "SELECT voucher_id FROM promotions.uses WHERE voucher_id = ANY(:ids)"
        rows = await self.house.rows("promotions", statement, ids=self.vouchers) if self.vouchers else []
        used = [row.voucher_id for row in rows]
        return [used.count(voucher) for voucher in self.vouchers]

    async def facts(self, kind: type[Fact], object_id: str) -> int:
        """How many facts of this type wait to be told of an object."""
        return sum(fact.object_id == object_id for fact in await self.house.facts(kind))

    async def log(self, run: str) -> list[tuple[str, str]]:
        """What the run log says, in order."""
        database = self.house.database("checkout")
        async with database.reading() as tx:
            return [(row["step"], row["outcome"]) for row in await log_of(tx, database.metadata, run)]

    async def units(self, run: str) -> list[tuple[str, str | None]]:
        """Pieces of the run's units, each with the order that it is sold to."""
        statement = "SELECT variant_id, order_id FROM inventory.units WHERE run = :run ORDER BY variant_id"
        return [
            (row.variant_id, row.order_id) for row in await self.house.rows("inventory", statement, run=run)
        ]

    async def journals(self, run: str) -> list[tuple[str, int]]:
        """The ledger of points, as far as the run wrote it."""
        statement = "SELECT kind, points FROM loyalty.journals WHERE run = :run ORDER BY id"
        return [(row.kind, row.points) for row in await self.house.rows("loyalty", statement, run=run)]

    def restart(self) -> None:
        """A fresh process in the old one's place: its engine knows nothing, and holds no lease."""
        self.engine = self.service.engine = self.peer()

    def peer(self) -> Engine:
        """Another process's engine over the same runs."""
        return Engine(self.breaks.around(flow), self.house.house)

    async def kill(self) -> None:
        """The process ends without giving anything back, and another one is started."""
        await self.engine._stop()
        self.restart()

    async def idle(self, *engines: Engine, or_until: asyncio.Event | None = None) -> None:
        """Until no run is driven any more, or the event has happened."""
        watched = engines or (self.engine,)
        signal = asyncio.create_task((or_until or asyncio.Event()).wait())
        while not signal.done() and (tasks := [task for each in watched for task in each._tasks]):
            await asyncio.wait([*tasks, signal], return_when=asyncio.FIRST_COMPLETED)
        signal.cancel()

    def turn_clock(self, **by: float) -> None:
        self._ahead += timedelta(**by)
        clock.replace_clock(clock.ahead(self._ahead))

    async def later(self, *engines: Engine, **by: float) -> None:
        """So much time goes by; then the process, or the peers given, look for runs that are due."""
        self.turn_clock(**by)
        await asyncio.gather(*(engine.sweep() for engine in engines or (self.engine,)))
        await self.idle(*engines)

    async def give_up(self, run: str) -> None:
        await self.port.abandon(run=run, account_id=self.runs[run])
        await self.idle()

    async def close(self) -> None:
        """Whatever still waits is given up, and then nothing may be held; what is stuck or was ended may hold what it holds."""
        self.breaks.heal()
        await self.kill()
        views = [await self.view(run) for run in self.runs]
        for view in views:
            if view.state in ("running", "undoing"):
                await self.give_up(view.run)
                await self.carry_through(view.run)
        await self.engine.close()
        if any(view.state in ("stuck", "ended") for view in views):
            return
        for account in (self.mei, self.yan):
            seen = await self.seen(account)
            assert all(held == 0 for _, held, _ in seen.stock.values()), seen
            assert seen.points[1] == 0, seen
            assert all(held == 0 for _, held in seen.cards), seen
            assert "placed" not in seen.orders, seen


OpenStage = Callable[[], Awaitable[Stage]]
"""Closes the stage that was open before, and opens a fresh one."""
