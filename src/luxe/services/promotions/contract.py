"""The door of promotions."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, Protocol

import msgspec

from luxe.kernel.facts import Fact
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


class LeftLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a line that was bought, before any discount."""

    variant_id: str
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


class Gift(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be paid with a gift card."""

    code: str
    amount: Money


class GiftCard(msgspec.Struct, frozen=True, kw_only=True):
    """`available` can be spent, `held` is set aside for runs. All three are in one currency."""

    id: str
    issued: Money
    available: Money
    held: Money
    reason: str
    created_by: str
    created_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None


class GiftCardPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[GiftCard]
    next: str | None


class GiftBalance(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who knows its code may know of a gift card."""

    available: Money


class TierGift(msgspec.Struct, frozen=True, kw_only=True):
    """A gift card for every member who joins, renews or rises to `tier` while the gift stands, once for each. `amounts` has
    one for each of some currencies, the house's own among them: the card is in the member's currency, or else in the
    house's. `given` is how many have it."""

    id: str
    tier: str
    name: str
    amounts: list[Money]
    given: int
    created_by: str
    created_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None


class GivenGift(msgspec.Struct, frozen=True, kw_only=True):
    """A gift card that a member was given. `available` is what is left on it."""

    card_id: str
    name: str
    tier: str
    code: str
    issued: Money
    available: Money
    at: datetime


class TierGiftGiven(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "card_id"
    card_id: str
    gift_id: str
    account_id: str


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


class CardOffer(msgspec.Struct, frozen=True, kw_only=True):
    """A gift card that can pay, by its code as it was given."""

    code: str
    available: Money


class Appraisal(msgspec.Struct, frozen=True, kw_only=True):
    """What codes of both sorts are good for: vouchers' take something off, gift cards can pay. In `evaluation.rejected` is
    whatever is neither, a card with nothing on it (`used_up`) or in another currency (`not_in_currency`) included."""

    evaluation: Evaluation
    cards: list[CardOffer] = []


class Port(Protocol):
    """Refusals by code: `too_many_attempts` (with `retry_after` in seconds), `rules_invalid` (with `field`), `voucher_unknown`,
    `voucher_reused`, `code_rejected` (with `rejected`), `run_unknown`, `lines_invalid`, `gift_invalid`, `gift_short` (with
    `code`), `gift_unknown`, `gift_reused` (with another amount, reason, tier or name), `give_back_too_much`, `give_back_reused`, `run_unsettled`."""

    async def evaluate(
        self, *, account_id: str, tier: str, country: str, currency: str, lines: list[Line], codes: list[str]
    ) -> Evaluation:
        """What the codes would take off now. Wrong codes are counted against the account, and say nothing more."""
        ...

    async def appraise(
        self,
        *,
        account_id: str,
        tier: str,
        country: str,
        currency: str,
        lines: list[Line],
        codes: list[str],
        run: str = "",
    ) -> Appraisal:
        """As `evaluate`, of codes that may be a voucher's or a gift card's: whoever types one need not say which. A code
        that is neither is counted once. For a run that has held something the answer is what `hold` gave, and no cards."""
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
        gifts: list[Gift] | None = None,
    ) -> Evaluation:
        """Sets the uses of the codes, and money on gift cards, aside for a run. All or nothing: any code that takes
        nothing off is refused (`code_rejected`), and so is any card without that much on it (`gift_short`). The same run
        has one effect and the first answer; a run that was released is refused."""
        ...

    @query
    async def reappraise(self, *, run: str, lines: list[LeftLine]) -> Evaluation:
        """What the codes that a run has used take off what is left of its purchase, by their rules as they were then: minimums
        and caps count anew; windows, numbers of uses, tiers and countries do not, for the use stays the same. A voucher
        whose minimum is not reached any more is left out of `discounts`."""
        ...

    async def release(self, *, run: str) -> None:
        """Undoes `hold`; harmless if nothing was held, and then remembered, so that its hold cannot arrive afterwards."""
        ...

    async def settle(self, *, run: str) -> None:
        """What the run held is used and spent. Refuses a run that was released (`run_unknown`)."""
        ...

    async def give_back(self, *, run: str, key: str, amount: Money) -> Money:
        """Puts a refund's part back on the gift cards that a settled run has spent, on the last one first, revoked or not.

        The same key has one effect (`give_back_reused` with another amount); all together give back no more than was
        spent (`give_back_too_much`). Uses of vouchers stay used. Returns what all calls have given back so far.
        """
        ...

    async def gift_card(self, *, account_id: str, code: str) -> GiftBalance | None:
        """What is on the card; None for a code that is wrong or revoked, which counts against the account."""
        ...

    async def issue_gift_card(self, *, key: str, amount: Money, reason: str, operator_id: str) -> GiftCard:
        """A card with an amount on it. An operator's same key issues one."""
        ...

    @query
    async def gift_cards(self, *, cursor: str = "", limit: int = 25) -> GiftCardPage:
        """Newest first."""
        ...

    @query
    async def code_of_gift_card(self, *, card_id: str) -> str:
        """Derived, not stored, as a voucher's."""
        ...

    async def revoke_gift_card(self, *, card_id: str, operator_id: str) -> GiftCard:
        """From now on nothing more is spent from it; what is on it stays in the books. Once is enough."""
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
    async def voucher(self, *, voucher_id: str) -> Voucher: ...

    @query
    async def codes_of(self, *, voucher_id: str) -> list[str]:
        """The codes in the order of their numbers. They are derived, not stored: only the house can say them."""
        ...

    async def revoke_voucher(self, *, voucher_id: str, operator_id: str) -> Voucher:
        """From now on its codes are invalid; what a run holds already may still be settled. Once is enough."""
        ...

    async def make_tier_gift(
        self, *, key: str, tier: str, name: str, amounts: list[Money], operator_id: str
    ) -> TierGift:
        """For whom it is from now on, see `TierGift`. An operator's same key makes one."""
        ...

    @query
    async def tier_gifts(self) -> list[TierGift]:
        """Newest first."""
        ...

    async def end_tier_gift(self, *, gift_id: str, operator_id: str) -> TierGift:
        """Nobody is given it any more; what was given stays. Once is enough."""
        ...

    @query
    async def gifts_given_to(self, *, account_id: str) -> list[GivenGift]:
        """Newest first, but for cards that were revoked."""
        ...

    @query
    async def gift_given(self, *, card_id: str) -> GivenGift: ...
