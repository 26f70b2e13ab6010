"""What came of a run's steps, stored with the log rows that tell it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    DateTime,
    Integer,
    MetaData,
    Select,
    Text,
    bindparam,
    case,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel import clock
from luxe.kernel.saga_store import END, RunRow, row_of, runs_of


async def save(
    tx: AsyncConnection,
    metadata: MetaData,
    row: RunRow,
    peer: str,
    step: str,
    outcome: str,
    at: datetime,
    lease_until: datetime,
    *,
    state: str,
    cursor: int | None = None,
    result: tuple[str, Any] | None = None,
    problem: dict[str, Any] | None = None,
    attempts: int = 0,
    wake_at: datetime | None = None,
    release: bool = False,
    note: str = "",
) -> RunRow | None:
    """Stores a step's outcome, and those still unsaved, with their log rows in one statement, if the lease that `row`
    was read under still holds; None if it does not, even if the same peer has taken the run anew.

    A signal that arrived while the step ran makes a waiting run due at once.
    """
    results = dict(row.unsaved) | (dict([result]) if result is not None else {})
    told = [*((name, "done", "") for name, _ in row.unsaved), (step, outcome, note)]
    stored = await tx.execute(
        _saving(metadata),
        {
            "run": row.id,
            "peer": peer,
            "read_until": row.lease_until,
            "signals_seen": row.signal_count,
            "new_state": state,
            "new_cursor": row.cursor if cursor is None else cursor,
            "new_attempts": attempts,
            "more_results": results,
            "new_problem": problem,
            "new_owner": None if release else peer,
            "new_until": None if release else lease_until,
            "due": wake_at or at,
            "at": at,
            "told": _told(told),
            "actor": row.owner,
        },
    )
    found = stored.mappings().first()
    return row_of(found, signalled=found is not None and found["signal_count"] > row.signal_count)


@cache
def _saving(metadata: MetaData) -> Select[Any]:
    """Built once: putting it together anew takes longer than PostgreSQL does."""
    runs = runs_of(metadata)
    at = bindparam("at", type_=DateTime(timezone=True))
    missed = runs.c.signal_count > bindparam("signals_seen", type_=Integer)
    changed = (
        update(runs)
        .where(
            runs.c.id == bindparam("run", type_=Text),
            runs.c.lease_owner == bindparam("peer", type_=Text),
            runs.c.lease_until == bindparam("read_until", type_=DateTime(timezone=True)),
        )
        .values(
            state=bindparam("new_state", type_=Text),
            cursor=bindparam("new_cursor", type_=Integer),
            attempts=bindparam("new_attempts", type_=Integer),
            results=runs.c.results.op("||")(bindparam("more_results", type_=JSONB)),
            problem=func.coalesce(bindparam("new_problem", type_=JSONB(none_as_null=True)), runs.c.problem),
            lease_owner=bindparam("new_owner", type_=Text),
            lease_until=bindparam("new_until", type_=DateTime(timezone=True)),
            wake_at=case((missed, at), else_=bindparam("due", type_=DateTime(timezone=True))),
            changed_at=at,
        )
        .returning(runs)
        .cte("changed")
    )
    told, actor = bindparam("told", type_=JSONB), bindparam("actor", type_=Text)
    return select(changed).add_cte(_logging(metadata, changed, told, at, actor))


async def unstick(tx: AsyncConnection, metadata: MetaData, run_id: str, actor: str) -> RunRow | None:
    """Puts a stuck run back where it stood. A run before its end goes on, even if it was to be ended; one that was undoing
    goes on undoing. None if it was not stuck."""
    runs = runs_of(metadata)
    at = clock.now()
    goes_on = runs.c.problem.is_(None)
    changed = (
        update(runs)
        .where(runs.c.id == run_id, runs.c.state == "stuck")
        .values(
            state=case((goes_on, "running"), else_="undoing"),
            signals=case((goes_on, runs.c.signals.op("-")(literal(END, Text))), else_=runs.c.signals),
            attempts=0,
            wake_at=at,
            lease_owner=None,
            lease_until=None,
        )
        .returning(runs)
        .cte("changed")
    )
    told = log_rows(metadata, changed, [("resume", "resumed", "")], at, actor)
    return row_of((await tx.execute(select(changed).add_cte(told))).mappings().first())


def log_rows(
    metadata: MetaData, changed: CTE, told: Sequence[tuple[str, str, str]], at: datetime, actor: str
) -> CTE:
    """Log rows of the run that `changed` holds, one for each (step, outcome, note), in that order."""
    return _logging(metadata, changed, literal(_told(told), JSONB), literal(at), literal(actor))


def _told(told: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    names = ("place", "step", "outcome", "note")
    return [dict(zip(names, (place, *each), strict=True)) for place, each in enumerate(told)]


def _logging(
    metadata: MetaData,
    changed: CTE,
    told: ColumnElement[Any],
    at: ColumnElement[datetime],
    actor: ColumnElement[str],
) -> CTE:
    texts = [Column(name, Text) for name in ("step", "outcome", "note")]
    listed = func.jsonb_to_recordset(told).table_valued(Column("place", Integer), *texts, name="told")
    listed = listed.render_derived(with_types=True)
    rows = (
        select(changed.c.id, listed.c.step, listed.c.outcome, at, actor, listed.c.note)
        .select_from(changed.join(listed, true()))
        .order_by(listed.c.place)
    )
    columns = ["run_id", "step", "outcome", "at", "actor", "note"]
    return insert(metadata.tables[f"{metadata.schema}.run_log"]).from_select(columns, rows).cte("logged")
