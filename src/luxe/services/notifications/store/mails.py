"""The queue of mails."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.notifications.contract import MailView
from luxe.services.notifications.tables import mails


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the queue. `values` is what its template needs beside what other services know."""

    id: str
    template: str
    account_id: str
    address: str
    locale: str
    values: dict[str, Any]
    attempts: int
    created_at: datetime


async def add(tx: AsyncConnection, mail: Mail, until: datetime) -> None:
    """Leased to its writer, who makes the first attempt; due for anybody when that lease has run out."""
    values = msgspec.structs.asdict(mail)
    await tx.execute(insert(mails).values(**values, state="waiting", due_at=until, problem=""))


async def take(tx: AsyncConnection, now: datetime, until: datetime, at_most: int) -> list[Mail]:
    """Leases mails that are due to the caller; a lease that runs out makes its mail due again."""
    due = (
        select(mails.c.id)
        .where(mails.c.state == "waiting", mails.c.due_at <= now)
        .order_by(mails.c.due_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    query = (
        update(mails)
        .where(mails.c.id == due.c.id)
        .values(due_at=until, attempts=mails.c.attempts + 1)
        .returning(*(mails.c[field] for field in Mail.__struct_fields__))
    )
    return [Mail(**row) for row in (await tx.execute(query)).mappings()]


async def record_sent(tx: AsyncConnection, mail: Mail, at: datetime) -> None:
    await _record(tx, mail, state="sent", sent_at=at, problem="")


async def record_failed(tx: AsyncConnection, mail: Mail, problem: str, again_at: datetime | None) -> None:
    """Without a time to try again it is given up."""
    if again_at is None:
        await _record(tx, mail, state="given_up", problem=problem)
    else:
        await _record(tx, mail, due_at=again_at, problem=problem)


async def _record(tx: AsyncConnection, mail: Mail, **values: Any) -> None:
    """Only the latest attempt has a say."""
    mine = (mails.c.id == mail.id, mails.c.state == "waiting", mails.c.attempts == mail.attempts)
    await tx.execute(update(mails).where(*mine).values(**values))


async def latest(tx: AsyncConnection, account_id: str, at_most: int) -> list[MailView]:
    query = (
        select(*(mails.c[field] for field in MailView.__struct_fields__))
        .where(mails.c.account_id == account_id)
        .order_by(mails.c.id.desc())
        .limit(at_most)
    )
    return [MailView(**row) for row in (await tx.execute(query)).mappings()]


async def clear(tx: AsyncConnection, now: datetime, keep: timedelta) -> None:
    await tx.execute(delete(mails).where(mails.c.created_at < now - keep, mails.c.state != "waiting"))
