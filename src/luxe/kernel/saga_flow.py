"""What a saga is told in: a flow of steps, each a name, a do and an undo, and what a step sees of its run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from luxe.kernel.house import House
from luxe.kernel.saga_store import RunRow

I = TypeVar("I", bound=msgspec.Struct)  # noqa: E741 - the input of a flow


class Wait(Exception):
    """Raised by a `do` that has to wait for the outside: until a signal arrives or `until` passes, then it runs again.

    `result` is kept as the step's result so far, so that those who watch the run can see it.
    """

    def __init__(self, until: datetime, result: Any = None) -> None:
        super().__init__(f"until {until.isoformat()}")
        self.until = until
        self.result = result


@dataclass(frozen=True)
class Run(Generic[I]):
    """What a step sees: the run's id, its input, earlier steps' results and the signals that have arrived."""

    id: str
    owner: str
    input: I
    results: dict[str, Any]
    signals: dict[str, Any]
    started_at: datetime
    house: House


@dataclass(frozen=True)
class Step:
    """`do(run)` returns a JSON value for `run.results[name]`; `undo(run)` is idempotent and needs only the run's id.

    `pivot`: once this step has begun there is no way back, and it is retried until it succeeds.
    `way_back`, of a pivot: asked when an operator wants a run undone that stands there. It returns if the pivot has not
    happened and can still be undone, and refuses otherwise.
    `light`: its outcome is stored together with the next step's. After a crash both are done again; if this one is
    refused then, the next one is undone as well. The step before the pivot cannot be light.
    """

    name: str
    do: Callable[[Run[Any]], Awaitable[Any]]
    undo: Callable[[Run[Any]], Awaitable[None]] | None = None
    pivot: bool = False
    light: bool = False
    way_back: Callable[[Run[Any]], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Flow:
    """The story, in order."""

    name: str
    input: type[msgspec.Struct]
    steps: Sequence[Step]

    def __post_init__(self) -> None:
        assert not any(step.light for step in self.steps[self.pivot - 1 :]), "a way back would be missed"

    def reached(self, row: RunRow) -> int:
        """The last step that may have happened: past light ones, whoever drove the run before may have gone on."""
        index = row.cursor
        while row.taken_over and self.steps[index].light:
            index += 1
        return index

    @property
    def pivot(self) -> int:
        """Index of the first step from which the run only goes forward."""
        return next((index for index, step in enumerate(self.steps) if step.pivot), len(self.steps))
