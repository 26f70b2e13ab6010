"""The rows of the house's tables: methods and their prices, closed days, duties and taxes."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from luxe.services.fulfilment.contract import MethodId, TaxKind

Rounding = Literal["half_up", "half_even", "down", "up"]
"""The middle away from zero, or to the even neighbour; all towards zero, or all away from it."""
RoundedPer = Literal["line", "order"]
Origin = Literal["any", "domestic", "import"]
ANY = "*"


class DeliveryRate(msgspec.Struct, frozen=True, kw_only=True):
    """What a method costs. `country` `*` stands for every country that has no row of its own for this method in this
    currency; `currency` `*` for every currency, and then it is free. The row holds for goods worth `from_value` (minor
    units) and more: the highest that is reached counts. Without a price the method does not go there. `tiers` empty is
    every tier; a row for the tier goes before one for all. Days are working days at the destination."""

    method: MethodId
    country: str
    currency: str
    price: int | None
    from_value: int = 0
    tiers: tuple[str, ...] = ()
    days_least: int = 1
    days_most: int = 3
    needs_slot: bool = False


class ClosedDay(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing leaves the house (`country` empty), or nothing is delivered in a country."""

    country: str
    day: date
    name: str


class TaxRule(msgspec.Struct, frozen=True, kw_only=True):
    """A duty or a tax. Of the rows of one `kind` and `name` that fit a line the most exact one holds: postcode (a
    beginning) before region before country, the line's category before any (empty).

    `rate` is a percentage with up to six decimals. `origin` is where the goods come from: the destination's own customs
    area, or outside. An `included` tax is part of the price. A `compound` one is also on the duties and taxes before it, in
    the order of `KINDS`. It holds from `from_value` to below `until_value` (minor units of `currency`, which then is the
    rule's only one), from `from_day` to `until_day`, both inclusive. `cross_border` (CN) has as its rate the share
    of the import taxes that is due within the limits."""

    country: str
    kind: TaxKind
    name: str
    rate: str
    region: str = ""
    postcode: str = ""
    category: str = ""
    origin: Origin = "any"
    included: bool = True
    compound: bool = False
    on_delivery: bool = True
    rounding: Rounding = "half_up"
    rounded_per: RoundedPer = "line"
    currency: str = ""
    from_value: int = 0
    until_value: int | None = None
    from_day: date | None = None
    until_day: date | None = None


KINDS: tuple[TaxKind, ...] = ("duty", "consumption_tax", "vat", "gst", "sales_tax", "cross_border")
"""The order in which they are reckoned."""


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, as a process keeps them for some seconds."""

    rates: tuple[DeliveryRate, ...] = ()
    taxes: tuple[TaxRule, ...] = ()
    closed: tuple[ClosedDay, ...] = ()
