"""Finds the principal behind a session token or an API key, in one statement each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.identity.store.accounts import roles_held
from luxe.services.identity.tables import accounts, api_keys, sessions

TOUCHED_EVERY = timedelta(minutes=1)


async def by_session(
    tx: AsyncConnection, token_hash: bytes, now: datetime, sliding: timedelta
) -> Row[Any] | None:
    """The live session with its account's roles. Notes the visit, at most once a minute, in the same statement."""
    found = (
        select(
            sessions.c.id,
            sessions.c.account_id,
            accounts.c.locale,
            accounts.c.currency,
            accounts.c.email_verified_at,
            roles_held(accounts.c.id).label("roles"),
        )
        .join(accounts, accounts.c.id == sessions.c.account_id)
        .where(
            sessions.c.token_hash == token_hash, sessions.c.ended_at.is_(None), sessions.c.expires_at > now
        )
        .cte("found")
    )
    touched = (
        update(sessions)
        .where(sessions.c.id.in_(select(found.c.id)), sessions.c.seen_at < now - TOUCHED_EVERY)
        .values(seen_at=now, expires_at=func.least(now + sliding, sessions.c.ends_at))
        .returning(sessions.c.id)
        .cte("touched")
    )
    return (await tx.execute(select(found).add_cte(touched))).first()


async def by_api_key(tx: AsyncConnection, key_id: str, secret_hash: bytes, now: datetime) -> Row[Any] | None:
    """The live key with its account's roles, as above."""
    found = (
        select(
            api_keys.c.id,
            api_keys.c.account_id,
            api_keys.c.scopes,
            accounts.c.locale,
            accounts.c.currency,
            accounts.c.email_verified_at,
            roles_held(accounts.c.id).label("roles"),
        )
        .join(accounts, accounts.c.id == api_keys.c.account_id)
        .where(
            api_keys.c.id == key_id, api_keys.c.secret_hash == secret_hash, api_keys.c.revoked_at.is_(None)
        )
        .cte("found")
    )
    used = api_keys.c.used_at
    touched = (
        update(api_keys)
        .where(api_keys.c.id.in_(select(found.c.id)), used.is_(None) | (used < now - TOUCHED_EVERY))
        .values(used_at=now)
        .returning(api_keys.c.id)
        .cte("touched")
    )
    return (await tx.execute(select(found).add_cte(touched))).first()
