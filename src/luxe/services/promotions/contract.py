"""The door of promotions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.verbs import query


class VoucherRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a voucher takes off, from what, for whom, when and how often. An empty list means any.

    Exactly one of `percent` (1 to 100) and `amounts` (one for each currency it is good in); `most` caps a percentage.
    `minimums` is what the pieces in scope must cost together before any discount; with minimums, the voucher is good in
    their currencies alone. `countries` is where the pieces go. A voucher that is not `stackable` stands alone.
    """

    percent: int | None = None
    amounts: list[Money] = []
    most: list[Money] = []
    minimums: list[Money] = []
    brands: list[str] = []
    categories: list[str] = []
    tiers: list[str] = []
    countries: list[str] = []
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    stackable: bool = False
    per_member: int | None = None
    per_code: int | None = None
    in_all: int | None = None


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """`codes` is how many codes open it, `uses` how often it was used or is held for use."""

    id: str
    name: str
    rules: VoucherRules
    codes: int
    uses: int
    created_by: str
    created_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None


class VoucherPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Voucher]
    next: str | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a purchase before any discount; each variant at most once."""

    variant_id: str
    brand: str
    category: str
    total: Money


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a line costs less: `amount` is this line's own part of what the voucher takes off in all."""

    voucher_id: str
    name: str
    percent: int | None
    amount: Money


class ExplainedLine(msgspec.Struct, frozen=True, kw_only=True):
    """`before` less the reasons is `after`, to the minor unit."""

    variant_id: str
    before: Money
    reasons: list[Reason]
    after: Money


Rejection = Literal[
    "code_invalid",
    "not_in_scope",
    "minimum_not_reached",
    "not_in_currency",
    "not_for_tier",
    "not_for_country",
    "used_up",
    "not_combinable",
]


class RejectedCode(msgspec.Struct, frozen=True, kw_only=True):
    """`code_invalid` is said alike of codes that never were, are not good yet, no longer good, or revoked."""

    code: str
    reason: Rejection


class Discount(msgspec.Struct, frozen=True, kw_only=True):
    voucher_id: str
    name: str
    code: str
    amount: Money


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What the codes take off: by voucher in `discounts`, by line in `lines`; both sum to `total`."""

    lines: list[ExplainedLine]
    discounts: list[Discount]
    rejected: list[RejectedCode]
    total: Money


class Port(Protocol):
    """Refusals by code: `too_many_attempts` (with `retry_after` in seconds), `rules_invalid` (with `field`), `voucher_unknown`,
    `voucher_reused`, `code_rejected` (with `rejected`), `run_unknown`, `lines_invalid`."""

    async def evaluate(
        self, *, account_id: str, tier: str, country: str, currency: str, lines: list[Line], codes: list[str]
    ) -> Evaluation:
        """What the codes would take off now. Wrong codes are counted against the account, and say nothing more."""
        ...

    async def hold(
        self,
        *,
        run: str,
        account_id: str,
        tier: str,
        country: str,
        currency: str,
        lines: list[Line],
        codes: list[str],
    ) -> Evaluation:
        """Sets the uses of the codes aside for a run. All or nothing: any code that takes nothing off is refused
        (`code_rejected`). The same run has one effect and the first answer; a run that was released is refused."""
        ...

    async def release(self, *, run: str) -> None:
        """Undoes `hold`; harmless if nothing was held, and then remembered, so that its hold cannot arrive afterwards."""
        ...

    async def settle(self, *, run: str) -> None:
        """What the run held is used. Refuses a run that was released (`run_unknown`)."""
        ...

    async def make_voucher(
        self, *, key: str, name: str, rules: VoucherRules, codes: int, operator_id: str
    ) -> Voucher:
        """A voucher with so many codes (1 to 1,000). An operator's same key makes one."""
        ...

    @query
    async def vouchers(self, *, cursor: str = "", limit: int = 25) -> VoucherPage:
        """Newest first."""
        ...

    @query
    async def codes_of(self, *, voucher_id: str) -> list[str]:
        """The codes in the order of their numbers. They are derived, not stored: only the house can say them."""
        ...

    async def revoke_voucher(self, *, voucher_id: str, operator_id: str) -> Voucher:
        """From now on its codes are invalid; what a run holds already may still be settled. Once is enough."""
        ...
