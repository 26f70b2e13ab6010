"""What a step asks another party for that may take its time, or be refused for good and be asked for once more by people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from luxe.kernel import clock
from luxe.kernel.saga_flow import Run, Wait
from luxe.kernel.saga_people import RunDesk
from luxe.kernel.saga_runs import RunLine

ASK_SOONEST = timedelta(seconds=10)
ASK_LATEST = timedelta(hours=1)
RESUMED = "resumed"
"""The signal that counts how often a person has resumed the run."""

Answer = Literal["pending", "succeeded", "failed"]
Ask = Callable[[str], Awaitable[Answer]]


async def carry_through(run: Run[Any], ask: Ask) -> bool:
    """Asks by a key of the run: True once the party has done it, False if it has refused it for good under each key.

    Raises `Wait` while it is under way; less and less often it is asked again.
    """
    for key in keys_of(run):
        answer = await ask(key)
        if answer == "pending":
            raise Wait(_ask_again(run))
        if answer == "succeeded":
            return True
    return False


def keys_of(run: Run[Any]) -> list[str]:
    """What was refused under a key stays refused; each time that a person resumes the run it may be tried once more."""
    return [run.id, *(f"{run.id} {number}" for number in range(1, run.signals.get(RESUMED, 0) + 1))]


def _ask_again(run: Run[Any]) -> datetime:
    now = clock.now()
    return now + min(max((now - run.started_at) / 4, ASK_SOONEST), ASK_LATEST)


class PatientDesk(RunDesk):
    """The desk of a saga with such a step: that a person resumes a run gives it another key."""

    async def resume(self, *, run: str) -> RunLine:
        row = await self._known(run)
        if row.state == "stuck":
            await self.engine.signal(run, RESUMED, row.signals.get(RESUMED, 0) + 1)
        return await super().resume(run=run)
