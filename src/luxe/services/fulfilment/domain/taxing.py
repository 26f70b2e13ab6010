"""Duties and taxes by the house's own table, exact to the minor unit.

Everything is reckoned in fractions of the net price and rounded once, by the name of a rounding: each line by itself,
or the order's sum of a tax, which its lines then share (largest remainder).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

import msgspec

from luxe.kernel.money import Money
from luxe.services.fulfilment.contract import GoodsLine, Tax, TaxKind
from luxe.services.fulfilment.domain.regions import code_of
from luxe.services.fulfilment.domain.rows import KINDS, Origin, Rounding, TaxRule

_WHOLE = Fraction(1)


class RegionUnknown(Exception):
    """The country's taxes depend on the region, and this is none of its regions."""


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be taxed. `delivery` is its price, in the lines' currency. `bought_this_year` matters to CN alone."""

    country: str
    region: str
    postcode: str
    origin: Origin
    day: date
    lines: Sequence[GoodsLine]
    delivery: Money
    bought_this_year: Money | None = None


class Item(msgspec.Struct, frozen=True):
    """A line, or delivery (without variant and category)."""

    variant_id: str
    category: str
    total: Money


class Levy(msgspec.Struct, frozen=True):
    """One tax on one item, as fractions of the item's net price: what it is on, and how much it is."""

    rule: TaxRule
    kind: TaxKind
    percent: Decimal
    included: bool
    on: Fraction
    due: Fraction


def items_of(sale: Sale) -> list[Item]:
    found = [Item(line.variant_id, line.category, line.total) for line in sale.lines]
    return [*found, Item("", "", sale.delivery)] if sale.delivery.minor else found


def rules_for(sale: Sale, rules: Iterable[TaxRule]) -> list[TaxRule]:
    """Those that hold there on that day for goods of that worth. Raises `RegionUnknown`."""
    goods = sum((line.total.minor for line in sale.lines), 0)
    there = [rule for rule in rules if rule.country == sale.country]
    region = code_of(sale.country, sale.region)
    if region is None and any(rule.region for rule in there):
        raise RegionUnknown
    postcode = _plain(sale.postcode)
    return [
        rule
        for rule in there
        if rule.region in ("", region)
        and postcode.startswith(_plain(rule.postcode))
        and rule.origin in ("any", sale.origin)
        and rule.currency in ("", sale.delivery.currency)
        and rule.from_value <= goods
        and (rule.until_value is None or goods < rule.until_value)
        and (rule.from_day is None or rule.from_day <= sale.day)
        and (rule.until_day is None or sale.day <= rule.until_day)
    ]


def rules_on(item: Item, rules: Iterable[TaxRule]) -> list[TaxRule]:
    """Of each kind and name the most exact rule, in the order in which they are reckoned."""
    chosen: dict[tuple[str, str], TaxRule] = {}
    for rule in rules:
        if rule.category not in ("", item.category) or not (item.variant_id or rule.on_delivery):
            continue
        known = chosen.get((rule.kind, rule.name))
        if known is None or _exactness(rule) > _exactness(known):
            chosen[rule.kind, rule.name] = rule
    return sorted(chosen.values(), key=lambda rule: (KINDS.index(rule.kind), rule.compound, rule.name))


def levies(rules: Sequence[TaxRule]) -> list[Levy]:
    """What the rules make of a net price of one.

    CN's consumption tax is part of what it is reckoned on: price and duty over one minus the rate (Provisional
    Regulations on Consumption Tax, article 9). Every other tax is a share of the net price, or, if it is compound, of that
    with the duties and taxes before it.
    """
    found: list[Levy] = []
    before = Fraction(0)
    for rule in rules:
        percent = Decimal(rule.rate)
        rate = Fraction(percent) / 100
        on = _WHOLE + before if rule.compound else _WHOLE
        if (rule.country, rule.kind) == ("CN", "consumption_tax"):
            on /= 1 - rate
        found.append(Levy(rule, rule.kind, percent, rule.included, on, on * rate))
        before += on * rate
    return [levy for levy in found if levy.due]


def net_of(item: Item, found: Sequence[Levy]) -> Fraction:
    """The item's price without the taxes that are part of it, in minor units."""
    return item.total.minor / (_WHOLE + sum(levy.due for levy in found if levy.included))


def taxes_on(items: Sequence[Item], found: Sequence[Sequence[Levy]]) -> list[Tax]:
    """The taxes of each item, rounded. An item's price less its included taxes never falls below nothing."""
    nets = [net_of(item, each) for item, each in zip(items, found, strict=True)]
    rooms = [item.total.minor for item in items]
    amounts: dict[tuple[int, int], int] = {}
    for group in _groups(found):
        exact = [nets[item] * found[item][place].due for item, place in group]
        first = found[group[0][0]][group[0][1]]
        room = [rooms[item] if first.included else None for item, _ in group]
        for at, minor in zip(group, _rounded_together(exact, first.rule, room), strict=True):
            amounts[at] = minor
            rooms[at[0]] -= minor if first.included else 0
    return [
        Tax(
            variant_id=item.variant_id,
            kind=levy.kind,
            name=levy.rule.name,
            rate=spelled(levy.percent),
            base=Money(
                rooms[at] if levy.on == 1 else rounded(nets[at] * levy.on, levy.rule.rounding),
                item.total.currency,
            ),
            amount=Money(amounts[at, place], item.total.currency),
            included=levy.included,
        )
        for at, item in enumerate(items)
        for place, levy in enumerate(found[at])
    ]


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """A whole number of minor units, by name."""
    down = floor(abs(exact))
    rest = abs(exact) - down
    up = {
        "down": False,
        "up": rest > 0,
        "half_up": rest >= Fraction(1, 2),
        "half_even": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and down % 2 == 1),
    }[rounding]
    return (down + up) * (-1 if exact < 0 else 1)


def spelled(percent: Decimal) -> str:
    """Without exponent and needless noughts: `20`, `8.875`."""
    text = format(percent, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _groups(found: Sequence[Sequence[Levy]]) -> list[list[tuple[int, int]]]:
    """What is rounded together, as (item, place among its levies): one levy, or all of the order's of one tax."""
    groups: dict[object, list[tuple[int, int]]] = {}
    for at, each in enumerate(found):
        for place, levy in enumerate(each):
            alone = levy.rule.rounded_per == "line"
            tax = (levy.kind, levy.rule.name, levy.percent, levy.included)
            groups.setdefault((at, place) if alone else tax, []).append((at, place))
    return list(groups.values())


def _rounded_together(exact: Sequence[Fraction], rule: TaxRule, rooms: Sequence[int | None]) -> list[int]:
    """Shares of the rounded sum; a share that would be more than there is room for goes to the others, or is let go."""
    whole = rounded(sum(exact, Fraction(0)), rule.rounding)
    parts = [
        floor(share) if room is None else min(floor(share), room)
        for share, room in zip(exact, rooms, strict=True)
    ]
    by_rest = sorted(range(len(exact)), key=lambda at: (floor(exact[at]) - exact[at], at))
    for at in by_rest:
        if sum(parts) < whole and (rooms[at] is None or parts[at] < (rooms[at] or 0)):
            parts[at] += 1
    return parts


def _exactness(rule: TaxRule) -> tuple[int, bool, bool, bool, int]:
    return (
        len(_plain(rule.postcode)),
        bool(rule.region),
        bool(rule.category),
        rule.origin != "any",
        rule.from_value,
    )


def _plain(postcode: str) -> str:
    return "".join(mark for mark in postcode.upper() if mark.isalnum())
