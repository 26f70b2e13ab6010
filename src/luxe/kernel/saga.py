"""The saga engine: a durable list of steps, each a name, a do and an undo, resumed by any peer after a crash.

The promises:
* every effect carries the run's id, so a step done twice has one effect and an undo never touches another run;
* `do` may be called again after a crash, before its result was stored; `undo` is called for a step that may have
  happened, with or without a result;
* before the pivot a refusal undoes everything, last step first; from the pivot on the run only goes forward;
* what keeps failing goes to people: the run is `stuck` until an operator resumes or ends it.

Runs live in the saga's own schema. A run is driven by the process that holds its lease.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import msgspec
import structlog

from luxe.kernel import clock, context, errors, saga_end, saga_outcomes, saga_store
from luxe.kernel.db import Database
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.kernel.saga_flow import Flow, Run, Step, Wait
from luxe.kernel.saga_store import RunRow
from luxe.kernel.saga_watch import Watchers
from luxe.kernel.telemetry import SAGA_STEPS, span

LEASE = timedelta(seconds=30)
STEP_SECONDS = 25
MAX_ATTEMPTS = 8
SWEEP = timedelta(milliseconds=500)
TOGETHER = timedelta(seconds=2)
"""Past the pivot nothing can be refused, so steps that follow each other this quickly are stored at once, as light ones
are anywhere; all of them are done again after a crash."""

log = structlog.get_logger()


class Engine:
    """Starts, drives, wakes and sweeps the runs of one flow."""

    def __init__(self, flow: Flow, house: House) -> None:
        self.flow = flow
        self.house = house
        self.database: Database = house.database(flow.name)
        self.peer = new_id("peer")
        self.watchers = Watchers()
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped: list[RunRow] = []
        self._surroundings = contextvars.copy_context()

    async def start(self, *, key: str, owner: str, input: msgspec.Struct) -> RunRow:
        """Records a run in the edge's transaction and drives it after the commit. The same owner and key is the same run.

        Raises `PayloadInvalid` (`key_reused`) if that key started a run with another input.
        """
        row = await saga_store.insert_run(
            self.database.tx,
            self.database.metadata,
            run_id=new_id("run"),
            key=key,
            owner=owner,
            input=msgspec.to_builtins(input),
            lease=(self.peer, clock.now() + LEASE),
            request_id=context.current().request_id,
        )
        if row.input != msgspec.to_builtins(input):
            raise errors.PayloadInvalid("this key was used for something else", code="key_reused")
        if row.lease_owner == self.peer:
            self.database.after_commit(lambda: self._drive_soon(row))
        return row

    async def signal(self, run_id: str, name: str, payload: Any) -> None:
        """Tells a run something (in the edge's transaction) and wakes it after the commit. Unknown runs are ignored."""
        assert name != saga_store.END
        now = clock.now()
        row = await saga_store.signal(
            self.database.tx, self.database.metadata, run_id, name, payload, self.peer, now, now + LEASE
        )
        if row is not None:
            self.database.after_commit(lambda: self._drive_soon(row))

    async def wait(self, run_id: str, enough: Callable[[RunRow], bool], seconds: float) -> RunRow | None:
        """The run as soon as it is `enough`, or as it stands after `seconds`. Holds no connection meanwhile."""

        async def find() -> RunRow | None:
            async with self.database.reading():
                return await self.find(run_id)

        return await self.watchers.wait(run_id, find, enough, seconds)

    async def find(self, run_id: str) -> RunRow | None:
        return await saga_store.find(self.database.tx, self.database.metadata, run_id)

    async def find_by_key(self, owner: str, key: str) -> RunRow | None:
        return await saga_store.find_by_key(self.database.tx, self.database.metadata, owner, key)

    async def stuck(self, limit: int = 100) -> list[RunRow]:
        """Runs that wait for a person, longest first."""
        return await saga_store.in_state(self.database.tx, self.database.metadata, "stuck", limit)

    async def resume(self, run_id: str) -> bool:
        """An operator's answer to a stuck run: try again from where it stands. False if it is not stuck."""
        row = await saga_outcomes.unstick(
            self.database.tx, self.database.metadata, run_id, context.current().actor
        )
        if row is not None:
            self.database.after_commit(lambda: self._claim_soon(run_id))
        return row is not None

    async def end(self, run_id: str, reason: str, undo: bool) -> tuple[RunRow, bool]:
        """An operator's other answer, to any run that is not over: the run, and whether nobody had asked for that before.
        Raises what `RunsPort.end` does."""
        row, is_new = await saga_end.ask(
            self.database.tx, self.flow, self.database.metadata, run_id, reason, undo
        )
        if row.state in saga_store.LIVE:
            self.database.after_commit(lambda: self._claim_soon(run_id))
        else:
            self.database.after_commit(lambda: self.watchers.tell(row))
        return row, is_new

    async def sweep(self) -> bool:
        """Takes over runs whose time has come or whose driver is gone; True if there may be more."""
        await self._pick_up()
        async with self.database.alone() as tx:
            rows = await saga_store.claim_due(
                tx, self.database.metadata, self.peer, clock.now(), clock.now() + LEASE, limit=20
            )
        for row in rows:
            self._drive_soon(row)
        return len(rows) == 20

    async def _pick_up(self) -> None:
        """Goes on with runs that the database let fall under our lease: nobody else may before that runs out."""
        while self._dropped:
            dropped = self._dropped[-1]
            async with self.database.reading() as connection:
                row = await saga_store.find(connection, self.database.metadata, dropped.id)
            self._dropped.pop()
            lease = (self.peer, dropped.lease_until)
            if row is not None and (row.lease_owner, row.lease_until) == lease and _lasts(row):
                self._soon(self._drive(msgspec.structs.replace(row, taken_over=True), is_again=True))

    async def sweep_for_ever(self) -> None:
        while True:
            try:
                more = await self.sweep()
            except Exception as error:  # the sweep must outlive a database that is restarting
                log.warning("sweep_failed", saga=self.flow.name, error=repr(error))
                more = False
            if not more:
                await asyncio.sleep(SWEEP.total_seconds())

    async def close(self) -> None:
        """Stops driving and gives the leases back, so that a peer need not wait until they run out."""
        await self._stop()
        try:
            async with self.database.alone() as connection:
                await saga_store.give_back(connection, self.database.metadata, self.peer)
        except Exception as error:  # the database may be gone first; the leases end by themselves
            log.warning("leases_kept", saga=self.flow.name, error=repr(error))

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` in the engine's own surroundings: it must not join the transaction of whoever woke the run."""
        task = asyncio.create_task(work, context=self._surroundings.copy())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _drive_soon(self, row: RunRow) -> None:
        self._soon(self._drive(row))

    def _claim_soon(self, run_id: str) -> None:
        self._soon(self._claim_and_drive(run_id))

    async def _claim_and_drive(self, run_id: str) -> None:
        try:
            async with self.database.alone() as tx:
                row = await saga_store.claim(
                    tx, self.database.metadata, run_id, self.peer, clock.now(), clock.now() + LEASE
                )
        except Exception as error:  # the run is due already, so the next sweep takes it
            log.warning("claim_failed", saga=self.flow.name, run=run_id, error=repr(error))
            return
        if row is not None:
            await self._drive(row)

    async def _drive(self, row: RunRow, is_again: bool = False) -> None:
        here = context.Context(request_id=row.request_id, actor=row.owner)
        current: RunRow | None = row
        with context.entered(here):
            try:
                while current is not None and current.state in saga_store.LIVE:
                    forward = current.state == "running"
                    current = await (self._onward(current) if forward else self._backward(current))
            except Exception as error:  # the outcome of a step could not be stored
                log.error("drive_failed", saga=self.flow.name, run=row.id, exc_info=error)
                if current is not None and (not is_again or current.lease_until != row.lease_until):
                    self._dropped.append(current)

    async def _onward(self, row: RunRow) -> RunRow | None:
        ending = saga_end.begins_to(self.flow, row)
        if ending is None:
            return await self._forward(row)
        if not ending.undo:
            return await self._save(
                row, None, "ended", state="ended", problem=saga_end.ENDED, release=True, note=ending.reason
            )
        step = self.flow.steps[row.cursor]
        if saga_end.is_at_pivot(self.flow, row, ending) and step.way_back is not None:
            try:
                async with asyncio.timeout(STEP_SECONDS):
                    await step.way_back(self._seen(row))
            except errors.Refusal as refusal:
                if refusal.status >= 500:
                    return await self._retry(row, step, refusal)
                return await self._save(row, step, "stuck", state="stuck", release=True, note=str(refusal))
            except Exception as error:
                return await self._retry(row, step, error)
        reached = self.flow.reached(row)
        return await self._save(row, step, "ends", state="undoing", cursor=reached, problem=saga_end.ENDED)

    async def _forward(self, row: RunRow) -> RunRow | None:
        step = self.flow.steps[row.cursor]
        try:
            with span(f"{self.flow.name}.{step.name}", run=row.id):
                async with asyncio.timeout(STEP_SECONDS):
                    result = msgspec.to_builtins(await step.do(self._seen(row)))
        except Wait as wait:
            so_far = None if wait.result is None else (step.name, msgspec.to_builtins(wait.result))
            return await self._save(
                row, step, "waits", state="running", wake_at=wait.until, result=so_far, release=True
            )
        except errors.Refusal as refusal:
            if refusal.status >= 500 or row.cursor >= self.flow.pivot:
                return await self._retry(row, step, refusal)
            return await self._save(
                row,
                step,
                "refused",
                state="undoing",
                cursor=self.flow.reached(row),
                problem=refusal.problem(),
            )
        except Exception as error:
            return await self._retry(row, step, error)
        done = row.cursor + 1 == len(self.flow.steps)
        if not done and (step.light or row.cursor >= self.flow.pivot) and _just_stored(row):
            SAGA_STEPS.labels(self.flow.name, step.name, "done").inc()
            return msgspec.structs.replace(
                row,
                cursor=row.cursor + 1,
                attempts=0,
                results=row.results | {step.name: result},
                unsaved=(*row.unsaved, (step.name, result)),
            )
        return await self._save(
            row,
            step,
            "done",
            state="done" if done else "running",
            cursor=row.cursor + 1,
            result=(step.name, result),
            release=done,
        )

    async def _backward(self, row: RunRow) -> RunRow | None:
        step = self.flow.steps[row.cursor] if row.cursor < len(self.flow.steps) else None
        if step is not None and step.undo is not None:
            try:
                with span(f"{self.flow.name}.{step.name}.undo", run=row.id):
                    async with asyncio.timeout(STEP_SECONDS):
                        await step.undo(self._seen(row))
            except Exception as error:
                return await self._retry(row, step, error)
        first = row.cursor == 0
        over = "ended" if saga_store.END in row.signals else "refused"
        return await self._save(
            row,
            step,
            "undone",
            state=over if first else "undoing",
            cursor=max(row.cursor - 1, 0),
            release=first,
        )

    async def _retry(self, row: RunRow, step: Step, error: BaseException) -> RunRow | None:
        attempts = row.attempts + 1
        before_pivot = row.state == "running" and row.cursor < self.flow.pivot
        log.warning(
            "step_failed",
            saga=self.flow.name,
            step=step.name,
            run=row.id,
            attempts=attempts,
            error=repr(error),
        )
        if attempts < MAX_ATTEMPTS:
            wake_at = clock.now() + timedelta(seconds=min(60.0, 0.2 * 2**attempts))
            return await self._save(
                row,
                step,
                "retries",
                state=row.state,
                wake_at=wake_at,
                attempts=attempts,
                release=True,
                note=repr(error)[:500],
            )
        if before_pivot:
            problem = errors.Unavailable(f"{step.name} kept failing").problem()
            return await self._save(
                row, step, "gave_up", state="undoing", cursor=self.flow.reached(row), problem=problem
            )
        return await self._save(
            row, step, "stuck", state="stuck", attempts=attempts, release=True, note=repr(error)[:500]
        )

    async def _save(self, row: RunRow, step: Step | None, outcome: str, **change: Any) -> RunRow | None:
        name = step.name if step else "end"
        SAGA_STEPS.labels(self.flow.name, name, outcome).inc()
        saved = None
        async with self.database.alone() as connection:
            saved = await saga_outcomes.save(
                connection,
                self.database.metadata,
                row,
                self.peer,
                name,
                outcome,
                clock.now(),
                clock.now() + LEASE,
                **change,
            )
        if saved is not None:
            self.watchers.tell(saved)
        if change.get("release"):
            if "wake_at" in change and saved is not None and saved.signalled:
                self._claim_soon(row.id)
            return None
        return None if saved is None else msgspec.structs.replace(saved, taken_over=row.taken_over)

    def _seen(self, row: RunRow) -> Run[Any]:
        return Run(
            id=row.id,
            owner=row.owner,
            input=msgspec.convert(row.input, self.flow.input),
            results=row.results,
            signals=row.signals,
            started_at=row.started_at,
            house=self.house,
        )


def _just_stored(row: RunRow) -> bool:
    return row.lease_until is not None and clock.now() < row.lease_until - LEASE + TOGETHER


def _lasts(row: RunRow) -> bool:
    return row.lease_until is not None and row.lease_until > clock.now()
