"""The door of loyalty. Points are whole numbers; 100 points are worth one unit of the house's base currency."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import query

HOUSE_RATES = {
    "CNY": Decimal("1"),
    "EUR": Decimal("7.80"),
    "USD": Decimal("7.20"),
    "JPY": Decimal("0.048"),
}
"""The house's own fixed rates, in CNY for one unit: what points and qualifying spend are worth elsewhere. No price is made by them."""

Kind = Literal["earn", "redeem", "expire", "adjust", "reverse", "restore", "repay"]
"""Lines of a statement. `reverse`: earned by what was refunded, and taken back. `restore`: spent on what was refunded,
and given back. `repay`: what was owed, paid with points that have come since."""


AccountKind = Literal["available", "held", "owed", "issued", "redeemed", "expired", "adjusted"]
"""Three kinds of accounts of members, four of the house."""


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """`available` excludes `held`. `expiring` points lapse at `expires_at`. `owed` is what a refund had to take back and
    the member had spent; whatever points come next pay it first. Whoever owes has nothing available."""

    available: int
    held: int
    expiring: int
    expires_at: datetime | None
    owed: int = 0


class StatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """`points` is signed, from the member's side; `balance` (available and held) is what it is after this line; `owed` is
    by how much the line made the debt larger, or smaller."""

    id: str
    at: datetime
    kind: Kind
    reference: str
    points: int
    balance: int
    owed: int = 0


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    items: list[StatementLine]
    next: str | None


class PointsWorth(msgspec.Struct, frozen=True, kw_only=True):
    points: int
    worth: Money


class Reversal(msgspec.Struct, frozen=True, kw_only=True):
    """Points that one refund took back of those earned (spent ones included, which are owed), and gave back of those spent."""

    taken_back: int
    given_back: int


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """Points given (above zero) or taken by hand. `pending` waits for a second operator; nothing has moved until `made`."""

    id: str
    account_id: str
    points: int
    reason: str
    state: Literal["pending", "made", "declined"]
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str = ""


class AdjustmentPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Adjustment]
    next: str | None


class AccountsTotal(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts of one kind. `points` is the sum of their entries: what members own is above zero, what they owe and
    what the house has issued below."""

    kind: AccountKind
    accounts: int
    points: int


class TrialBalance(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of every kind of account at a moment; `total` is zero in books that are in order."""

    at: datetime
    rows: list[AccountsTotal]
    total: int


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Something is kept that the entries do not say. `what`: available | held | owed | lots | lot:<id>."""

    account_id: str
    what: str
    kept: int
    counted: int


class Recount(msgspec.Struct, frozen=True, kw_only=True):
    """One going through all members; `differences` shows the first hundred of `differing`."""

    id: str
    began_at: datetime
    ended_at: datetime | None
    members: int
    differing: int
    differences: list[Difference]


class BooksDiffered(Fact, frozen=True, kw_only=True):
    """A recount found what is kept of a member to differ from the entries; nothing was corrected."""

    about: ClassVar[str] = "account_id"
    account_id: str
    recount: str
    what: str
    kept: int
    counted: int


class Port(Protocol):
    """Refusals by code: `points_short`, `points_invalid`, `currency_unsupported`, `run_unknown` (also for a run that was released),
    `run_unsettled`, `refund_invalid`, `reversal_reused`, `adjustment_invalid`, `adjustment_short`, `adjustment_reused`, `adjustment_unknown`,
    `adjustment_decided`, `own_points`, `same_person`."""

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

    async def reverse(self, *, run: str, key: str, refunded: Money) -> Reversal:
        """Takes back what a settled run earned, and gives back what it spent, in proportion of `refunded` to its net paid.

        `refunded` is this refund's own part of what was settled as net paid. All refunds of a run together reverse the
        cumulative proportion, rounded half to even, so that the parts of a whole refund are the whole, in any order;
        beyond the net paid there is nothing left to reverse. The same key has one effect (`reversal_reused` with another
        amount). A run that neither earned nor spent has nothing to reverse. What is taken back and is spent already is
        owed. What is given back keeps its day of expiry, but for ninety days to use it in.
        """
        ...

    @query
    async def would_reverse(self, *, run: str, refunded: Money) -> Reversal:
        """What `reverse` would do with this refund if it were the next."""
        ...

    async def adjust(
        self, *, key: str, account_id: str, points: int, reason: str, operator_id: str
    ) -> Adjustment:
        """Gives or takes points by hand; an operator's same key has one effect.

        At once, as long as this operator has not moved more than the house's limit for this member within a day; beyond
        it, and for nobody's own points, a second operator decides.
        """
        ...

    async def decide_adjustment(
        self, *, adjustment_id: str, operator_id: str, approve: bool, note: str = ""
    ) -> Adjustment:
        """Once and for all, by somebody else than who proposed it (`same_person`) and whom it is for (`own_points`)."""
        ...

    @query
    async def adjustments(
        self, *, state: str = "", account_id: str = "", cursor: str = "", limit: int = 25
    ) -> AdjustmentPage:
        """Newest first; `state` and `account_id` narrow."""
        ...

    @query
    async def trial_balance(self, *, at: datetime | None = None) -> TrialBalance:
        """Of all that was posted until `at`, or now."""
        ...

    @query
    async def recounts(self, *, limit: int = 10) -> list[Recount]:
        """The latest recounts, newest first."""
        ...
