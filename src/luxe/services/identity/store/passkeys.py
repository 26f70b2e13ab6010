"""Passkeys and the challenges of their ceremonies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.identity.contract import PasskeyView
from luxe.services.identity.tables import challenges, passkeys


async def add_challenge(tx: AsyncConnection, **values: Any) -> None:
    await tx.execute(insert(challenges).values(**values))


async def spend_challenge(
    tx: AsyncConnection, challenge_id: str, account_id: str, hash_: bytes, now: datetime
) -> bool:
    """A challenge is gone once it was answered; of two answers at once one finds it."""
    spent = await tx.execute(
        delete(challenges)
        .where(
            challenges.c.id == challenge_id,
            challenges.c.account_id == account_id,
            challenges.c.hash == hash_,
            challenges.c.expires_at > now,
        )
        .returning(challenges.c.id)
    )
    return spent.first() is not None


async def add(tx: AsyncConnection, **values: Any) -> bool:
    """False if this credential is registered already."""
    added = await tx.execute(
        insert_or_leave(passkeys)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["credential_id"])
        .returning(passkeys.c.id)
    )
    return added.first() is not None


async def lock_by_credential(tx: AsyncConnection, credential_id: bytes) -> Row[Any] | None:
    return (
        await tx.execute(select(passkeys).where(passkeys.c.credential_id == credential_id).with_for_update())
    ).first()


async def note_use(tx: AsyncConnection, passkey_id: str, sign_count: int, now: datetime) -> None:
    await tx.execute(
        update(passkeys).where(passkeys.c.id == passkey_id).values(sign_count=sign_count, used_at=now)
    )


async def credential_ids(tx: AsyncConnection, account_id: str) -> list[bytes]:
    rows = await tx.execute(select(passkeys.c.credential_id).where(passkeys.c.account_id == account_id))
    return [row.credential_id for row in rows]


async def listed(tx: AsyncConnection, account_id: str) -> list[PasskeyView]:
    """Oldest first."""
    rows = await tx.execute(
        select(passkeys).where(passkeys.c.account_id == account_id).order_by(passkeys.c.id)
    )
    return [
        PasskeyView(id=row.id, label=row.label, added_at=row.added_at, used_at=row.used_at) for row in rows
    ]


async def remove(tx: AsyncConnection, account_id: str, passkey_id: str) -> bool:
    removed = await tx.execute(
        delete(passkeys)
        .where(passkeys.c.id == passkey_id, passkeys.c.account_id == account_id)
        .returning(passkeys.c.id)
    )
    return removed.first() is not None
