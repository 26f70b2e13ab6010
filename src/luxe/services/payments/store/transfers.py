"""Queries of bank transfers: what has come in, and what a person said that it pays for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.money import Money
from luxe.services.payments.contract import IncomingTransfer, Intent
from luxe.services.payments.domain.life import OPEN, Movement
from luxe.services.payments.store.intents import intent_of
from luxe.services.payments.store.movements import movement_of
from luxe.services.payments.tables import intents, movements, transfers

MOST_WAITING = 500


async def enter(tx: AsyncConnection, wanted: IncomingTransfer, by: str) -> IncomingTransfer:
    """Writes a transfer down, or finds the one of this entry."""
    row = {
        "id": wanted.id,
        "entry": wanted.entry,
        "currency": wanted.amount.currency,
        "amount": wanted.amount.minor,
        "text": wanted.text,
        "received_on": wanted.received_on,
        "entered_by": by,
        "entered_at": wanted.entered_at,
    }
    new = insert(transfers).values(row)
    query = new.on_conflict_do_update(index_elements=[transfers.c.entry], set_={"entry": new.excluded.entry})
    return transfer_of((await tx.execute(query.returning(transfers))).one())


async def lock(tx: AsyncConnection, transfer_id: str) -> IncomingTransfer | None:
    query = select(transfers).where(transfers.c.id == transfer_id).with_for_update()
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else transfer_of(row)


async def match(
    tx: AsyncConnection, known: IncomingTransfer, intent_id: str, by: str, at: datetime
) -> IncomingTransfer:
    query = update(transfers).where(transfers.c.id == known.id)
    await tx.execute(query.values(state="matched", intent_id=intent_id, matched_by=by, matched_at=at))
    return replace(known, state="matched", intent_id=intent_id)


async def unmatch(tx: AsyncConnection, known: IncomingTransfer) -> IncomingTransfer:
    query = update(transfers).where(transfers.c.id == known.id)
    await tx.execute(query.values(state="open", intent_id="", matched_by="", matched_at=None))
    return replace(known, state="open", intent_id="")


async def received(tx: AsyncConnection, intent_id: str) -> int:
    """What has been matched to an intent, in minor units."""
    query = select(func.coalesce(func.sum(transfers.c.amount), 0)).where(transfers.c.intent_id == intent_id)
    return int((await tx.execute(query)).scalar_one())


async def page(tx: AsyncConnection, state: str, cursor: str, limit: int) -> list[IncomingTransfer]:
    query = select(transfers).order_by(transfers.c.id.desc()).limit(limit)
    if state:
        query = query.where(transfers.c.state == state)
    if cursor:
        query = query.where(transfers.c.id < cursor)
    return [transfer_of(row) for row in await tx.execute(query)]


async def waiting(tx: AsyncConnection, provider: str) -> list[Intent]:
    """Intents that wait for a transfer, the newest first."""
    query = select(intents).where(intents.c.provider == provider, intents.c.ask_at.is_not(None))
    query = query.where(intents.c.state.in_(OPEN)).order_by(intents.c.id.desc()).limit(MOST_WAITING)
    return [intent_of(row) for row in await tx.execute(query)]


async def to_send(tx: AsyncConnection, provider: str) -> list[Movement]:
    """Refunds that wait for a person, oldest first."""
    query = (
        select(movements)
        .join(intents, intents.c.id == movements.c.intent_id)
        .where(
            intents.c.provider == provider,
            movements.c.kind == "refund",
            movements.c.state == "pending",
            movements.c.ask_at.is_not(None),
        )
        .order_by(movements.c.created_at, movements.c.id)
    )
    return [movement_of(row) for row in await tx.execute(query)]


def transfer_of(row: Row[Any]) -> IncomingTransfer:
    return IncomingTransfer(
        id=row.id,
        entry=row.entry,
        amount=Money(row.amount, row.currency),
        text=row.text,
        received_on=row.received_on,
        state=row.state,
        intent_id=row.intent_id,
        entered_at=row.entered_at,
    )
