"""The life of an intent as data, and what follows from a change: which facts are said, what must still be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.services.payments.contract import (
    Intent,
    IntentState,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
)

Event = Literal["challenged", "authorised", "captured", "voided", "failed", "expired"]
Wish = Literal["", "capture", "cancel"]
Remedy = Literal["nothing", "void", "refund"]

_ENDS: dict[Event, IntentState] = {"captured": "captured", "voided": "voided", "expired": "expired"}

TRANSITIONS: Mapping[IntentState, Mapping[Event, IntentState]] = {
    "requires_method": {
        "challenged": "requires_action",
        "authorised": "authorised",
        "failed": "failed",
        **_ENDS,
    },
    "requires_action": {"authorised": "authorised", "failed": "failed", **_ENDS},
    "authorised": _ENDS,
    "captured": {},
    "disputed": {},
    "voided": {},
    "failed": {},
    "expired": {},
}
OPEN: tuple[IntentState, ...] = tuple(state for state, moves in TRANSITIONS.items() if moves)

_EVENTS: Mapping[IntentState, Event] = {
    "requires_action": "challenged",
    "authorised": "authorised",
    "captured": "captured",
    "voided": "voided",
    "failed": "failed",
    "expired": "expired",
}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an intent stands at the provider. `reference` is our intent's id."""

    psp_id: str
    reference: str
    state: IntentState
    amount: Money
    captured: int
    refunded: int
    hosted_url: str = ""
    failure: str = ""
    method: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An intent after something was learnt of it, with what it was before."""

    intent: Intent
    was: IntentState
    was_refunded: int
    wish: Wish


def sources(arrived: IntentState) -> list[IntentState]:
    """The states from which an intent may move on to `arrived`; in any other, that news is late and changes nothing."""
    event = _EVENTS.get(arrived)
    return [state for state, moves in TRANSITIONS.items() if event in moves]


def remedy(state: IntentState, captured: int, refunded: int) -> Remedy:
    """What it takes so that nothing is owed."""
    if state in OPEN:
        return "void"
    return "refund" if captured > refunded else "nothing"


def failure_of(state: IntentState, code: str) -> str:
    """The provider's reason, or the bare state where it gives none."""
    return code or (state if state in ("failed", "expired") else "")


def facts_of(change: Change) -> list[Fact]:
    """What a change says to others. An authorisation that nobody wants any more is not announced, nor a capture that was
    asked for: whoever asked has the answer."""
    intent = change.intent
    named = {"intent_id": intent.id, "run": intent.run, "purpose": intent.purpose}
    said: list[Fact] = []
    if intent.state != change.was:
        cancelled = change.wish == "cancel"
        if intent.state == "authorised" and not cancelled:
            said.append(PaymentAuthorised(**named))
        elif intent.state == "captured" and change.wish != "capture":
            said.append(PaymentCaptured(**named, amount=intent.captured))
        elif intent.state == "voided" and cancelled:
            said.append(PaymentVoided(**named))
        elif intent.state in ("voided", "failed", "expired"):
            said.append(PaymentFailed(**named, failure=intent.failure or intent.state))
    if intent.refunded.minor > change.was_refunded:
        back = Money(intent.refunded.minor - change.was_refunded, intent.amount.currency)
        said.append(PaymentRefunded(**named, amount=back))
    return said
