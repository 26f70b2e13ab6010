"""How a saga's service lets people look at its runs, resume and end them: the `RunsPort` part of its port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luxe.kernel import errors, saga_end, saga_list, saga_store
from luxe.kernel.db import Database
from luxe.kernel.ids import is_id
from luxe.kernel.saga import Engine
from luxe.kernel.saga_runs import RUN_STATES, RunLine, RunMoment, RunPage, RunStory
from luxe.kernel.saga_store import RunRow

MAX_PAGE = 100


class RunDesk:
    """A service that has `db` and `engine` inherits this. `subject` says what a run is about, by its results and input."""

    db: Database
    engine: Engine

    def subject(self, results: Mapping[str, Any], input: Mapping[str, Any]) -> str:
        return ""

    async def runs(self, *, state: str = "", cursor: str = "", limit: int = 25) -> RunPage:
        if state and state not in RUN_STATES:
            raise errors.BadRequest("no run is in such a state", code="state_unknown", states=RUN_STATES)
        if cursor and not is_id(cursor, "run"):
            raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
        size = max(1, min(limit, MAX_PAGE))
        rows = await saga_list.page(self.db.tx, self.db.metadata, state, cursor, size + 1)
        items = await self._lines(rows[:size])
        return RunPage(items=items, next=items[-1].run if len(rows) > size else None)

    async def run(self, *, run: str) -> RunStory:
        row = await self._known(run)
        log = await saga_store.log_of(self.db.tx, self.db.metadata, run)
        flow = self.engine.flow
        return RunStory(
            line=(await self._lines([row]))[0],
            steps=[step.name for step in flow.steps],
            pivot=flow.steps[flow.pivot].name if flow.pivot < len(flow.steps) else "",
            input=row.input,
            results=row.results,
            signals=row.signals,
            request_id=row.request_id,
            wake_at=row.wake_at if row.state in saga_store.LIVE else None,
            driven_by=row.lease_owner or "",
            history=[
                RunMoment(
                    at=line["at"],
                    step=line["step"],
                    outcome=line["outcome"],
                    actor=line["actor"],
                    note=line["note"],
                )
                for line in log
            ],
            may_resume=row.state == "stuck",
            may_undo=saga_end.may_undo(flow, row),
            may_close=saga_end.may_close(flow, row),
        )

    async def resume(self, *, run: str) -> RunLine:
        await self._known(run)
        if await self.engine.resume(run):
            self.db.audit(f"{self.engine.flow.name}.resumed", run)
        return (await self._lines([await self._known(run)]))[0]

    async def end(self, *, run: str, reason: str, undo: bool) -> RunLine:
        row, is_new = await self.engine.end(run, reason, undo)
        if is_new:
            self.db.audit(f"{self.engine.flow.name}.ended", run, reason=reason.strip(), undo=undo)
        return (await self._lines([row]))[0]

    async def _known(self, run: str) -> RunRow:
        row = await self.engine.find(run)
        if row is None:
            raise errors.NotFound("no such run", code="run_unknown")
        return row

    async def _lines(self, rows: list[RunRow]) -> list[RunLine]:
        notes = await saga_list.last_notes(self.db.tx, self.db.metadata, [row.id for row in rows])
        steps = self.engine.flow.steps
        return [
            RunLine(
                run=row.id,
                saga=self.engine.flow.name,
                state=row.state,
                step=steps[row.cursor].name if row.cursor < len(steps) else "",
                owner=row.owner,
                subject=self.subject(row.results, row.input),
                attempts=row.attempts,
                problem_code=(row.problem or {}).get("code", ""),
                problem=notes.get(row.id, "") or (row.problem or {}).get("detail", ""),
                started_at=row.started_at,
                changed_at=row.changed_at,
            )
            for row in rows
        ]
