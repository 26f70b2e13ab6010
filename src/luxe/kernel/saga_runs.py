"""What a saga shows people of its runs, and what they may do with one: the part that every saga's port has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from luxe.kernel.verbs import query

RUN_STATES = ("running", "undoing", "stuck", "done", "refused", "ended")


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: running | undoing | stuck | done | refused | ended. `subject` is the id of what the run is about, once there
    is one; `problem` what refused it, or the last failure of a run that is stuck."""

    run: str
    saga: str
    state: str
    step: str
    owner: str
    subject: str
    attempts: int
    problem_code: str
    problem: str
    started_at: datetime
    changed_at: datetime


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first. `next` is the cursor of the page after this one."""

    items: list[RunLine]
    next: str | None


class RunMoment(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome of a step: done | waits | retries | refused | gave_up | undone | stuck | ends, or of a person's word, which
    stands under `resume` and `end`: resumed | asked | ended. `note` is the failure, or the reason that was given."""

    at: datetime
    step: str
    outcome: str
    actor: str
    note: str


class RunStory(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of a run. `results` by step: of a run that was ended without undoing, what stands."""

    line: RunLine
    steps: list[str]
    pivot: str
    input: dict[str, Any]
    results: dict[str, Any]
    signals: dict[str, Any]
    request_id: str
    wake_at: datetime | None
    driven_by: str
    history: list[RunMoment]
    may_resume: bool
    may_undo: bool
    may_close: bool


class RunsPort(Protocol):
    """Refusals by code: `run_unknown`, `run_over` (it is done or refused), `past_pivot` (it cannot be undone any more),
    `undo_first` (it can, so it may not be left as it stands), `reason_missing`, `cursor_invalid`, `state_unknown`."""

    @query
    async def runs(self, *, state: str = "", cursor: str = "", limit: int = 25) -> RunPage:
        """Runs in `state`, or in any; `limit` is at most a hundred."""
        ...

    @query
    async def run(self, *, run: str) -> RunStory: ...

    async def resume(self, *, run: str) -> RunLine:
        """Lets a stuck run go on from the step where it stopped; any other is left alone."""
        ...

    async def end(self, *, run: str, reason: str, undo: bool) -> RunLine:
        """Ends a run by hand. With `undo`, all its steps are undone first; else it stays as it stands, which only a run past
        its pivot, or one whose undoing keeps failing, may. Ending it again the same way changes nothing."""
        ...


def merged(pages: Sequence[RunPage], limit: int) -> RunPage:
    """One page of several sagas' runs, each of which was asked with the same cursor and limit: ids are in order of time."""
    items = sorted((line for page in pages for line in page.items), key=lambda line: line.run, reverse=True)
    more = len(items) > limit or any(page.next for page in pages)
    shown = items[:limit]
    return RunPage(items=shown, next=shown[-1].run if more and shown else None)
