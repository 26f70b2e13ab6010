"""CN's retail import by e-commerce.

Within 5,000 CNY an order and 26,000 CNY a person and year there is no duty, and import VAT and consumption tax are due at
70 %; above either limit all three are due in full. Both limits are on the dutiable value: what is paid, freight and
insurance included, without the taxes. Source: Ministry of Finance, General Administration of Customs and State Taxation
Administration, notices Cai Guan Shui [2016] 18 and [2018] 49.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from luxe.kernel.money import Money
from luxe.services.fulfilment.contract import Tax
from luxe.services.fulfilment.domain.rows import TaxRule
from luxe.services.fulfilment.domain.taxing import (
    Item,
    Levy,
    Sale,
    items_of,
    levies,
    net_of,
    rules_for,
    rules_on,
    taxes_on,
)

AN_ORDER = Money(500_000, "CNY")
A_YEAR = Money(2_600_000, "CNY")


def assess(sale: Sale, rules: Sequence[TaxRule]) -> list[Tax]:
    """The duties and taxes of a sale by the table. Raises `RegionUnknown`."""
    items = items_of(sale)
    holding = rules_for(sale, rules)
    scheme = next((rule for rule in holding if rule.kind == "cross_border"), None)
    ordinary = [rule for rule in holding if rule.kind != "cross_border"]
    in_full = [levies(rules_on(item, ordinary)) for item in items]
    if scheme is None:
        return taxes_on(items, in_full)
    reduced = [_reduced(item, ordinary, scheme) for item in items]
    if _within_limits(sale, items, reduced):
        return taxes_on(items, reduced)
    return taxes_on(items, in_full)


def _reduced(item: Item, rules: Sequence[TaxRule], scheme: TaxRule) -> list[Levy]:
    share = Decimal(scheme.rate)
    without_duty = [rule for rule in rules_on(item, rules) if rule.kind != "duty"]
    return [
        replace(
            levy,
            rule=replace(levy.rule, rounding=scheme.rounding, rounded_per=scheme.rounded_per),
            kind="cross_border",
            percent=levy.percent * share / 100,
            included=scheme.included,
            due=levy.due * Fraction(share) / 100,
        )
        for levy in levies(without_duty)
    ]


def _within_limits(sale: Sale, items: Sequence[Item], reduced: Sequence[Sequence[Levy]]) -> bool:
    """Of a sale in another currency nobody can say."""
    if sale.delivery.currency != AN_ORDER.currency:
        return False
    dutiable = sum((net_of(item, found) for item, found in zip(items, reduced, strict=True)), Fraction(0))
    before = 0 if sale.bought_this_year is None else sale.bought_this_year.minor
    return dutiable <= AN_ORDER.minor and before + dutiable <= A_YEAR.minor
