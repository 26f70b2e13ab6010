"""Rules of pricing: what a valid price is, and how a quote adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from luxe.kernel.errors import BadRequest
from luxe.kernel.i18n import CURRENCIES
from luxe.kernel.money import Money
from luxe.services.pricing.contract import Price, PriceDraft, PriceStep, Quote, QuotedLine, QuoteLine

# What delivery costs by who is served, in minor units of any currency; members are delivered to free of charge.
DELIVERY_MINOR: Mapping[str, int] = {"member": 0}
REDUCTION_WINDOW_DAYS = 30
MAX_QUANTITY = 999


def check_currency(currency: str) -> None:
    """Raises `currency_unsupported`."""
    if currency not in CURRENCIES:
        raise BadRequest(f"{currency} is not a currency of this house", code="currency_unsupported")


def check_draft(draft: PriceDraft) -> None:
    """Raises `currency_unsupported` or `price_invalid`."""
    check_currency(draft.price.currency)
    if draft.price.minor < 0:
        raise BadRequest("a price is not negative", code="price_invalid", variant_id=draft.variant_id)
    before = draft.compare_at
    if before is not None and (before.currency != draft.price.currency or before.minor < 0):
        raise BadRequest(
            "the price before a reduction is in the same currency and not negative",
            code="price_invalid",
            variant_id=draft.variant_id,
        )


def reduced(price: Money, compare_at: Money | None) -> bool:
    """A price to compare with that is not higher says nothing and is no reduction."""
    return compare_at is not None and compare_at > price


def quote(lines: Sequence[QuoteLine], prices: Mapping[str, Price], currency: str) -> Quote:
    """Adds up lines at the prices in force. Raises `quantity_invalid`."""
    quoted: list[QuotedLine] = []
    unpriced: list[str] = []
    listed = reduction = Money.zero(currency)
    for line in lines:
        if not 1 <= line.quantity <= MAX_QUANTITY:
            raise BadRequest(
                "a quantity is a whole number from 1", code="quantity_invalid", variant_id=line.variant_id
            )
        price = prices.get(line.variant_id)
        if price is None:
            unpriced.append(line.variant_id)
            continue
        quoted.append(_line(line, price))
        for step in quoted[-1].why:
            if step.code == "list":
                listed += step.amount * line.quantity
            else:
                reduction += step.amount * line.quantity
    goods = listed + reduction
    delivery = Money(DELIVERY_MINOR["member"], currency)
    steps = [PriceStep(code="list", amount=listed)]
    if reduction.minor:
        steps.append(PriceStep(code="reduction", amount=reduction))
    steps.append(PriceStep(code="delivery", amount=delivery))
    return Quote(
        currency=currency,
        lines=quoted,
        unpriced=unpriced,
        goods=goods,
        delivery=delivery,
        total=goods + delivery,
        steps=steps,
    )


def _line(line: QuoteLine, price: Price) -> QuotedLine:
    before = price.compare_at
    if before is not None and reduced(price.price, before):
        why = [
            PriceStep(code="list", amount=before),
            PriceStep(code="reduction", amount=price.price - before),
        ]
    else:
        why = [PriceStep(code="list", amount=price.price)]
    return QuotedLine(
        variant_id=line.variant_id,
        quantity=line.quantity,
        unit=price.price,
        total=price.price * line.quantity,
        compare_at=before,
        why=why,
    )
