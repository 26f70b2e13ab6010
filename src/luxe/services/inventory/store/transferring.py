"""Units on their way between two locations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.inventory.contract import Transfer
from luxe.services.inventory.store.holding import more_are_free
from luxe.services.inventory.tables import transfers, units


async def begin(tx: AsyncConnection, row: dict[str, Any]) -> bool:
    """False if a transfer with this key was begun before; waits for one that is being begun."""
    made = upsert(transfers).values(row | {"state": "in_transit", "arrived": 0})
    return (await tx.execute(made.on_conflict_do_nothing().returning(transfers.c.id))).first() is not None


async def by_key(tx: AsyncConnection, key: str) -> Row[Any]:
    return (await tx.execute(select(transfers).where(transfers.c.key == key))).one()


async def locked(tx: AsyncConnection, transfer_id: str) -> Row[Any] | None:
    wanted = select(transfers).where(transfers.c.id == transfer_id).with_for_update()
    return (await tx.execute(wanted)).first()


async def depart(tx: AsyncConnection, ids: Sequence[str], transfer_id: str) -> None:
    await tx.execute(update(units).where(units.c.id.in_(ids)).values(transfer=transfer_id))


async def on_their_way(tx: AsyncConnection, transfer_id: str) -> list[tuple[str, str]]:
    """Ids and serials of the units of a transfer that have not arrived."""
    wanted = select(units.c.id, units.c.serial).where(units.c.transfer == transfer_id).order_by(units.c.id)
    return [(row.id, row.serial) for row in await tx.execute(wanted)]


async def set_down(tx: AsyncConnection, ids: Sequence[str], location: str) -> set[str]:
    """These units are free at a location; returns the variants that had no free unit before."""
    rows = await tx.execute(
        update(units)
        .where(units.c.id.in_(ids))
        .values(transfer=None, location=location)
        .returning(units.c.variant_id, more_are_free())
    )
    return {row.variant_id for row in rows if not row.more}


async def note(tx: AsyncConnection, transfer_id: str, arrived: int, state: str, at: datetime | None) -> None:
    changed = {"arrived": arrived, "state": state, "ended_at": at}
    await tx.execute(update(transfers).where(transfers.c.id == transfer_id).values(changed))


async def listed(tx: AsyncConnection, state: str, before: str, limit: int) -> list[Transfer]:
    """Newest first, of those older than the transfer `before`."""
    moving = (
        select(func.count()).where(units.c.transfer == transfers.c.id).scalar_subquery().label("in_transit")
    )
    wanted = select(transfers, moving).order_by(transfers.c.id.desc()).limit(limit)
    if state:
        wanted = wanted.where(transfers.c.state == state)
    if before:
        wanted = wanted.where(transfers.c.id < before)
    return [transfer(row, row.in_transit) for row in await tx.execute(wanted)]


def transfer(row: Any, in_transit: int) -> Transfer:
    return Transfer(
        id=row.id,
        variant_id=row.variant_id,
        origin=row.origin,
        destination=row.destination,
        state=row.state,
        quantity=row.quantity,
        arrived=row.arrived,
        in_transit=in_transit,
        reason=row.reason,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
    )
