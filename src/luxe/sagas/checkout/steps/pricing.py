"""What a purchase costs: the one place where prices, discounts, delivery, taxes, points and gift cards become what is to
be paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from luxe.kernel import clock
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.sagas.checkout.contract import CardPart, CheckoutQuote, QuotedPiece, QuoteInput
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.catalog.contract import VariantLine
from luxe.services.fulfilment.contract import Charges, Destination, GoodsLine
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.orders.contract import PriceReason
from luxe.services.pricing.contract import Port as PricingPort
from luxe.services.pricing.contract import Quote, QuoteLine
from luxe.services.promotions.contract import Appraisal, Line
from luxe.services.promotions.contract import Port as PromotionsPort

CHINA = ZoneInfo("Asia/Shanghai")


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """`appraisal` is None where no codes were given, `charges` where the country of delivery is not known. `worth` is what
    the points take off."""

    quote: Quote
    shown: dict[str, VariantLine]
    lines: list[Line]
    appraisal: Appraisal | None
    worth: Money
    charges: Charges | None = None

    @property
    def delivery(self) -> Money:
        return self.charges.delivery if self.charges else self.quote.delivery

    @property
    def tax_added(self) -> Money:
        return self.charges.tax_added if self.charges else Money.zero(self.quote.currency)

    @property
    def discount(self) -> Money:
        return self.appraisal.evaluation.total if self.appraisal else Money.zero(self.quote.currency)

    @property
    def total(self) -> Money:
        """What points and gift cards may pay."""
        return self.quote.goods - self.discount + self.delivery + self.tax_added

    def reasons(self) -> Mapping[str, list[PriceReason]]:
        """By variant, why its line costs less."""
        explained = self.appraisal.evaluation.lines if self.appraisal else []
        return {
            line.variant_id: [
                PriceReason(name=each.name, amount=each.amount, percent=each.percent) for each in line.reasons
            ]
            for line in explained
        }


async def price(house: House, wanted: QuoteInput, tier: str, locale: str, run: str = "") -> Priced:
    """Promotions are asked only if there are codes, and loyalty only if there are points. A run that has held its codes
    already is told what it held, not what another one could have now."""
    ids = [line.variant_id for line in wanted.lines]
    quote = await house.port(PricingPort).quote(
        lines=[QuoteLine(variant_id=line.variant_id, quantity=line.quantity) for line in wanted.lines],
        currency=wanted.currency,
    )
    shown = await house.port(CatalogPort).lines(variant_ids=ids, locale=locale)
    pieces = {line.variant_id: line for line in shown}
    lines = [
        Line(variant_id=line.variant_id, brand=piece.brand_slug, category=piece.category, total=line.total)
        for line in quote.lines
        if (piece := pieces.get(line.variant_id)) is not None
    ]
    appraisal = None
    if wanted.codes:
        appraisal = await house.port(PromotionsPort).appraise(
            account_id=wanted.account_id,
            tier=tier,
            country=wanted.country,
            currency=wanted.currency,
            lines=lines,
            codes=wanted.codes,
            run=run,
        )
    worth = Money.zero(wanted.currency)
    if wanted.points:
        spent = await house.port(LoyaltyPort).worth(points=wanted.points, currency=wanted.currency)
        worth = spent.worth
    priced = Priced(quote=quote, shown=pieces, lines=lines, appraisal=appraisal, worth=worth)
    if not wanted.country or len(lines) < len(quote.lines):
        return priced
    return msgspec.structs.replace(priced, charges=await _charges(house, wanted, tier, priced, run))


async def _charges(house: House, wanted: QuoteInput, tier: str, priced: Priced, run: str) -> Charges:
    """Delivery, duties and taxes, on what the lines cost after discounts. Where CN's retail import scheme applies to them,
    orders are asked what the buyer has had of its yearly limit; nothing else asks."""
    reasons = priced.reasons()
    quantities = {line.variant_id: line.quantity for line in priced.quote.lines}
    nothing = Money.zero(wanted.currency)
    goods = [
        GoodsLine(
            variant_id=line.variant_id,
            category=line.category,
            quantity=quantities[line.variant_id],
            total=line.total - sum((each.amount for each in reasons.get(line.variant_id, [])), nothing),
        )
        for line in priced.lines
    ]

    async def ask(bought: Money | None) -> Charges:
        return await house.port(FulfilmentPort).quote(
            destination=Destination(country=wanted.country, region=wanted.region, postcode=wanted.postcode),
            currency=wanted.currency,
            tier=tier,
            lines=goods,
            method=wanted.delivery,
            bought_this_year=bought,
        )

    charges = await ask(None)
    if all(tax.kind != "cross_border" for tax in charges.taxes):
        return charges
    bought = await house.port(OrdersPort).imported(
        account_id=wanted.account_id, currency=wanted.currency, since=_new_year(), besides=run
    )
    return await ask(bought) if bought.minor else charges


def _new_year() -> datetime:
    """The beginning of the calendar year in China, whose customs count by it."""
    return clock.now().astimezone(CHINA).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)


def quoted(priced: Priced, points: int) -> CheckoutQuote:
    """Gift cards pay what points have left, in the order in which they were given."""
    nothing = Money.zero(priced.quote.currency)
    due = priced.total - priced.worth
    reasons = priced.reasons()
    gifts: list[CardPart] = []
    for card in priced.appraisal.cards if priced.appraisal else []:
        amount = max(min(card.available, due), nothing)
        due -= amount
        gifts.append(CardPart(code=card.code, available=card.available, amount=amount))
    lines = [
        QuotedPiece(
            variant_id=line.variant_id,
            quantity=line.quantity,
            unit=line.unit,
            before=line.total,
            reasons=why,
            after=line.total - sum((each.amount for each in why), nothing),
        )
        for line in priced.quote.lines
        for why in (reasons.get(line.variant_id, []),)
    ]
    evaluation = priced.appraisal.evaluation if priced.appraisal else None
    return CheckoutQuote(
        lines=lines,
        unpriced=priced.quote.unpriced,
        goods=priced.quote.goods,
        discount=priced.discount,
        discounts=evaluation.discounts if evaluation else [],
        rejected=evaluation.rejected if evaluation else [],
        delivery=priced.delivery,
        total=priced.total,
        points=points,
        points_worth=priced.worth,
        gifts=gifts,
        gift_worth=sum((each.amount for each in gifts), nothing),
        payable=due,
        delivery_methods=priced.charges.methods if priced.charges else [],
        delivery_method=priced.charges.method if priced.charges else "",
        taxes=priced.charges.taxes if priced.charges else [],
        tax_included=priced.charges.tax_included if priced.charges else None,
        tax_added=priced.charges.tax_added if priced.charges else None,
    )
