"""Queries of units that have come to have another number."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.orders.tables import orders, sold_units


class Renamed(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    before: str
    after: str


async def renumber(
    tx: AsyncConnection, order_id: str, serials: dict[str, list[str]], changed: Sequence[Renamed]
) -> None:
    """Of a locked order: all its serials by variant, and which of them are new."""
    await tx.execute(update(orders).where(orders.c.id == order_id).values(serials=serials))
    for each in changed:
        named = (
            sold_units.c.order_id == order_id,
            sold_units.c.variant_id == each.variant_id,
            sold_units.c.serial == each.before,
        )
        await tx.execute(update(sold_units).where(*named).values(serial=each.after))
