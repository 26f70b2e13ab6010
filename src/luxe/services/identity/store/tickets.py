"""Tickets: permissions that travel by e-mail and are used once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.identity.tables import accounts, tickets


async def add(tx: AsyncConnection, **values: Any) -> None:
    await tx.execute(insert(tickets).values(**values))


async def asked_since(tx: AsyncConnection, account_id: str, kind: str, since: datetime) -> int:
    found = await tx.execute(
        select(func.count())
        .select_from(tickets)
        .where(tickets.c.account_id == account_id, tickets.c.kind == kind, tickets.c.asked_at > since)
    )
    return found.scalar_one()


async def holder(tx: AsyncConnection, email_key: str, kind: str, since: datetime) -> tuple[str, int]:
    """The account behind an address (or "") and how many tickets it asked for lately, in one statement."""
    asked = (
        select(func.count())
        .select_from(tickets)
        .where(tickets.c.account_id == accounts.c.id, tickets.c.kind == kind, tickets.c.asked_at > since)
    )
    row = (
        await tx.execute(
            select(accounts.c.id, asked.scalar_subquery().label("asked")).where(
                accounts.c.email_key == email_key
            )
        )
    ).first()
    return (row.id, row.asked) if row else ("", 0)


async def find(tx: AsyncConnection, ticket_id: str) -> Row[Any] | None:
    return (await tx.execute(select(tickets).where(tickets.c.id == ticket_id))).first()


async def use(tx: AsyncConnection, ticket_id: str, kind: str, now: datetime) -> str | None:
    """The account it was made out to; None if it was used, is too old or of another kind."""
    used = await tx.execute(
        update(tickets)
        .where(
            tickets.c.id == ticket_id,
            tickets.c.kind == kind,
            tickets.c.account_id != "",
            tickets.c.used_at.is_(None),
            tickets.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(tickets.c.account_id)
    )
    row = used.first()
    return row.account_id if row else None


async def void(tx: AsyncConnection, account_id: str, kind: str, now: datetime) -> None:
    """Ends the account's other tickets of a kind."""
    await tx.execute(
        update(tickets)
        .where(tickets.c.account_id == account_id, tickets.c.kind == kind, tickets.c.used_at.is_(None))
        .values(used_at=now)
    )
