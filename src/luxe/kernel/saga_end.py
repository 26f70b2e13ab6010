"""Ending a run by hand. The wish is kept among the run's signals, and whoever drives the run comes to it between two steps:
nothing is undone while a step is under way, and no pivot begins once its undoing was asked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import literal, null, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel import clock, context, errors, saga_outcomes, saga_store
from luxe.kernel.saga_flow import Flow
from luxe.kernel.saga_store import END, LIVE, RunRow

ENDED = errors.Conflict("it was ended by hand", code="ended_by_hand").problem()
LONGEST_REASON = 500


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants a run ended, why and how. `cursor` is where the run stood then."""

    undo: bool
    reason: str
    by: str
    at: datetime
    cursor: int


def ending_of(row: RunRow) -> Ending | None:
    return msgspec.convert(row.signals[END], Ending) if END in row.signals else None


def may_undo(flow: Flow, row: RunRow) -> bool:
    """Whether the run can still come to have changed nothing."""
    if _turns_back(row):
        return True
    if row.state not in (*LIVE, "stuck") or row.cursor > flow.pivot:
        return False
    return row.cursor < flow.pivot or flow.steps[row.cursor].way_back is not None


def may_close(flow: Flow, row: RunRow) -> bool:
    """Whether the run may be left as it stands."""
    if row.state == "stuck" and _turns_back(row):
        return True
    return row.state in ("running", "stuck") and not _turns_back(row) and row.cursor >= flow.pivot


def begins_to(flow: Flow, row: RunRow) -> Ending | None:
    """The wish that a driver of a running run has to follow before it does the next step."""
    ending = ending_of(row)
    return None if ending is None or (ending.undo and row.cursor > flow.pivot) else ending


def is_at_pivot(flow: Flow, row: RunRow, ending: Ending) -> bool:
    """Whether the pivot may have happened: it stood there already when it was to be undone."""
    return row.cursor == flow.pivot and ending.cursor >= flow.pivot


async def ask(
    tx: AsyncConnection, flow: Flow, metadata: Any, run_id: str, reason: str, undo: bool
) -> tuple[RunRow, bool]:
    """Notes the wish, or ends the run at once if it is to stay as it stands and nobody drives it. Returns it as it is then,
    and whether that is news: the same wish again is none."""
    runs = saga_store.runs_of(metadata)
    found = await tx.execute(select(runs).where(runs.c.id == run_id).with_for_update())
    mapping = found.mappings().first()
    if mapping is None:
        raise errors.NotFound("no such run", code="run_unknown")
    row = RunRow(**mapping)
    known = ending_of(row)
    if row.state == "ended" or (known is not None and known.undo == undo and row.state in LIVE):
        return row, False
    reason = reason.strip()[:LONGEST_REASON]
    _check(flow, row, reason, undo)
    at, actor = clock.now(), context.current().actor
    ending = Ending(undo=undo, reason=reason, by=actor, at=at, cursor=row.cursor)
    values: dict[str, Any] = {
        "signals": runs.c.signals.op("||")(literal({END: msgspec.to_builtins(ending)}, JSONB)),
        "signal_count": runs.c.signal_count + 1,
        "wake_at": at,
        "attempts": 0,
        "changed_at": at,
    }
    at_once = not undo and (row.lease_until is None or row.lease_until < at)
    if at_once:
        values |= {"state": "ended", "lease_owner": null(), "lease_until": null(), "attempts": row.attempts}
        values |= {} if row.problem else {"problem": ENDED}
    elif row.state == "stuck":
        values["state"] = "undoing" if _turns_back(row) else "running"
    changed = update(runs).where(runs.c.id == run_id).values(values).returning(runs).cte("changed")
    logged = saga_outcomes.log_rows(
        metadata, changed, [("end", "ended" if at_once else "asked", reason)], at, actor
    )
    return RunRow(**(await tx.execute(select(changed).add_cte(logged))).mappings().one()), True


def _check(flow: Flow, row: RunRow, reason: str, undo: bool) -> None:
    if row.state not in (*LIVE, "stuck"):
        raise errors.Conflict(f"this run is {row.state}", code="run_over", state=row.state)
    if not reason:
        raise errors.PayloadInvalid("say why", code="reason_missing")
    if undo and not may_undo(flow, row):
        raise errors.Conflict("this run cannot be undone any more", code="past_pivot")
    if not undo and not may_close(flow, row):
        raise errors.Conflict("this run can still be undone", code="undo_first")


def _turns_back(row: RunRow) -> bool:
    return row.state == "undoing" or (row.state == "stuck" and row.problem is not None)
