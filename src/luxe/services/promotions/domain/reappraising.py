"""What vouchers take off what is left of a purchase after some of it was taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from luxe.kernel.money import Money
from luxe.services.promotions.contract import Evaluation, LeftLine, Line, VoucherRules
from luxe.services.promotions.domain.vouchers import Offer, Purchase, amount_in, apply, explained


def reappraised(
    held: Evaluation,
    pieces: Sequence[Line],
    rules: Mapping[str, VoucherRules],
    left: Sequence[LeftLine],
    currency: str,
) -> Evaluation:
    """By the brands and categories that the pieces had then; where those were not kept, a line was in a voucher's scope if
    it took something off it."""
    known = {piece.variant_id: piece for piece in pieces}
    reduced = {
        line.variant_id: {reason.voucher_id for reason in line.reasons} for line in held.lines if line.reasons
    }
    lines = [_line(known.get(each.variant_id), each) for each in left]
    purchase = Purchase(tier="", country="", currency=currency, lines=lines)

    def in_scope(line: Line, offer: Offer) -> bool:
        if line.variant_id not in known:
            return offer.voucher_id in reduced.get(line.variant_id, ())
        wanted = offer.rules
        return (not wanted.brands or line.brand in wanted.brands) and (
            not wanted.categories or line.category in wanted.categories
        )

    offers = [
        Offer(
            code=each.code, number=0, voucher_id=each.voucher_id, name=each.name, rules=rules[each.voucher_id],
            revoked=False, by_member=0, by_code=0, in_all=0,
        )
        for each in held.discounts
        if each.voucher_id in rules
    ]  # fmt: skip
    good = [offer for offer in offers if _reaches(offer, [line for line in lines if in_scope(line, offer)])]
    return explained(purchase, apply(good, purchase, in_scope), [], {})


def _line(piece: Line | None, left: LeftLine) -> Line:
    brand, category = (piece.brand, piece.category) if piece else ("", "")
    return Line(variant_id=left.variant_id, brand=brand, category=category, total=left.total)


def _reaches(offer: Offer, scope: Sequence[Line]) -> bool:
    if not scope:
        return False
    currency = scope[0].total.currency
    least = amount_in(offer.rules.minimums, currency)
    return least is None or sum((line.total for line in scope), Money.zero(currency)) >= least
