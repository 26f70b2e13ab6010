"""The life of an intent as data, and what follows from a change: which facts are said, what must still be undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.services.payments.contract import (
    Intent,
    IntentState,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentDisputed,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    Refund,
    RefundState,
)

Event = Literal["challenged", "authorised", "captured", "voided", "failed", "expired", "disputed", "won"]
MovementKind = Literal["capture", "refund"]
Outcome = Literal["opened", "won", "lost"]
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
    "captured": {"disputed": "disputed"},
    "disputed": {"won": "captured"},
    "voided": {"captured": "captured"},
    "failed": {"captured": "captured"},
    "expired": {"captured": "captured"},
}
"""Money that was taken after all is taken, whatever was said before."""

OPEN: tuple[IntentState, ...] = tuple(state for state, moves in TRANSITIONS.items() if "voided" in moves)
OVER: tuple[IntentState, ...] = ("voided", "failed", "expired")

MOVES: Mapping[RefundState, tuple[RefundState, ...]] = {
    "pending": ("succeeded", "failed"),
    "failed": ("succeeded",),
    "succeeded": (),
}
"""The life of a refund and of a capture in part. The provider's yes counts even after its no."""

_EVENTS: Mapping[IntentState, Event] = {
    "requires_action": "challenged",
    "authorised": "authorised",
    "captured": "captured",
    "voided": "voided",
    "failed": "failed",
    "expired": "expired",
    "disputed": "captured",
}


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A refund, or a capture in part; the provider knows it by `id`. `fresh`: this call wrote it down."""

    id: str
    kind: MovementKind
    intent_id: str
    run: str
    key: str
    amount: Money
    reason: str
    state: RefundState
    psp_id: str
    failure: str
    created_at: datetime
    fresh: bool = False


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A movement as the provider tells it; `reference` is our movement's id if it was ours."""

    kind: MovementKind
    psp_id: str
    reference: str
    amount: int
    state: RefundState


class DisputeNews(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of a dispute. That it was opened is part of its being won or lost."""

    dispute_id: str
    outcome: Outcome
    amount: int
    opened_at: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an intent stands at `provider`, who alone can say it. `reference` is our intent's id."""

    psp_id: str
    reference: str
    state: IntentState
    amount: Money
    captured: int
    refunded: int
    hosted_url: str = ""
    failure: str = ""
    method: str = ""
    told: tuple[Told, ...] = ()
    disputes: tuple[DisputeNews, ...] = ()
    provider: str = "simulator"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the provider's statement. `reference` is our intent's id and `movement` our movement's where it names
    them; `amount` is what moved, never negative, `fee` what the provider keeps."""

    id: str
    kind: Literal["capture", "refund", "dispute", "dispute_won", "dispute_lost"]
    reference: str
    movement: str
    psp_intent: str
    amount: Money
    fee: Money
    at: datetime


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An intent after something was learnt of it, what it was before, and what of its movements and disputes is news."""

    intent: Intent
    was: IntentState
    wish: Wish
    settled: tuple[Movement, ...] = ()
    disputes: tuple[DisputeNews, ...] = ()


def life(arrived: IntentState) -> IntentState:
    """The state that news leads to: whether a captured payment is disputed is told by its disputes alone, so that
    it does not matter in which order their news comes."""
    return "captured" if arrived == "disputed" else arrived


def sources(arrived: IntentState) -> list[IntentState]:
    """The states from which an intent may move on to `arrived`; in any other, that news is late and changes nothing."""
    event = _EVENTS.get(arrived)
    return [state for state, moves in TRANSITIONS.items() if event in moves]


def remedy(state: IntentState, captured: int, refunded: int) -> Remedy:
    """What it takes so that nothing is owed. While a payment is disputed nothing can be given back."""
    if state in OPEN:
        return "void"
    if state == "disputed":
        return "nothing"
    return "refund" if captured > refunded else "nothing"


def as_refund(movement: Movement) -> Refund:
    return Refund(
        id=movement.id,
        run=movement.run,
        key=movement.key,
        amount=movement.amount,
        reason=movement.reason,
        state=movement.state,
        psp_id=movement.psp_id,
        created_at=movement.created_at,
        failure=movement.failure,
    )


def failure_of(state: IntentState, code: str) -> str:
    """The provider's reason, or the bare state where it gives none."""
    return code or (state if state in ("failed", "expired") else "")


def facts_of(change: Change) -> list[Fact]:
    """What a change says to others. An authorisation that nobody wants any more is not announced, nor a capture that was
    asked for: whoever asked has the answer."""
    intent = change.intent
    named = {"intent_id": intent.id, "run": intent.run, "purpose": intent.purpose}
    said: list[Fact] = []
    if life(intent.state) != life(change.was):
        cancelled = change.wish == "cancel"
        if intent.state == "authorised" and not cancelled:
            said.append(PaymentAuthorised(**named))
        elif life(intent.state) == "captured" and not _asked_for(change):
            said.append(PaymentCaptured(**named, amount=intent.captured))
        elif intent.state == "voided" and cancelled:
            said.append(PaymentVoided(**named))
        elif intent.state in ("voided", "failed", "expired"):
            said.append(PaymentFailed(**named, failure=intent.failure or intent.state))
    said += [
        PaymentRefunded(**named, amount=moved.amount, key=moved.key)
        for moved in change.settled
        if moved.kind == "refund" and moved.state == "succeeded"
    ]
    said += [
        PaymentDisputed(
            **named,
            dispute_id=news.dispute_id,
            amount=Money(news.amount, intent.amount.currency),
            outcome=news.outcome,
        )
        for news in change.disputes
    ]
    return said


def tells_nobody(standing: Standing) -> bool:
    """Of an intent that waits for its payer others hear nothing, however it stood before."""
    waits = life(standing.state) in ("requires_method", "requires_action")
    return waits and not standing.told and not standing.disputes


def _asked_for(change: Change) -> bool:
    return change.wish == "capture" or any(moved.kind == "capture" for moved in change.settled)
