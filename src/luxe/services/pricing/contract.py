"""The door of pricing. Prices include tax and are set per variant and currency; nothing is converted silently."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import query


class PriceDraft(msgspec.Struct, frozen=True, kw_only=True):
    """`compare_at` is the price before a reduction."""

    variant_id: str
    price: Money
    compare_at: Money | None = None


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """`lowest_30d` is the lowest price of the 30 days before a reduction (EU Directive 98/6/EC, article 6a); None without one."""

    variant_id: str
    price: Money
    compare_at: Money | None
    lowest_30d: Money | None
    since: datetime


class QuoteLine(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    quantity: int


class QuotedLine(msgspec.Struct, frozen=True, kw_only=True):
    """`why` explains the price in steps, each a code and an amount."""

    variant_id: str
    quantity: int
    unit: Money
    total: Money
    compare_at: Money | None
    why: list[PriceStep]


class PriceStep(msgspec.Struct, frozen=True, kw_only=True):
    """`code`: list | reduction | delivery | points."""

    code: str
    amount: Money


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """`total` = goods + delivery; tax is included in it. Lines that have no price in the currency are in `unpriced`."""

    currency: str
    lines: list[QuotedLine]
    unpriced: list[str]
    goods: Money
    delivery: Money
    total: Money
    steps: list[PriceStep]


class PriceChanged(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "variant_id"
    variant_id: str
    currency: str


class Port(Protocol):
    """Refusals by code: `price_invalid`, `currency_unsupported`, `quantity_invalid`."""

    async def put_prices(self, *, prices: list[PriceDraft]) -> int:
        """Sets prices; those that are the same already change nothing. Returns how many changed."""
        ...

    @query
    async def prices(self, *, variant_ids: list[str], currency: str) -> list[Price]:
        """Prices in force; variants without one in this currency are left out."""
        ...

    @query
    async def all_prices(self, *, variant_ids: list[str]) -> list[Price]:
        """Prices in force in every currency, for the index and for export."""
        ...

    @query
    async def quote(self, *, lines: list[QuoteLine], currency: str) -> Quote: ...
