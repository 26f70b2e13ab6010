"""Mei's delivered basket, and what she may ask for instead of a piece of it."""

from __future__ import annotations

import asyncio

from luxe.kernel.money import Money
from luxe.sagas.exchange.contract import ExchangeView, Port
from luxe.services.catalog.contract import OptionDraft, ProductDraft, VariantDraft
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import Exchange, Order, UnitRef
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.pricing.contract import Port as PricingPort
from luxe.services.pricing.contract import PriceDraft
from tests.sagas.cancel.stage import After, fresh_key
from tests.sagas.return_item.conftest import RING, Delivered, units_of
from tests.services.payments.provider import GOOD

REASON = "It does not fit"


class Swap(After):
    """What Mei may ask for: her ring in another size at the same price, or a dearer piece; one of each is there."""

    async def prepare(self) -> None:
        ring = (await self.order()).draft.lines[RING]
        (line,) = await self.house.port(CatalogPort).lines(variant_ids=[ring.variant_id], locale="en")
        draft = ProductDraft(
            slug=line.slug,
            brand_id=line.brand_id,
            title={"en": line.title},
            options=[OptionDraft(name={"en": "Size"}, values=["52", "54"])],
            variants=[
                VariantDraft(sku=line.sku, options=["52"]),
                VariantDraft(sku=f"{line.sku}-54", options=["54"]),
            ],
        )
        put = await self.house.port(CatalogPort).put_product(product=draft)
        (self.size_54,) = [each for each in put.variant_ids if each != ring.variant_id]
        self.ring = ring.variant_id
        await self.house.port(PricingPort).put_prices(
            prices=[PriceDraft(variant_id=self.size_54, price=Money(1_000_000, "CNY"))]
        )
        await self.house.port(InventoryPort).receive(
            variant_id=self.size_54, quantity=1, reason="delivery", key=f"54 {self.size_54}"
        )
        self.stage.pieces.append(self.size_54)
        self.dearer = await self.stage.piece(price=1_200_000)
        self.brooch = self.stage.pieces[2]
        self.before = await self.seen()

    async def ring_units(self) -> list[UnitRef]:
        return await units_of(self, RING)

    async def house_start(self, piece: str, reached: asyncio.Event) -> str:
        """As `ask` for the ring, but no further than to `reached`."""
        view = await self.house.port(Port).start(
            key=fresh_key(), account_id=self.stage.mei, order_id=self.order_id,
            unit=(await self.ring_units())[0], variant_id=piece, reason=REASON, locale="en",
        )  # fmt: skip
        await self.idle(or_until=reached)
        return view.run

    async def ask(self, variant: str, key: str = "", unit: int = RING) -> str:
        view = await self.house.port(Port).start(
            key=key or fresh_key(),
            account_id=self.stage.mei,
            order_id=self.order_id,
            unit=(await units_of(self, unit))[0],
            variant_id=variant,
            reason=REASON,
            locale="en",
        )
        await self.idle()
        return view.run

    async def view(self, run: str) -> ExchangeView:
        return await self.house.port(Port).view(run=run, account_id=self.stage.mei)

    async def exchange(self, run: str) -> Exchange:
        return await self.house.port(OrdersPort).exchange_of(run=run)

    async def replacement(self, run: str) -> Order:
        known = await self.exchange(run)
        return await self.house.port(OrdersPort).order(order_id=known.replacement_id)

    async def pay(self, run: str, card: str = GOOD) -> None:
        """Begins to pay, pays on the provider's page, and brings the news of it."""
        await self.begin_to_pay(run)
        await self.idle()
        await self.pay_there(run, card)

    async def begin_to_pay(self, run: str) -> None:
        await self.house.port(Port).pay(run=run, account_id=self.stage.mei)

    async def pay_there(self, run: str, card: str = GOOD) -> None:
        """On the provider's page, if the run still waits for that."""
        if (await self.view(run)).pay_at:
            tries = (await self.row(run)).signals["pay"]
            await self.stage.pay(f"{run}-{tries}", card)
            await self.stage.news()

    async def kept(self) -> list[tuple[int, str]]:
        """What is kept of the first order's payment."""
        rows = await self.house.rows(
            "orders",
            "SELECT amount, state FROM orders.refunds WHERE order_id = :id AND run LIKE '% kept' ORDER BY id",
            id=self.order_id,
        )
        return [(row.amount, row.state) for row in rows]


class Swaps(Delivered):
    async def open(self) -> After:
        await self.close()
        self._open = swap = Swap(await self._stage(), self._flow, self._start)
        await swap.sell()
        orders = swap.house.port(OrdersPort)
        await orders.ship(order_id=swap.order_id)
        await orders.deliver(order_id=swap.order_id)
        await swap.house.settle()
        await swap.prepare()
        return swap
