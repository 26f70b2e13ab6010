"""Sign-in attempts in a row, by blinded e-mail and network address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.identity.tables import attempts


async def lock(
    tx: AsyncConnection, keys: Sequence[str], now: datetime, stale: datetime
) -> dict[str, Row[Any]]:
    """The rows, made where missing, started anew where stale, locked in one order until the transaction ends."""
    fresh = insert(attempts).values(
        [{"key": key, "failures": 0, "until": now, "at": now} for key in sorted(set(keys))]
    )
    rows = await tx.execute(
        fresh.on_conflict_do_update(
            index_elements=["key"],
            set_={"failures": case((attempts.c.at < stale, 0), else_=attempts.c.failures)},
        ).returning(attempts)
    )
    return {row.key: row for row in rows}


async def count(tx: AsyncConnection, key: str, failures: int, until: datetime, now: datetime) -> None:
    await tx.execute(
        update(attempts).where(attempts.c.key == key).values(failures=failures, until=until, at=now)
    )


async def clear(tx: AsyncConnection, email_key: str, address_key: str) -> None:
    """After a success: the e-mail starts anew, the network address gets its one attempt back."""
    await tx.execute(delete(attempts).where(attempts.c.key == email_key))
    await tx.execute(
        update(attempts)
        .where(attempts.c.key == address_key)
        .values(failures=func.greatest(attempts.c.failures - 1, 0))
    )
