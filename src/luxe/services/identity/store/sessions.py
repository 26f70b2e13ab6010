"""Sessions: begun, seen, ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.identity.contract import SessionView
from luxe.services.identity.tables import sessions


async def add(tx: AsyncConnection, **values: Any) -> None:
    await tx.execute(insert(sessions).values(**values))


async def is_new_device(tx: AsyncConnection, account_id: str, device: str) -> bool:
    """True if the account had sessions before, and none on such a device."""
    row = (
        await tx.execute(
            select(func.count(), func.count().filter(sessions.c.device == device)).where(
                sessions.c.account_id == account_id
            )
        )
    ).one()
    return row[0] > 0 and row[1] == 0


async def listed(tx: AsyncConnection, account_id: str, now: datetime) -> list[SessionView]:
    """The live ones, most recently seen first."""
    rows = await tx.execute(
        select(sessions)
        .where(
            sessions.c.account_id == account_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > now
        )
        .order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())
    )
    return [
        SessionView(
            id=row.id, device=row.device, started_at=row.started_at, seen_at=row.seen_at, method=row.method
        )
        for row in rows
    ]


async def end(tx: AsyncConnection, session_id: str, account_id: str, now: datetime) -> str | None:
    """The account whose session ended; None if it was over. An empty `account_id` is anybody's."""
    ending = update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
    if account_id:
        ending = ending.where(sessions.c.account_id == account_id)
    row = (await tx.execute(ending.values(ended_at=now).returning(sessions.c.account_id))).first()
    return row.account_id if row else None


async def end_all(tx: AsyncConnection, account_id: str, except_session: str, now: datetime) -> int:
    """How many live sessions ended."""
    ended = await tx.execute(
        update(sessions)
        .where(
            sessions.c.account_id == account_id,
            sessions.c.id != except_session,
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
        )
        .values(ended_at=now)
        .returning(sessions.c.id)
    )
    return len(ended.all())
