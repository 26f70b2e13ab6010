"""What vouchers take off a purchase, line by line, to the minor unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from luxe.kernel import errors
from luxe.kernel.money import Money
from luxe.services.promotions.contract import (
    Discount,
    Evaluation,
    ExplainedLine,
    Line,
    Reason,
    RejectedCode,
    Rejection,
    VoucherRules,
)

MOST_CODES = 10


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A code that opens a voucher, with how often it was used so far."""

    code: str
    number: int
    voucher_id: str
    name: str
    rules: VoucherRules
    revoked: bool
    by_member: int
    by_code: int
    in_all: int


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    tier: str
    country: str
    currency: str
    lines: list[Line]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What one offer takes off each line, in the lines' order; nought for lines out of its scope."""

    offer: Offer
    parts: list[Money]

    @property
    def total(self) -> int:
        return sum(part.minor for part in self.parts)


Scope = Callable[[Line, Offer], bool]


def check(rules: VoucherRules) -> None:
    """Raises `rules_invalid` with the field."""
    amounts = {"amounts": rules.amounts, "most": rules.most, "minimums": rules.minimums}
    wrong = [
        name
        for name, values in amounts.items()
        if len({each.currency for each in values}) != len(values) or any(each.minor <= 0 for each in values)
    ]
    if (rules.percent is None) == (not rules.amounts) or rules.percent not in {None, *range(1, 101)}:
        wrong.append("percent")
    if rules.most and rules.percent is None:
        wrong.append("most")
    wrong += [
        name
        for name in ("per_member", "per_code", "in_all")
        if (cap := getattr(rules, name)) is not None and cap < 1
    ]
    if rules.starts_at and rules.ends_at and rules.starts_at >= rules.ends_at:
        wrong.append("ends_at")
    if any(at is not None and at.tzinfo is None for at in (rules.starts_at, rules.ends_at)):
        wrong.append("starts_at")
    if wrong:
        raise errors.BadRequest("a voucher cannot have these rules", code="rules_invalid", field=wrong[0])


def check_lines(purchase: Purchase) -> None:
    """Raises `lines_invalid`."""
    lines = purchase.lines
    if len({line.variant_id for line in lines}) != len(lines) or any(
        line.total.currency != purchase.currency or line.total.minor < 0 for line in lines
    ):
        raise errors.BadRequest("each variant once, in one currency", code="lines_invalid")


def evaluate(purchase: Purchase, codes: Sequence[str], offers: Sequence[Offer], at: datetime) -> Evaluation:
    """Vouchers that stand alone compete with all stackable ones together; the larger discount wins, then the code
    that was given first. Stackable percentages come before amounts, each on what the ones before have left.
    """
    known = {offer.code: offer for offer in offers}
    rejected: dict[str, Rejection] = {}
    good: list[Offer] = []
    for code in dict.fromkeys(codes):
        offer = known.get(code)
        against = "code_invalid" if offer is None else _against(offer, purchase, at)
        if against is not None:
            rejected[code] = against
        elif offer is not None and offer.voucher_id in {each.voucher_id for each in good}:
            rejected[code] = "not_combinable"
        elif offer is not None:
            good.append(offer)
    taken = _best(good, purchase)
    chosen = {each.offer.code for each in taken}
    rejected |= {offer.code: "not_combinable" for offer in good if offer.code not in chosen}
    return explained(purchase, taken, [code for code in dict.fromkeys(codes) if code in rejected], rejected)


def _against(offer: Offer, purchase: Purchase, at: datetime) -> Rejection | None:
    """Why an offer cannot be used at all; what would tell a stranger that a code exists comes as `code_invalid`."""
    rules = offer.rules
    early = rules.starts_at is not None and at < rules.starts_at
    late = rules.ends_at is not None and at >= rules.ends_at
    if offer.revoked or early or late:
        return "code_invalid"
    caps = (
        (rules.per_member, offer.by_member),
        (rules.per_code, offer.by_code),
        (rules.in_all, offer.in_all),
    )
    if any(cap is not None and used >= cap for cap, used in caps):
        return "used_up"
    if rules.tiers and purchase.tier not in rules.tiers:
        return "not_for_tier"
    if rules.countries and purchase.country not in rules.countries:
        return "not_for_country"
    if any(
        known and amount_in(known, purchase.currency) is None for known in (rules.amounts, rules.minimums)
    ):
        return "not_in_currency"
    scope = [line.total.minor for line in purchase.lines if _in_scope(line, rules)]
    if not sum(scope):
        return "not_in_scope"
    minimum = amount_in(rules.minimums, purchase.currency)
    return "minimum_not_reached" if minimum is not None and sum(scope) < minimum.minor else None


def amount_in(amounts: Sequence[Money], currency: str) -> Money | None:
    return next((each for each in amounts if each.currency == currency), None)


def _in_scope(line: Line, rules: VoucherRules) -> bool:
    return (not rules.brands or line.brand in rules.brands) and (
        not rules.categories or line.category in rules.categories
    )


def _best(good: Sequence[Offer], purchase: Purchase) -> list[Taken]:
    together = sorted(
        (offer for offer in good if offer.rules.stackable), key=lambda offer: offer.rules.percent is None
    )
    ways = [[offer] for offer in good if not offer.rules.stackable]
    ways += [together] if together else []
    applied = [apply(way, purchase) for way in ways]
    first = {offer.code: place for place, offer in enumerate(good)}
    return min(
        applied,
        key=lambda way: (
            -sum(each.total for each in way),
            min((first[each.offer.code] for each in way), default=len(good)),
        ),
        default=[],
    )


def apply(offers: Sequence[Offer], purchase: Purchase, in_scope: Scope | None = None) -> list[Taken]:
    """An offer for which the ones before have left nothing is left out. What is in scope the rules say, unless it is
    known."""
    fits = in_scope or (lambda line, offer: _in_scope(line, offer.rules))
    left = [line.total for line in purchase.lines]
    taken = []
    for offer in offers:
        weights = [
            amount.minor if fits(line, offer) else 0
            for line, amount in zip(purchase.lines, left, strict=True)
        ]
        discount = _discount(offer.rules, sum(weights), purchase.currency)
        if not discount.minor:
            continue
        parts = discount.allocate(weights)
        left = [amount - part for amount, part in zip(left, parts, strict=True)]
        taken.append(Taken(offer=offer, parts=parts))
    return taken


def _discount(rules: VoucherRules, there: int, currency: str) -> Money:
    """Of `there` minor units in scope: a percentage rounded half to even, or an amount, and never more than is there."""
    if rules.percent is not None:
        share = Money(there, currency).share(rules.percent, 100)
        most = amount_in(rules.most, currency)
        return share if most is None else min(share, most)
    amount = amount_in(rules.amounts, currency)
    return Money(min(there, amount.minor if amount else 0), currency)


def explained(
    purchase: Purchase, taken: Sequence[Taken], rejected: Sequence[str], why: dict[str, Rejection]
) -> Evaluation:
    lines = []
    for place, line in enumerate(purchase.lines):
        reasons = [
            Reason(
                voucher_id=each.offer.voucher_id,
                name=each.offer.name,
                percent=each.offer.rules.percent,
                amount=each.parts[place],
            )
            for each in taken
            if each.parts[place].minor
        ]
        after = line.total - sum((each.amount for each in reasons), Money.zero(purchase.currency))
        lines.append(
            ExplainedLine(variant_id=line.variant_id, before=line.total, reasons=reasons, after=after)
        )
    return Evaluation(
        lines=lines,
        discounts=[
            Discount(
                voucher_id=each.offer.voucher_id,
                name=each.offer.name,
                code=each.offer.code,
                amount=Money(each.total, purchase.currency),
            )
            for each in taken
        ],
        rejected=[RejectedCode(code=code, reason=why[code]) for code in rejected],
        total=Money(sum(each.total for each in taken), purchase.currency),
    )
