"""The door of loyalty. Points are whole numbers; 100 points are worth one unit of the house's base currency."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.verbs import query

HOUSE_RATES = {
    "CNY": Decimal("1"),
    "EUR": Decimal("7.80"),
    "USD": Decimal("7.20"),
    "JPY": Decimal("0.048"),
}
"""The house's own fixed rates, in CNY for one unit: what points and qualifying spend are worth elsewhere. No price is made by them."""


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """`available` excludes `held`. `expiring` points lapse at `expires_at`."""

    available: int
    held: int
    expiring: int
    expires_at: datetime | None


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """`points` is signed, from the member's side; `kind`: earn | redeem | expire | adjust | reverse."""

    id: str
    at: datetime
    kind: str
    reference: str
    points: int
    balance: int


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    items: list[StatementLine]
    next: str | None


class PointsWorth(msgspec.Struct, frozen=True, kw_only=True):
    points: int
    worth: Money


class Port(Protocol):
    """Refusals by code: `points_short`, `points_invalid`, `currency_unsupported`, `run_unknown` (also for a run that was released)."""

    @query
    async def balance(self, *, account_id: str) -> Balance: ...

    @query
    async def statement(self, *, account_id: str, cursor: str = "", limit: int = 25) -> Statement: ...

    @query
    async def redeemable(self, *, account_id: str, total: Money) -> PointsWorth:
        """The most points that can be spent on `total` (at most half of it), and what they are worth in its currency."""
        ...

    @query
    async def worth(self, *, points: int, currency: str) -> PointsWorth:
        """What a number of points takes off in a currency."""
        ...

    async def hold(self, *, run: str, account_id: str, points: int, total: Money) -> PointsWorth:
        """Sets points aside for a run and says what they are worth; the same run has one effect."""
        ...

    async def release(self, *, run: str) -> None:
        """Undoes `hold`; harmless if nothing was held."""
        ...

    async def settle(
        self, *, run: str, account_id: str, reference: str, net_paid: Money, multiplier_percent: int
    ) -> int:
        """Spends what the run held and earns on what was paid (one point a base unit, times the multiplier); returns points earned."""
        ...
