"""Roles: each grant is a row that its revocation completes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.ids import new_id
from luxe.services.identity.tables import roles


async def grant(tx: AsyncConnection, account_id: str, role: str, by: str, reason: str, now: datetime) -> bool:
    """False if it is held already."""
    granted = await tx.execute(
        insert(roles)
        .values(
            id=new_id("rol"),
            account_id=account_id,
            role=role,
            granted_at=now,
            granted_by=by,
            granted_for=reason,
        )
        .on_conflict_do_nothing(
            index_elements=["account_id", "role"], index_where=roles.c.revoked_at.is_(None)
        )
        .returning(roles.c.id)
    )
    return granted.first() is not None


async def revoke(
    tx: AsyncConnection, account_id: str, role: str, by: str, reason: str, now: datetime
) -> bool:
    """False if it is not held."""
    revoked = await tx.execute(
        update(roles)
        .where(roles.c.account_id == account_id, roles.c.role == role, roles.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=by, revoked_for=reason)
        .returning(roles.c.id)
    )
    return revoked.first() is not None


async def held(tx: AsyncConnection, account_id: str, role: str) -> bool:
    found = await tx.execute(
        select(roles.c.id).where(
            roles.c.account_id == account_id, roles.c.role == role, roles.c.revoked_at.is_(None)
        )
    )
    return found.first() is not None
