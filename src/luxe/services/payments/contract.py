"""The door of payments. Card data never comes here: people pay on the PSP's own page."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import phased, query

IntentState = Literal[
    "requires_method", "requires_action", "authorised", "captured", "voided", "failed", "expired"
]


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """`hosted_url` is the PSP's page. `run` ties every effect to the saga run that wanted it. `method` is a wallet's
    name, or a card's brand and last four digits; `failure` the PSP's code, such as `insufficient_funds`."""

    id: str
    run: str
    account_id: str
    purpose: str
    state: IntentState
    amount: Money
    captured: Money
    refunded: Money
    hosted_url: str
    failure: str
    method: str
    psp_id: str
    created_at: datetime


class PaymentAuthorised(Fact, frozen=True, kw_only=True):
    """`purpose` is the saga's name: `join` or `checkout`."""

    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str


class PaymentFailed(Fact, frozen=True, kw_only=True):
    """Declined, abandoned on the PSP's page, or expired there."""

    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str
    failure: str


class PaymentCaptured(Fact, frozen=True, kw_only=True):
    """Captured at the PSP although nobody here had asked for it."""

    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str
    amount: Money


class PaymentVoided(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str


class PaymentRefunded(Fact, frozen=True, kw_only=True):
    """`amount` is what went back this time."""

    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str
    amount: Money


class Port(Protocol):
    """Refusals by code: `intent_unknown`, `intent_state`, `psp_refused`, `run_reused` (with another amount). No answer of the PSP is `DeadlineExceeded`:
    what happened is unknown, and the same call asks the PSP by the same key."""

    @phased
    async def open(
        self,
        *,
        run: str,
        account_id: str,
        purpose: str,
        amount: Money,
        description: str,
        return_path: str,
        locale: str,
    ) -> Intent:
        """Opens an intent with the PSP, to be captured later; the same run has one intent."""
        ...

    @phased
    async def refresh(self, *, run: str) -> Intent:
        """Asks the PSP how the run's intent stands, and stores it."""
        ...

    @phased
    async def capture(self, *, run: str) -> Intent:
        """Captures in full, once."""
        ...

    @phased
    async def cancel(self, *, run: str) -> None:
        """Voids what was authorised, refunds what was captured, so that nothing is owed; harmless if there is no intent.
        An authorisation that arrives later is voided as well."""
        ...

    async def receive(self, *, body: str, signature: str) -> bool:
        """Takes a webhook of the PSP; False if this event came before. Raises `Forbidden` (`signature_invalid`)."""
        ...

    @query
    async def intent_of_run(self, *, run: str) -> Intent | None: ...

    @query
    async def intents(self, *, account_id: str, before: str = "", limit: int = 100) -> list[Intent]:
        """Newest first; `before` is the id of the last one of the page before."""
        ...
