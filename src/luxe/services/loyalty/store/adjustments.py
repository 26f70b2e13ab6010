"""Adjustments by hand and what was decided on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, and_, case, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.loyalty.contract import Adjustment
from luxe.services.loyalty.tables import adjustment_decisions as decisions
from luxe.services.loyalty.tables import adjustments

_state = case(
    (adjustments.c.four_eyes.is_(False), "made"),
    (decisions.c.approved.is_(True), "made"),
    (decisions.c.approved.is_(False), "declined"),
    else_="pending",
)


def _all() -> Select[Any]:
    return select(
        *(adjustments.c[name] for name in ("id", "account_id", "points", "reason", "proposed_by")),
        adjustments.c.at.label("proposed_at"),
        decisions.c.decided_by,
        decisions.c.at.label("decided_at"),
        func.coalesce(decisions.c.note, "").label("note"),
        _state.label("state"),
    ).outerjoin(decisions, decisions.c.adjustment_id == adjustments.c.id)


def _adjustment(row: RowMapping) -> Adjustment:
    return Adjustment(**row)


async def one(tx: AsyncConnection, adjustment_id: str) -> Adjustment | None:
    row = (await tx.execute(_all().where(adjustments.c.id == adjustment_id))).mappings().first()
    return None if row is None else _adjustment(row)


async def by_key(tx: AsyncConnection, operator_id: str, key: str) -> Adjustment | None:
    query = _all().where(adjustments.c.proposed_by == operator_id, adjustments.c.key == key)
    row = (await tx.execute(query)).mappings().first()
    return None if row is None else _adjustment(row)


async def listed(
    tx: AsyncConnection, state: str, account_id: str, before: str, limit: int
) -> list[Adjustment]:
    query = _all()
    if state:
        query = query.where(_state == state)
    if account_id:
        query = query.where(adjustments.c.account_id == account_id)
    if before:
        query = query.where(adjustments.c.id < before)
    rows = await tx.execute(query.order_by(adjustments.c.id.desc()).limit(limit))
    return [_adjustment(row) for row in rows.mappings()]


async def moved_alone(tx: AsyncConnection, operator_id: str, account_id: str, since: datetime) -> int:
    """How many points an operator has moved for a member without a second, in either direction."""
    query = select(func.coalesce(func.sum(func.abs(adjustments.c.points)), 0)).where(
        and_(
            adjustments.c.proposed_by == operator_id,
            adjustments.c.account_id == account_id,
            adjustments.c.four_eyes.is_(False),
            adjustments.c.at > since,
        )
    )
    return int((await tx.execute(query)).scalar_one())


async def note(tx: AsyncConnection, adjustment: Adjustment, key: str) -> None:
    await tx.execute(
        insert(adjustments).values(
            id=adjustment.id,
            key=key,
            account_id=adjustment.account_id,
            points=adjustment.points,
            reason=adjustment.reason,
            four_eyes=adjustment.state == "pending",
            proposed_by=adjustment.proposed_by,
            at=adjustment.proposed_at,
        )
    )


async def decide(tx: AsyncConnection, **values: Any) -> None:
    await tx.execute(insert(decisions).values(values))
