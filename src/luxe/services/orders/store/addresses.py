"""Queries of the address books."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.orders.contract import MAX_ADDRESSES, Address, SavedAddress
from luxe.services.orders.tables import addresses


async def save_address(tx: AsyncConnection, account_id: str, saved: SavedAddress, fingerprint: str) -> str:
    """Returns the id under which it is kept; the least used of too many go."""
    kept = (
        insert(addresses)
        .values(
            id=saved.id,
            account_id=account_id,
            fingerprint=fingerprint,
            address=msgspec.to_builtins(saved.address),
            used_at=saved.used_at,
        )
        .on_conflict_do_update(
            index_elements=[addresses.c.account_id, addresses.c.fingerprint],
            set_={"used_at": saved.used_at, "address": msgspec.to_builtins(saved.address)},
        )
        .returning(addresses.c.id)
        .cte("kept")
    )
    others = (
        select(addresses.c.id)
        .where(addresses.c.account_id == account_id, addresses.c.fingerprint != fingerprint)
        .order_by(addresses.c.used_at.desc(), addresses.c.id.desc())
        .offset(MAX_ADDRESSES - 1)
    )
    dropped = delete(addresses).where(addresses.c.id.in_(others)).cte("dropped")
    return (await tx.execute(select(kept).add_cte(dropped))).scalar_one()


async def addresses_of(tx: AsyncConnection, account_id: str) -> list[SavedAddress]:
    query = (
        select(addresses)
        .where(addresses.c.account_id == account_id)
        .order_by(addresses.c.used_at.desc(), addresses.c.id.desc())
        .limit(MAX_ADDRESSES)
    )
    return [
        SavedAddress(id=row.id, address=msgspec.convert(row.address, Address), used_at=row.used_at)
        for row in await tx.execute(query)
    ]


async def forget_address(tx: AsyncConnection, account_id: str, address_id: str) -> None:
    await tx.execute(
        delete(addresses).where(addresses.c.account_id == account_id, addresses.c.id == address_id)
    )
