"""What happens to sold units: they are shipped, and some come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.inventory.contract import HeldUnit
from luxe.services.inventory.store.holding import LET_GO, more_are_free
from luxe.services.inventory.tables import restocks, units


async def of_order(tx: AsyncConnection, order_id: str) -> list[Any]:
    """The rows of an order's units, for this transaction alone."""
    wanted = select(units).where(units.c.order_id == order_id).order_by(units.c.id).with_for_update()
    return list((await tx.execute(wanted)).all())


async def mark_shipped(tx: AsyncConnection, ids: Sequence[str], key: str, at: datetime) -> None:
    await tx.execute(update(units).where(units.c.id.in_(ids)).values(shipment=key, shipped_at=at))


async def free_again(tx: AsyncConnection, ids: Sequence[str]) -> set[str]:
    """Frees sold units; returns the variants that had no free unit before."""
    rows = await tx.execute(
        update(units)
        .where(units.c.id.in_(ids))
        .values(LET_GO | {"order_id": None, "shipment": None, "shipped_at": None})
        .returning(units.c.variant_id, more_are_free())
    )
    return {row.variant_id for row in rows if not row.more}


async def move_to(tx: AsyncConnection, ids: Sequence[str], location: str) -> None:
    await tx.execute(update(units).where(units.c.id.in_(ids)).values(location=location))


async def write_off(tx: AsyncConnection, ids: Sequence[str]) -> None:
    await tx.execute(delete(units).where(units.c.id.in_(ids)))


async def restocked(tx: AsyncConnection, key: str) -> list[HeldUnit] | None:
    """What this key was answered before; None if it is new."""
    found = (await tx.execute(select(restocks.c.units).where(restocks.c.key == key))).first()
    return None if found is None else msgspec.convert(found.units, list[HeldUnit])


async def note_restock(
    tx: AsyncConnection,
    key: str,
    order_id: str,
    reason: str,
    back: Sequence[HeldUnit],
    damaged: int,
    at: datetime,
    actor: str,
) -> None:
    row = {
        "key": key,
        "at": at,
        "actor": actor,
        "order_id": order_id,
        "reason": reason,
        "units": msgspec.to_builtins(back),
        "damaged": damaged,
    }
    await tx.execute(insert(restocks).values(row))
