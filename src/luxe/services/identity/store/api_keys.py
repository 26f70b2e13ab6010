"""API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.identity.contract import ApiKeyView
from luxe.services.identity.tables import api_keys


async def add(tx: AsyncConnection, **values: Any) -> None:
    await tx.execute(insert(api_keys).values(**values))


async def listed(tx: AsyncConnection, account_id: str) -> list[ApiKeyView]:
    """The live ones, newest first."""
    rows = await tx.execute(
        select(api_keys)
        .where(api_keys.c.account_id == account_id, api_keys.c.revoked_at.is_(None))
        .order_by(api_keys.c.id.desc())
    )
    return [
        ApiKeyView(
            id=row.id, name=row.name, scopes=row.scopes, created_at=row.created_at, used_at=row.used_at
        )
        for row in rows
    ]


async def revoke(tx: AsyncConnection, account_id: str, key_id: str, now: datetime) -> bool:
    revoked = await tx.execute(
        update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.account_id == account_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(api_keys.c.id)
    )
    return revoked.first() is not None
