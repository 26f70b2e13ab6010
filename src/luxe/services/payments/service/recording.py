"""What the provider says, taken into our books: an intent's life, its movements and its disputes in one transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel import clock, context, errors
from luxe.kernel.db import Database
from luxe.services.payments.contract import Intent
from luxe.services.payments.domain.differences import of_dispute
from luxe.services.payments.domain.life import OPEN, Change, Standing, facts_of, tells_nobody
from luxe.services.payments.service.providers import Providers
from luxe.services.payments.store import cases, disputes, intents, movements
from luxe.services.payments.store.intents import Known, Said, intent_of

PATIENCE = timedelta(minutes=2)
GIVEN_UP_AFTER = timedelta(hours=1)
CALL_LASTS = timedelta(seconds=20)

T = TypeVar("T")


class Recording:
    def __init__(self, db: Database, providers: Providers) -> None:
        self.db = db
        self.providers = providers

    async def record(self, standing: Standing, source: str = "call") -> Intent:
        edge = self.db.alone() if tells_nobody(standing) else self.db.transaction()
        async with edge as tx:
            change = await intents.record(tx, standing, said(source), PATIENCE)
            if change is None:
                raise errors.Conflict("the provider speaks of another payment", code="psp_refused")
            return await self.learn(tx, change, standing, source)

    async def learn(self, tx: AsyncConnection, change: Change, standing: Standing, source: str) -> Intent:
        """The parts of what was said, after its intent; then the facts that follow from all of it."""
        about = said(source)
        if standing.told:
            settled, row = await movements.settle(tx, change.intent.id, standing.told, about)
            intent = change.intent if row is None else intent_of(row)
            change = replace(change, intent=intent, settled=tuple(settled))
        if standing.disputes:
            news = await disputes.hear(tx, change.intent.id, standing.disputes, about)
            row = await disputes.stand(tx, change.intent.id, about)
            intent = change.intent if row is None else intent_of(row)
            change = replace(change, intent=intent, disputes=tuple(news))
            await cases.open_cases(tx, [of_dispute(intent, each) for each in news], about.at)
        self.db.emit(*facts_of(change))
        return change.intent

    async def ask(self, known: Known, source: str) -> Intent:
        """How the intent stands at the provider, stored if it is news."""
        intent = known.intent
        standing = await self.providers.of(intent).find(intent)
        if standing is None:
            if clock.now() - intent.created_at < GIVEN_UP_AFTER or intent.state not in OPEN:
                return intent
            standing = never_there(intent, "expired", "")
        return await self.record(standing, source) if _is_news(intent, standing) else intent


def said(source: str) -> Said:
    return Said(at=clock.now(), actor=context.current().actor, source=source)


def never_there(intent: Intent, state: str, failure: str) -> Standing:
    """The end of an intent that the provider does not know."""
    return Standing(
        psp_id="",
        reference=intent.id,
        state="failed" if state == "failed" else "expired",
        amount=intent.amount,
        captured=0,
        refunded=0,
        failure=failure,
        provider=intent.provider,
    )


def demand(found: T | None) -> T:
    if found is None:
        raise errors.NotFound("there is no such payment", code="intent_unknown")
    return found


def _is_news(intent: Intent, standing: Standing) -> bool:
    """What the provider tells of movements is always taken to the books, where it may be known."""
    known = (intent.state, intent.captured.minor, intent.refunded.minor, intent.psp_id)
    return bool(standing.told or standing.disputes) or known != (
        standing.state,
        standing.captured,
        standing.refunded,
        standing.psp_id,
    )
