"""Queries of disputes: append-only news of each, so that it does not matter in which order they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, Row, and_, case, literal, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.payments.domain.life import DisputeNews
from luxe.services.payments.store.intents import Said, written_history
from luxe.services.payments.tables import disputes, intents


async def hear(
    tx: AsyncConnection, intent_id: str, news: Sequence[DisputeNews], said: Said
) -> list[DisputeNews]:
    """Writes down what is new, and returns it. Who calls holds the intent's lock."""
    rows = [
        {
            "dispute_id": each.dispute_id,
            "outcome": each.outcome,
            "intent_id": intent_id,
            "amount": each.amount,
            "opened_at": each.opened_at,
            "at": said.at,
            "actor": said.actor,
        }
        for each in news
    ]
    query = insert(disputes).values(rows).on_conflict_do_nothing()
    written = await tx.execute(query.returning(disputes.c.dispute_id, disputes.c.outcome))
    new = {(row.dispute_id, row.outcome) for row in written}
    return [each for each in news if (each.dispute_id, each.outcome) in new]


async def stand(tx: AsyncConnection, intent_id: str, said: Said) -> Row[Any] | None:
    """Moves a captured intent to disputed while a dispute is open or lost, and back when all are won.

    Returns the intent's row with `was`, or None if it stands so already.
    """
    won = disputes.alias("won")
    against = (
        select(disputes.c.dispute_id)
        .where(
            disputes.c.intent_id == intent_id,
            ~select(won.c.dispute_id)
            .where(won.c.dispute_id == disputes.c.dispute_id, won.c.outcome == "won")
            .exists(),
        )
        .exists()
    )
    state = case((against, "disputed"), else_="captured")
    was = (
        select(intents.c.id, intents.c.state.label("was"))
        .where(intents.c.id == intent_id, intents.c.state.in_(["captured", "disputed"]))
        .cte("was")
    )
    owed = and_(intents.c.wish == "cancel", intents.c.captured > intents.c.refunded, ~against)
    changed = (
        update(intents)
        .where(intents.c.id == was.c.id, was.c.was != state)
        .values(state=state, ask_at=case((owed, said.at), else_=null()))
        .returning(intents, was.c.was)
        .cte("changed")
    )
    written = written_history(changed, said, was=changed.c.was, when=literal(True, Boolean))
    return (await tx.execute(select(changed).add_cte(written))).one_or_none()
