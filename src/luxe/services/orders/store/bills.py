"""Queries of invoices and credit notes. A number is given out by the statement that raises its series."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.orders.contract import Bill, BillContent
from luxe.services.orders.tables import bill_numbers, bills

_FIELDS = [bills.c[name] for name in Bill.__struct_fields__]


async def next_place(tx: AsyncConnection, series: str, year: int) -> int:
    """The next number of a series and year. Whoever else issues in it waits until this transaction ends, and is given the
    same one if it is rolled back."""
    query = (
        insert(bill_numbers)
        .values(series=series, year=year, given=1)
        .on_conflict_do_update(
            index_elements=[bill_numbers.c.series, bill_numbers.c.year],
            set_={"given": bill_numbers.c.given + literal(1)},
        )
        .returning(bill_numbers.c.given)
    )
    return (await tx.execute(query)).scalar_one()


async def insert_bill(
    tx: AsyncConnection, bill: Bill, series: str, year: int, place: int, sheet: dict[str, Any]
) -> None:
    values = msgspec.structs.asdict(bill) | {"content": msgspec.to_builtins(bill.content)}
    await tx.execute(insert(bills).values(**values, series=series, year=year, place=place, sheet=sheet))


async def of_order(tx: AsyncConnection, order_id: str, account_id: str = "") -> list[Bill]:
    """Oldest first: the invoice comes before its credit notes."""
    query = select(*_FIELDS).where(bills.c.order_id == order_id).order_by(bills.c.id)
    if account_id:
        query = query.where(bills.c.account_id == account_id)
    return [_bill(row) for row in await tx.execute(query)]


async def has_invoice(tx: AsyncConnection, order_id: str) -> bool:
    query = select(bills.c.id).where(bills.c.order_id == order_id, bills.c.refund_id == "")
    return (await tx.execute(query)).first() is not None


async def printed_of(
    tx: AsyncConnection, bill_id: str, account_id: str = ""
) -> tuple[str, dict[str, Any]] | None:
    """Its number, and every word of it."""
    query = select(bills.c.number, bills.c.sheet).where(bills.c.id == bill_id)
    if account_id:
        query = query.where(bills.c.account_id == account_id)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else (row.number, row.sheet)


def _bill(row: Row[Any]) -> Bill:
    fields = {name: getattr(row, name) for name in Bill.__struct_fields__ if name != "content"}
    return Bill(**fields, content=msgspec.convert(row.content, BillContent))
