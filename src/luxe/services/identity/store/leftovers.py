"""Rows that have served: what is over is kept no longer than it helps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.identity.tables import attempts, challenges, sessions, tickets

BATCH = 1_000
_SESSIONS_KEPT = timedelta(days=90)
_ATTEMPTS_KEPT = timedelta(days=1)


async def remove(tx: AsyncConnection, now: datetime) -> bool:
    """Removes a batch of each kind; True if there may be more."""
    removed = [
        await _remove(tx, challenges, challenges.c.id, challenges.c.expires_at < now),
        await _remove(tx, tickets, tickets.c.id, tickets.c.expires_at < now - timedelta(days=1)),
        await _remove(tx, attempts, attempts.c.key, attempts.c.at < now - _ATTEMPTS_KEPT),
        await _remove(tx, sessions, sessions.c.id, sessions.c.expires_at < now - _SESSIONS_KEPT),
    ]
    return BATCH in removed


async def _remove(tx: AsyncConnection, table: Table, key: Any, over: ColumnElement[bool]) -> int:
    batch = select(key).where(over).limit(BATCH).with_for_update(skip_locked=True)
    return len((await tx.execute(delete(table).where(key.in_(batch)).returning(key))).all())
