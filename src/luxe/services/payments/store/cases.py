"""Queries of cases: differences that wait for a person, and what people found out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import Case, Resolution
from luxe.services.payments.domain.differences import Difference
from luxe.services.payments.tables import cases


async def open_cases(tx: AsyncConnection, found: Sequence[Difference], at: datetime) -> int:
    """Opens what has no case yet; returns how many that were. A case that a person ended stays so."""
    if not found:
        return 0
    rows = [
        {
            "id": new_id("cas"),
            "day": each.day,
            "kind": each.kind,
            "reference": each.reference,
            "intent_id": each.intent_id,
            "currency": each.currency,
            "ours": each.ours,
            "theirs": each.theirs,
            "opened_at": at,
        }
        for each in found
    ]
    opened = await tx.execute(insert(cases).values(rows).on_conflict_do_nothing().returning(cases.c.id))
    return len(opened.all())


async def page(tx: AsyncConnection, state: str, cursor: str, limit: int) -> list[Case]:
    """Newest first."""
    query = select(cases).order_by(cases.c.id.desc()).limit(limit)
    if state:
        query = query.where(cases.c.state == state)
    if cursor:
        query = query.where(cases.c.id < cursor)
    return [_case(row) for row in await tx.execute(query)]


async def find(tx: AsyncConnection, case_id: str) -> Case | None:
    row = (await tx.execute(select(cases).where(cases.c.id == case_id))).one_or_none()
    return None if row is None else _case(row)


async def resolve(
    tx: AsyncConnection, case_id: str, *, how: Resolution, note: str, by: str, at: datetime
) -> Case | None:
    """None if there is no such case that is open."""
    query = (
        update(cases)
        .where(cases.c.id == case_id, cases.c.state == "open")
        .values(state="resolved", how=how, note=note, resolved_by=by, resolved_at=at)
        .returning(cases)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _case(row)


def _case(row: Row[Any]) -> Case:
    return Case(
        id=row.id,
        day=row.day,
        kind=row.kind,
        reference=row.reference,
        intent_id=row.intent_id,
        ours=None if row.ours is None else Money(row.ours, row.currency),
        theirs=None if row.theirs is None else Money(row.theirs, row.currency),
        state=row.state,
        opened_at=row.opened_at,
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        how=row.how,
        note=row.note,
    )
