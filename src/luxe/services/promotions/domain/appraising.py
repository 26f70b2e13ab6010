"""What codes of both sorts are good for together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from luxe.services.promotions.contract import (
    Appraisal,
    CardOffer,
    Evaluation,
    GiftCard,
    RejectedCode,
    Rejection,
)


def appraised(
    evaluation: Evaluation, cards: Mapping[str, GiftCard], typed: Sequence[str], currency: str
) -> Appraisal:
    """`cards` by code as typed; cards and rejections are in the order in which the codes were given."""
    against: dict[str, Rejection] = {each.code: each.reason for each in evaluation.rejected}
    for code, card in cards.items():
        if card.available.currency != currency:
            against[code] = "not_in_currency"
        elif not card.available.minor:
            against[code] = "used_up"
    rejected = [RejectedCode(code=code, reason=against[code]) for code in typed if code in against]
    return Appraisal(
        evaluation=msgspec.structs.replace(evaluation, rejected=rejected),
        cards=[
            CardOffer(code=code, available=cards[code].available)
            for code in typed
            if code in cards and code not in against
        ],
    )
