"""Two sets of books: ours and the provider's statement of a day. What differs is a case for a person."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from luxe.services.payments.contract import CaseKind, Intent
from luxe.services.payments.domain.life import DisputeNews

SLACK = timedelta(hours=1)
"""Something that we heard of this shortly before a day's end may stand in the provider's statement of the next."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A case that is not written yet. `ours` and `theirs` in minor units, None where that side knows nothing of it."""

    day: date
    kind: CaseKind
    reference: str
    intent_id: str
    currency: str
    ours: int | None
    theirs: int | None


class Captures(msgspec.Struct, frozen=True, kw_only=True):
    """What was captured of one intent up to a day's end: by the statements, by us as of `SLACK` before that end (`sure`)
    and by us now. `currency` is ours where we know the intent."""

    reference: str
    known: bool
    currency: str
    their_currency: str
    sure: int
    now: int
    theirs: int


class Refunds(msgspec.Struct, frozen=True, kw_only=True):
    """One refund in both books. `line` is its id in the statement, `movement` our id, each empty where it is missing."""

    line: str
    movement: str
    intent_id: str
    currency: str
    their_currency: str
    ours: int | None
    theirs: int | None


def of_captures(day: date, books: Captures) -> Difference | None:
    """None where the statement lies between what we were sure of then and what we know now."""
    kind: CaseKind
    if not books.known:
        kind = "missing_here"
    elif books.theirs and books.their_currency != books.currency:
        kind = "amount_differs"
    elif books.theirs > books.now:
        kind = "amount_differs" if books.now else "missing_here"
    elif books.theirs < books.sure:
        kind = "amount_differs" if books.theirs else "missing_there"
    else:
        return None
    return Difference(
        day=day,
        kind=kind,
        reference=books.reference,
        intent_id=books.reference if books.known else "",
        currency=books.currency if books.known else books.their_currency,
        ours=(books.now or None) if books.known else None,
        theirs=books.theirs or None,
    )


def of_refunds(day: date, books: Refunds) -> Difference | None:
    kind: CaseKind
    if books.ours is None:
        kind = "missing_here"
    elif books.theirs is None:
        kind = "missing_there"
    elif (books.ours, books.currency) != (books.theirs, books.their_currency):
        kind = "amount_differs"
    else:
        return None
    return Difference(
        day=day,
        kind=kind,
        reference=books.line or books.movement,
        intent_id=books.intent_id,
        currency=books.currency or books.their_currency,
        ours=books.ours,
        theirs=books.theirs,
    )


def of_dispute(intent: Intent, news: DisputeNews) -> Difference:
    """One for each dispute, whoever tells of it first."""
    return Difference(
        day=news.opened_at.date(),
        kind="disputed",
        reference=news.dispute_id,
        intent_id=intent.id,
        currency=intent.amount.currency,
        ours=intent.captured.minor - intent.refunded.minor,
        theirs=news.amount,
    )
