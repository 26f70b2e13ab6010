"""Queries of returns: one row a return, one for each of its units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, and_, func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.ids import new_id
from luxe.services.orders.contract import Finding, Return, ReturnUnit
from luxe.services.orders.domain.returns import ReturnEvent, return_sources, return_target
from luxe.services.orders.tables import return_units, returns


async def insert_return(tx: AsyncConnection, wanted: Return) -> bool:
    """False if the number is taken."""
    names = ("id", "number", "run", "order_id", "account_id", "state", "reason", "requested_at", "changed_at")
    fresh = await tx.execute(
        insert(returns)
        .values({name: getattr(wanted, name) for name in names})
        .on_conflict_do_nothing(index_elements=[returns.c.number])
        .returning(returns.c.id)
    )
    if fresh.first() is None:
        return False
    await tx.execute(
        insert(return_units).values(
            [
                {"return_id": wanted.id, "variant_id": unit.variant_id, "serial": unit.serial, "place": place}
                for place, unit in enumerate(wanted.units)
            ]
        )
    )
    return True


async def forbid(tx: AsyncConnection, run: str, at: datetime) -> None:
    """The run can request nothing any more, even if its wish arrives later."""
    return_id = new_id("ret")
    await tx.execute(
        insert(returns)
        .values(
            id=return_id, number=return_id, run=run, order_id="", account_id="", state="withdrawn", reason="",
            requested_at=at, changed_at=at,
        )
        .on_conflict_do_nothing(index_elements=[returns.c.run])
    )  # fmt: skip


async def move(
    tx: AsyncConnection, return_id: str, event: ReturnEvent, at: datetime, decision: str = ""
) -> bool:
    """Moves a return along the table of transitions; False if `event` may not happen to it."""
    moved = await tx.execute(
        update(returns)
        .where(returns.c.id == return_id, returns.c.state.in_(return_sources(event)))
        .values(state=return_target(event), decision=decision, changed_at=at)
        .returning(returns.c.id)
    )
    return moved.first() is not None


async def note_findings(tx: AsyncConnection, return_id: str, findings: Sequence[Finding]) -> None:
    listed = insert(return_units).values(
        [
            {
                "return_id": return_id,
                "variant_id": each.variant_id,
                "serial": each.serial,
                "place": 0,
                "accepted": each.accepted,
                "condition": each.condition,
            }
            for each in findings
        ]
    )
    fresh = listed.excluded
    await tx.execute(
        listed.on_conflict_do_update(
            index_elements=["return_id", "variant_id", "serial"],
            set_={"accepted": fresh.accepted, "condition": fresh.condition},
        )
    )


async def find(
    tx: AsyncConnection, *, return_id: str = "", run: str = "", account_id: str = ""
) -> Return | None:
    wanted = returns.c.id == return_id if return_id else returns.c.run == run
    row = (await tx.execute(_selected(_owned(wanted, account_id)))).one_or_none()
    return None if row is None else _return(row)


async def of_order(tx: AsyncConnection, order_id: str) -> list[Return]:
    """Oldest first."""
    query = _selected(returns.c.order_id == order_id).order_by(returns.c.id)
    return [_return(row) for row in await tx.execute(query)]


async def of_ids(tx: AsyncConnection, return_ids: Sequence[str]) -> list[Return]:
    return [_return(row) for row in await tx.execute(_selected(returns.c.id.in_(return_ids)))]


async def newest(
    tx: AsyncConnection, *, order_id: str, account_id: str, state: str, before: str, limit: int
) -> list[Return]:
    wanted = _owned(returns.c.order_id == order_id if order_id else returns.c.order_id != "", account_id)
    if state:
        wanted = and_(wanted, returns.c.state == state)
    if before:
        wanted = and_(wanted, returns.c.id < before)
    query = _selected(wanted).order_by(returns.c.id.desc()).limit(limit)
    return [_return(row) for row in await tx.execute(query)]


def _owned(wanted: ColumnElement[bool], account_id: str) -> ColumnElement[bool]:
    return and_(wanted, returns.c.account_id == account_id) if account_id else wanted


def _selected(where: ColumnElement[bool]) -> Any:
    unit = func.jsonb_build_object(
        "variant_id", return_units.c.variant_id, "serial", return_units.c.serial,
        "accepted", return_units.c.accepted, "condition", return_units.c.condition,
    )  # fmt: skip
    listed = select(func.jsonb_agg(aggregate_order_by(unit, return_units.c.place))).where(
        return_units.c.return_id == returns.c.id
    )
    return select(returns, listed.scalar_subquery().label("units")).where(where)


def _return(row: Row[Any]) -> Return:
    return Return(
        id=row.id,
        number=row.number,
        order_id=row.order_id,
        account_id=row.account_id,
        run=row.run,
        state=row.state,
        reason=row.reason,
        decision=row.decision,
        units=msgspec.convert(row.units or [], list[ReturnUnit]),
        requested_at=row.requested_at,
        changed_at=row.changed_at,
    )
