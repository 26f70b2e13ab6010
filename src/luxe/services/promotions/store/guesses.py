"""Wrong codes, counted by account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.promotions.tables import wrong_codes


async def since(tx: AsyncConnection, account_id: str, at: datetime) -> tuple[int, datetime | None]:
    """How many, and when the first of them was."""
    query = select(func.count(), func.min(wrong_codes.c.at)).where(
        wrong_codes.c.account_id == account_id, wrong_codes.c.at > at
    )
    row = (await tx.execute(query)).one()
    return row[0], row[1]


async def note(tx: AsyncConnection, account_id: str, at: datetime, times: int) -> None:
    await tx.execute(insert(wrong_codes).values([{"account_id": account_id, "at": at}] * times))


async def forget(tx: AsyncConnection, before: datetime) -> None:
    await tx.execute(delete(wrong_codes).where(wrong_codes.c.at <= before))
