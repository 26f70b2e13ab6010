"""The queries by which people look for runs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import MetaData, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.saga_store import RunRow, runs_of


async def page(tx: AsyncConnection, metadata: MetaData, state: str, before: str, limit: int) -> list[RunRow]:
    """Newest first; `state` and `before` are left out if empty."""
    runs = runs_of(metadata)
    query = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if state:
        query = query.where(runs.c.state == state)
    if before:
        query = query.where(runs.c.id < before)
    return [RunRow(**row) for row in (await tx.execute(query)).mappings()]


async def last_notes(tx: AsyncConnection, metadata: MetaData, run_ids: Sequence[str]) -> dict[str, str]:
    """The last failure of each run, or the last word of a person on it."""
    log = metadata.tables[f"{metadata.schema}.run_log"]
    last = (
        select(log.c.run_id, log.c.note)
        .ext(distinct_on(log.c.run_id))
        .where(log.c.run_id.in_(run_ids), log.c.note != "")
        .order_by(log.c.run_id, log.c.seq.desc())
    )
    return {row.run_id: row.note for row in await tx.execute(last)}
