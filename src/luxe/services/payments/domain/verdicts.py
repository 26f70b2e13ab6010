"""What an entry of a bank's statement pays for, if it does: exactly what a payment waits for, under its reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from luxe.kernel.money import Money
from luxe.services.payments.contract import CaseKind, Intent, Verdict
from luxe.services.payments.domain.bank_files import Credit, codes_in
from luxe.services.payments.domain.life import OVER

WAITING = ("requires_method", "requires_action")

CASES: Mapping[Verdict, CaseKind] = {
    "too_little": "paid_too_little",
    "too_much": "paid_too_much",
    "other_currency": "paid_otherwise",
    "unknown_reference": "paid_for_nothing",
    "paid_already": "paid_twice",
    "too_late": "paid_late",
    "differs": "amount_differs",
}


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """`ours` is what the house expected, in the entry's currency; None where it expected nothing."""

    credit: Credit
    verdict: Verdict
    intent_id: str = ""
    ours: int | None = None


def code_of(intent_id: str) -> str:
    return intent_id[-10:]


def judged(
    credits: Sequence[Credit],
    known: Mapping[str, Money],
    named: Iterable[Intent],
    received: Mapping[str, int],
) -> list[Judged]:
    """One verdict each, in the order of the file: what an earlier entry pays is paid already for a later one. `known` are
    the amounts of entries that the house has, `received` what has come in for an intent so far, in minor units."""
    by_code: dict[str, list[Intent]] = {}
    for intent in named:
        by_code.setdefault(code_of(intent.id), []).append(intent)
    paid: set[str] = set()
    found: list[Judged] = []
    for credit in credits:
        if credit.entry in known:
            same = known[credit.entry] == credit.amount
            found.append(
                Judged(
                    credit=credit,
                    verdict="known" if same else "differs",
                    ours=_minor(known[credit.entry], credit),
                )
            )
            continue
        candidates = {each.id: each for code in codes_in(credit.text) for each in by_code.get(code, ())}
        if len(candidates) != 1:
            found.append(Judged(credit=credit, verdict="unknown_reference"))
            continue
        (intent,) = candidates.values()
        rest = intent.amount.minor - received.get(intent.id, 0)
        verdict = _verdict(credit, intent, rest, intent.id in paid)
        if verdict == "pays":
            paid.add(intent.id)
        expected = rest if verdict in ("pays", "too_little", "too_much") else None
        found.append(Judged(credit=credit, verdict=verdict, intent_id=intent.id, ours=expected))
    return found


def may_part(state: str, wanted: int, came: int, minor: int) -> bool:
    """Whether a transfer of `minor` may be taken from a payment for which `came`: it waits still, is over and nothing of it
    was taken, or is paid without it."""
    return state in (*WAITING, *OVER) or came - minor >= wanted


def _verdict(credit: Credit, intent: Intent, rest: int, paid: bool) -> Verdict:
    if credit.amount.currency != intent.amount.currency:
        return "other_currency"
    if intent.state in OVER:
        return "too_late"
    if paid or intent.state not in WAITING:
        return "paid_already"
    if credit.amount.minor == rest:
        return "pays"
    return "too_little" if credit.amount.minor < rest else "too_much"


def _minor(amount: Money, credit: Credit) -> int | None:
    return amount.minor if amount.currency == credit.amount.currency else None
