"""Every query of media."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.media.tables import assets


async def by_source(tx: AsyncConnection, sha256: str) -> Row[Any] | None:
    return (await tx.execute(select(assets).where(assets.c.source_sha256 == sha256))).first()


async def by_ids(tx: AsyncConnection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    found = await tx.execute(select(assets).where(assets.c.id.in_(ids)))
    return {row.id: row for row in found}


async def add(tx: AsyncConnection, row: dict[str, Any]) -> bool:
    """False if the same content came in meanwhile."""
    statement = insert(assets).values(row).on_conflict_do_nothing(index_elements=["source_sha256"])
    return (await tx.execute(statement.returning(assets.c.id))).first() is not None
