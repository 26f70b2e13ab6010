"""Queries of what was changed and noted about orders."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.orders.contract import Address, AddressEdit, NoteSide, OrderNote
from luxe.services.orders.tables import edits, notes, orders


async def redirect(tx: AsyncConnection, edit: AddressEdit, account_id: str) -> None:
    """Of a locked order."""
    after = msgspec.to_builtins(edit.after)
    await tx.execute(update(orders).where(orders.c.id == edit.order_id).values(address=after))
    row = msgspec.structs.asdict(edit) | {"before": msgspec.to_builtins(edit.before), "after": after}
    await tx.execute(insert(edits).values(**row, account_id=account_id))


async def edits_of(tx: AsyncConnection, order_id: str) -> list[AddressEdit]:
    """Oldest first."""
    query = select(edits).where(edits.c.order_id == order_id).order_by(edits.c.id)
    return [_edit(row) for row in await tx.execute(query)]


async def add_note(tx: AsyncConnection, note: OrderNote, account_id: str, key: str) -> OrderNote:
    """The note that this key stands for, which may be an earlier one."""
    query = (
        insert(notes)
        .values(**msgspec.structs.asdict(note), account_id=account_id, key=key)
        .on_conflict_do_nothing(index_elements=[notes.c.order_id, notes.c.key])
    )
    await tx.execute(query)
    kept = select(notes).where(notes.c.order_id == note.order_id, notes.c.key == key)
    return _note((await tx.execute(kept)).one())


async def count_notes(tx: AsyncConnection, order_id: str) -> int:
    query = select(func.count()).select_from(notes).where(notes.c.order_id == order_id)
    return (await tx.execute(query)).scalar_one()


async def notes_of(tx: AsyncConnection, order_id: str, side: NoteSide | None) -> list[OrderNote]:
    """Oldest first."""
    query = select(notes).where(notes.c.order_id == order_id).order_by(notes.c.id)
    if side is not None:
        query = query.where(notes.c.side == side)
    return [_note(row) for row in await tx.execute(query)]


def _edit(row: Row[Any]) -> AddressEdit:
    return AddressEdit(
        id=row.id,
        order_id=row.order_id,
        at=row.at,
        actor=row.actor,
        before=msgspec.convert(row.before, Address),
        after=msgspec.convert(row.after, Address),
    )


def _note(row: Row[Any]) -> OrderNote:
    return OrderNote(**{name: getattr(row, name) for name in OrderNote.__struct_fields__})
