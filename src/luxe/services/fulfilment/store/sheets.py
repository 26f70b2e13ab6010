"""Queries of the house's tables. A table is read and replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.db import insert_rows
from luxe.services.fulfilment.domain.rows import ClosedDay, DeliveryRate, Tables, TaxRule
from luxe.services.fulfilment.domain.sheets import Row
from luxe.services.fulfilment.tables import closed_days, delivery_rates, tax_rules

_TABLES = {
    "delivery": (delivery_rates, DeliveryRate),
    "taxes": (tax_rules, TaxRule),
    "closed_days": (closed_days, ClosedDay),
}


async def rows_of(tx: AsyncConnection, name: str) -> list[Any]:
    """In the order of the sheet."""
    table, kind = _TABLES[name]
    found = await tx.execute(select(table).order_by(table.c.place))
    return [msgspec.convert(row, kind, from_attributes=True) for row in found]


async def everything(tx: AsyncConnection) -> Tables:
    return Tables(
        rates=tuple(await rows_of(tx, "delivery")),
        taxes=tuple(await rows_of(tx, "taxes")),
        closed=tuple(await rows_of(tx, "closed_days")),
    )


async def replace(tx: AsyncConnection, name: str, rows: Sequence[Row]) -> None:
    """Whoever replaces the same table at the same time waits."""
    table, _ = _TABLES[name]
    await tx.execute(text(f"LOCK TABLE {table.fullname} IN SHARE ROW EXCLUSIVE MODE"))
    await tx.execute(delete(table))
    if rows:
        listed = [{"place": place} | msgspec.to_builtins(row) for place, row in enumerate(rows, start=1)]
        await tx.execute(insert_rows(table), {"rows": listed})
