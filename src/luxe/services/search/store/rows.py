"""Every SQL query of search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.search.tables import labels, pending, turns


async def mark(tx: AsyncConnection, kind: str, object_id: str) -> None:
    await tx.execute(insert(pending).values(kind=kind, object_id=object_id))


async def take_turn(tx: AsyncConnection, *, wait: bool) -> bool:
    """Only one transaction at a time changes the index. False if another does and `wait` is not wanted."""
    await tx.execute(insert(turns).values(only=True).on_conflict_do_nothing())
    found = await tx.execute(select(turns).with_for_update(skip_locked=not wait))
    return found.first() is not None


async def waiting(tx: AsyncConnection, limit: int) -> Sequence[Row[Any]]:
    return (await tx.execute(select(pending).order_by(pending.c.seq).limit(limit))).all()


async def done(tx: AsyncConnection, seqs: Sequence[int]) -> None:
    await tx.execute(delete(pending).where(pending.c.seq.in_(seqs)))


async def keep_labels(tx: AsyncConnection, found: Mapping[tuple[str, str], str]) -> None:
    if not found:
        return
    rows = [
        {"term": term, "locale": locale, "label": label} for (term, locale), label in sorted(found.items())
    ]
    for start in range(0, len(rows), 5_000):
        statement = insert(labels).values(rows[start : start + 5_000])
        changed = {"label": statement.excluded.label}
        differs = labels.c.label != statement.excluded.label
        await tx.execute(
            statement.on_conflict_do_update(index_elements=["term", "locale"], set_=changed, where=differs)
        )


async def all_labels(tx: AsyncConnection) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in await tx.execute(select(labels)):
        found.setdefault(row.term, {})[row.locale] = row.label
    return found
