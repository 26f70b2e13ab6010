"""Accounts and their passwords."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Text, any_, bindparam, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, array, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.identity.contract import Account
from luxe.services.identity.tables import accounts, passkeys, passwords, roles

NO_ROLES = cast(array([], type_=Text), ARRAY(Text))


def roles_held(account_id: Any) -> Any:
    """The roles that an account has now, as one array, for use inside another statement."""
    held = select(func.array_agg(roles.c.role)).where(
        roles.c.account_id == account_id, roles.c.revoked_at.is_(None)
    )
    return func.coalesce(held.scalar_subquery(), NO_ROLES)


def _views() -> Select[Any]:
    own_passkeys = select(func.count()).select_from(passkeys).where(passkeys.c.account_id == accounts.c.id)
    return select(
        accounts,
        roles_held(accounts.c.id).label("roles"),
        passwords.c.account_id.is_not(None).label("has_password"),
        own_passkeys.scalar_subquery().label("passkeys"),
    ).outerjoin(passwords, passwords.c.account_id == accounts.c.id)


_OF_IDS = _views().where(accounts.c.id == any_(bindparam("ids", type_=ARRAY(Text))))


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        email=row.email,
        name=row.name,
        locale=row.locale,
        currency=row.currency,
        zone=row.zone,
        roles=sorted(row.roles),
        email_verified=row.email_verified_at is not None,
        has_password=row.has_password,
        passkeys=row.passkeys,
        created_at=row.created_at,
    )


async def find(tx: AsyncConnection, account_ids: Sequence[str]) -> list[Account]:
    """In the order asked for; unknown ids are left out."""
    rows = await tx.execute(_OF_IDS, {"ids": list(account_ids)})
    found = {row.id: _account(row) for row in rows}
    return [found[account_id] for account_id in dict.fromkeys(account_ids) if account_id in found]


async def find_by_email(tx: AsyncConnection, email_key: str) -> Account | None:
    row = (await tx.execute(_views().where(accounts.c.email_key == email_key))).first()
    return _account(row) if row else None


async def lock(tx: AsyncConnection, account_id: str) -> bool:
    """Makes changes to an account's ways in take turns; False if there is no such account."""
    found = await tx.execute(
        select(accounts.c.id).where(accounts.c.id == account_id).with_for_update(key_share=True)
    )
    return found.first() is not None


async def add(tx: AsyncConnection, **values: Any) -> bool:
    """False if the e-mail address is taken."""
    added = await tx.execute(
        insert(accounts)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["email_key"])
        .returning(accounts.c.id)
    )
    return added.first() is not None


async def change(tx: AsyncConnection, account_id: str, **values: Any) -> bool:
    changed = await tx.execute(
        update(accounts).where(accounts.c.id == account_id).values(**values).returning(accounts.c.id)
    )
    return changed.first() is not None


async def verify_email(tx: AsyncConnection, account_id: str, at: datetime) -> bool:
    """False if it was verified before."""
    verified = await tx.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.email_verified_at.is_(None))
        .values(email_verified_at=at)
        .returning(accounts.c.id)
    )
    return verified.first() is not None


async def password_of(tx: AsyncConnection, email_key: str) -> tuple[str, str] | None:
    """Account id and password hash behind an e-mail address."""
    row = (
        await tx.execute(
            select(accounts.c.id, passwords.c.hash)
            .join(passwords, passwords.c.account_id == accounts.c.id)
            .where(accounts.c.email_key == email_key)
        )
    ).first()
    return (row.id, row.hash) if row else None


async def password_is_still(tx: AsyncConnection, account_id: str, hash_: str) -> bool:
    """Locks the password, so that a sign-in with an old one cannot slip in beside its change."""
    found = await tx.execute(
        select(literal(1))
        .select_from(passwords)
        .where(passwords.c.account_id == account_id, passwords.c.hash == hash_)
        .with_for_update()
    )
    return found.first() is not None


async def set_password(tx: AsyncConnection, account_id: str, hash_: str, at: datetime) -> None:
    values = {"hash": hash_, "changed_at": at}
    await tx.execute(
        insert(passwords)
        .values(account_id=account_id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )
