"""Runs kept in memory: what the engine asks of PostgreSQL, function by function, with the same answers.

`tests/simulation/test_memory_runs.py` puts the same questions to both. A statement happens at once and alone, as
PostgreSQL's do; between statements anything may.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from unittest.mock import patch

import msgspec

from luxe.kernel import clock, context, errors, saga_end, saga_list, saga_outcomes, saga_store
from luxe.kernel.saga_end import ENDED, LONGEST_REASON, Ending, ending_of
from luxe.kernel.saga_flow import Flow
from luxe.kernel.saga_store import END, LIVE, RunRow

replace = msgspec.structs.replace


class LogRow(msgspec.Struct, frozen=True):
    run_id: str
    step: str
    outcome: str
    at: datetime
    actor: str
    note: str


written_here: ContextVar[list[Callable[[], None]] | None] = ContextVar("written_here", default=None)
"""How to take back what the open transaction has written."""


class MemoryRuns:
    """The tables `runs` and `run_log` of one saga."""

    def __init__(self) -> None:
        self.rows: dict[str, RunRow] = {}
        self.log: list[LogRow] = []

    def put(
        self, row: RunRow, *told: tuple[str, str, str], at: datetime | None = None, actor: str = ""
    ) -> RunRow:
        before, length = self.rows.get(row.id), len(self.log)
        kept = replace(row, signalled=False, unsaved=(), taken_over=False)
        self.rows[row.id] = kept
        self.log += [
            LogRow(row.id, step, outcome, at or row.changed_at, actor, note) for step, outcome, note in told
        ]
        if (written := written_here.get()) is not None:
            written.append(lambda: self._back(row.id, before, length))
        return kept

    def _back(self, run: str, before: RunRow | None, length: int) -> None:
        del self.log[length:]
        if before is None:
            del self.rows[run]
        else:
            self.rows[run] = before


def _free(row: RunRow, at: datetime) -> bool:
    return row.state in LIVE and (row.lease_until is None or row.lease_until < at)


def _json(value: Any) -> Any:
    """Values are stored, not the objects that they came in."""
    return copy.deepcopy(value)


async def insert_run(
    tx: MemoryRuns,
    metadata: Any,
    *,
    run_id: str,
    key: str,
    owner: str,
    input: Any,
    lease: tuple[str, datetime],
    request_id: str,
) -> RunRow:
    known = await find_by_key(tx, metadata, owner, key)
    if known is not None:
        return replace(known, lease_owner=None)
    at = clock.now()
    return tx.put(
        RunRow(
            id=run_id,
            key=key,
            owner=owner,
            state="running",
            cursor=0,
            input=_json(input),
            results={},
            signals={},
            signal_count=0,
            attempts=0,
            problem=None,
            lease_owner=lease[0],
            lease_until=lease[1],
            wake_at=at,
            request_id=request_id,
            started_at=at,
            changed_at=at,
        )
    )


async def find(tx: MemoryRuns, metadata: Any, run_id: str) -> RunRow | None:
    return tx.rows.get(run_id)


async def find_by_key(tx: MemoryRuns, metadata: Any, owner: str, key: str) -> RunRow | None:
    return next((row for row in tx.rows.values() if (row.owner, row.key) == (owner, key)), None)


async def in_state(tx: MemoryRuns, metadata: Any, state: str, limit: int) -> list[RunRow]:
    found = sorted((row for row in tx.rows.values() if row.state == state), key=lambda row: row.changed_at)
    return found[:limit]


async def signal(
    tx: MemoryRuns,
    metadata: Any,
    run_id: str,
    name: str,
    payload: Any,
    peer: str,
    at: datetime,
    until: datetime,
) -> RunRow | None:
    row = tx.rows.get(run_id)
    if row is None or row.state == "ended":
        return None
    free = _free(row, at)
    told = tx.put(
        replace(
            row,
            signals=row.signals | {name: _json(payload)},
            signal_count=row.signal_count + 1,
            wake_at=at,
            lease_owner=peer if free else row.lease_owner,
            lease_until=until if free else row.lease_until,
        )
    )
    return replace(told, taken_over=True) if free else None


async def claim(
    tx: MemoryRuns, metadata: Any, run_id: str, peer: str, at: datetime, until: datetime
) -> RunRow | None:
    row = tx.rows.get(run_id)
    if row is None or not _free(row, at):
        return None
    return replace(tx.put(replace(row, lease_owner=peer, lease_until=until)), taken_over=True)


async def claim_due(
    tx: MemoryRuns, metadata: Any, peer: str, at: datetime, until: datetime, limit: int
) -> list[RunRow]:
    due = [
        row for row in tx.rows.values() if _free(row, at) and row.wake_at is not None and row.wake_at <= at
    ]
    due.sort(key=lambda row: (row.wake_at, row.id))
    return [
        replace(tx.put(replace(row, lease_owner=peer, lease_until=until)), taken_over=True)
        for row in due[:limit]
    ]


async def give_back(tx: MemoryRuns, metadata: Any, peer: str) -> None:
    for row in list(tx.rows.values()):
        if row.lease_owner == peer and row.state in LIVE:
            tx.put(replace(row, lease_owner=None, lease_until=None))


async def save(
    tx: MemoryRuns,
    metadata: Any,
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
    kept = tx.rows.get(row.id)
    if kept is None or (kept.lease_owner, kept.lease_until) != (peer, row.lease_until):
        return None
    missed = kept.signal_count > row.signal_count
    results = kept.results | dict(row.unsaved) | (dict([result]) if result is not None else {})
    told = [*((name, "done", "") for name, _ in row.unsaved), (step, outcome, note)]
    stored = tx.put(
        replace(
            kept,
            state=state,
            cursor=row.cursor if cursor is None else cursor,
            attempts=attempts,
            results=_json(results),
            problem=_json(problem) or kept.problem,
            lease_owner=None if release else peer,
            lease_until=None if release else lease_until,
            wake_at=at if missed else (wake_at or at),
            changed_at=at,
        ),
        *told,
        at=at,
        actor=row.owner,
    )
    return replace(stored, signalled=missed)


async def unstick(tx: MemoryRuns, metadata: Any, run_id: str, actor: str) -> RunRow | None:
    row, at = tx.rows.get(run_id), clock.now()
    if row is None or row.state != "stuck":
        return None
    goes_on = row.problem is None
    return tx.put(
        replace(
            row,
            state="running" if goes_on else "undoing",
            signals={name: value for name, value in row.signals.items() if name != END}
            if goes_on
            else row.signals,
            attempts=0,
            wake_at=at,
            lease_owner=None,
            lease_until=None,
        ),
        ("resume", "resumed", ""),
        at=at,
        actor=actor,
    )


async def ask(
    tx: MemoryRuns, flow: Flow, metadata: Any, run_id: str, reason: str, undo: bool
) -> tuple[RunRow, bool]:
    row = tx.rows.get(run_id)
    if row is None:
        raise errors.NotFound("no such run", code="run_unknown")
    known = ending_of(row)
    if row.state == "ended" or (known is not None and known.undo == undo and row.state in LIVE):
        return row, False
    reason = reason.strip()[:LONGEST_REASON]
    saga_end._check(flow, row, reason, undo)
    at, actor = clock.now(), context.current().actor
    ending = Ending(undo=undo, reason=reason, by=actor, at=at, cursor=row.cursor)
    changed = replace(
        row,
        signals=row.signals | {END: msgspec.to_builtins(ending)},
        signal_count=row.signal_count + 1,
        wake_at=at,
        attempts=0,
        changed_at=at,
    )
    at_once = not undo and (row.lease_until is None or row.lease_until < at)
    if at_once:
        changed = replace(
            changed,
            state="ended",
            lease_owner=None,
            lease_until=None,
            attempts=row.attempts,
            problem=row.problem or ENDED,
        )
    elif row.state == "stuck":
        changed = replace(changed, state="undoing" if saga_end._turns_back(row) else "running")
    return tx.put(changed, ("end", "ended" if at_once else "asked", reason), at=at, actor=actor), True


async def last_notes(tx: MemoryRuns, metadata: Any, run_ids: Sequence[str]) -> dict[str, str]:
    return {row.run_id: row.note for row in tx.log if row.run_id in run_ids and row.note}


SEAM = {
    saga_store: (insert_run, find, find_by_key, in_state, signal, claim, claim_due, give_back),
    saga_outcomes: (save, unstick),
    saga_end: (ask,),
    saga_list: (last_notes,),
}
"""The narrowest there is: these functions are all that an engine and the desk of its runs ask of the database."""


@contextmanager
def kept_in_memory() -> Iterator[None]:
    """Meanwhile engines keep their runs in the `MemoryRuns` that their database hands out as its connection."""
    with ExitStack() as patches:
        for module, doubles in SEAM.items():
            for double in doubles:
                patches.enter_context(patch.object(module, double.__name__, double))
        yield
