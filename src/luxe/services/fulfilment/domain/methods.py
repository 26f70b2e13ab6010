"""Which ways of delivery go to a place, for how much and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from luxe.kernel.money import Money
from luxe.services.fulfilment.contract import DeliveryMethod, DeliveryStep, MethodId
from luxe.services.fulfilment.domain.days import Calendar
from luxe.services.fulfilment.domain.rows import ANY, DeliveryRate

WITHOUT_A_TABLE = (
    DeliveryRate(method="standard", country=ANY, currency=ANY, price=0, days_least=2, days_most=5),
)
"""A house that keeps no table delivers everywhere, free of charge."""
ORDER: tuple[MethodId, ...] = ("standard", "express", "white_glove", "collect")


def methods_to(
    country: str, goods: Money, tier: str, rates: Sequence[DeliveryRate], calendar: Calendar, leaves: date
) -> list[DeliveryMethod]:
    """By price; those of one price in the order of `ORDER`."""
    found = [_rate(method, country, goods, tier, rates or WITHOUT_A_TABLE) for method in ORDER]
    offered = [
        DeliveryMethod(
            id=rate.method,
            price=Money(rate.price, goods.currency),
            earliest=calendar.after(country, leaves, rate.days_least),
            latest=calendar.after(country, leaves, rate.days_most),
            needs_slot=rate.needs_slot,
        )
        for rate in found
        if rate is not None and rate.price is not None
    ]
    return sorted(offered, key=lambda each: (each.price.minor, ORDER.index(each.id)))


def steps_of(
    method: MethodId, country: str, currency: str, tier: str, rates: Sequence[DeliveryRate]
) -> list[DeliveryStep]:
    """Its price by the value of the goods, from the least; none if it is one price for all."""
    listed = rates or WITHOUT_A_TABLE
    steps: list[DeliveryStep] = []
    for value in sorted({rate.from_value for rate in listed if rate.method == method}):
        rate = _rate(method, country, Money(value, currency), tier, listed)
        if rate is None or rate.price is None:
            continue
        step = DeliveryStep(from_value=Money(value, currency), price=Money(rate.price, currency))
        if not steps or steps[-1].price != step.price:
            steps.append(step)
    return steps if len(steps) > 1 else []


def _rate(
    method: MethodId, country: str, goods: Money, tier: str, rates: Sequence[DeliveryRate]
) -> DeliveryRate | None:
    """The most exact row: the country's own, then the tier's own, then the currency's own, then the highest value."""
    fitting = [
        rate
        for rate in rates
        if rate.method == method
        and rate.country in (country, ANY)
        and rate.currency in (goods.currency, ANY)
        and (not rate.tiers or tier in rate.tiers)
        and rate.from_value <= goods.minor
    ]
    return max(
        fitting,
        key=lambda rate: (rate.country != ANY, bool(rate.tiers), rate.currency != ANY, rate.from_value),
        default=None,
    )
