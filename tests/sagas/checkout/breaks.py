"""Breaks a flow at any moment of any step: before it, after so many of its calls that change something, or at its end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Literal, cast

from luxe.kernel import errors
from luxe.kernel.house import House
from luxe.kernel.ports import Description, describe
from luxe.kernel.saga import Flow, Run, Step

Act = Callable[[Run[Any]], Awaitable[None]]
Moment = int | Literal["end"]
"""How many calls that change something the step has behind it (0 is before the first), or `end`: all of them."""


class Breaks:
    """What happens at which moment. An undo is the step `undo NAME`."""

    def __init__(self) -> None:
        self._acts: dict[tuple[str, Moment], Act] = {}
        self._calls: Counter[tuple[str, str]] = Counter()

    def at(self, step: str, moment: Moment, act: Act) -> None:
        self._acts[step, moment] = act

    def lose(self, step: str, moment: Moment) -> asyncio.Event:
        """The process hangs there, once, until somebody kills it; the event tells that it does."""
        return self.stall(step, moment, asyncio.Event())

    def stall(self, step: str, moment: Moment, awake: asyncio.Event) -> asyncio.Event:
        """As `lose`, but it goes on when `awake` is set."""
        reached = asyncio.Event()

        async def hang(_: Run[Any]) -> None:
            del self._acts[step, moment]
            reached.set()
            await awake.wait()

        self.at(step, moment, hang)
        return reached

    def calls(self) -> dict[str, int]:
        """How many calls each step has made in the run that made the most."""
        return {
            step: max(calls for (_, each), calls in self._calls.items() if each == step)
            for _, step in self._calls
        }

    def heal(self) -> None:
        self._acts.clear()

    def around(self, flow: Flow) -> Flow:
        return replace(flow, steps=[self._wrapped(step) for step in flow.steps])

    def _wrapped(self, step: Step) -> Step:
        async def do(run: Run[Any]) -> Any:
            seen = await self._enter(step.name, run)
            result = await step.do(seen)
            await self._meet(step.name, "end", run)
            return result

        async def undo(run: Run[Any]) -> None:
            name = f"undo {step.name}"
            seen = await self._enter(name, run)
            if step.undo is not None:
                await step.undo(seen)
            await self._meet(name, "end", run)

        return replace(step, do=do, undo=undo)

    async def _enter(self, step: str, run: Run[Any]) -> Run[Any]:
        async def called() -> None:
            self._calls[run.id, step] += 1
            await self._meet(step, self._calls[run.id, step], run)

        await self._meet(step, self._calls[run.id, step], run)
        return replace(run, house=cast(House, _Watched(run.house, called)))

    async def _meet(self, step: str, moment: Moment, run: Run[Any]) -> None:
        if (step, moment) in self._acts:
            await self._acts[step, moment](run)


class _Watched:
    """The house, telling of every call that has come back, but for those that only ask."""

    def __init__(self, house: House, called: Callable[[], Awaitable[None]]) -> None:
        self._house = house
        self._called = called
        self.settings = house.settings

    def port(self, port: type) -> Any:
        return _WatchedPort(self._house.port(port), describe(port), self._called)


class _WatchedPort:
    def __init__(self, port: Any, description: Description, called: Callable[[], Awaitable[None]]) -> None:
        self._port = port
        self._methods = description.methods
        self._called = called

    def __getattr__(self, verb: str) -> Callable[..., Awaitable[Any]]:
        async def call(**arguments: Any) -> Any:
            answer = await getattr(self._port, verb)(**arguments)
            if self._methods[verb].mode != "query":
                await self._called()
            return answer

        return call


def refusing(times: int = 1_000, code: str = "refused_by_test") -> Act:
    """Says no so many times."""
    left = times

    async def act(_: Run[Any]) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise errors.Conflict("no", code=code)

    return act


def failing(times: int = 1_000) -> Act:
    """Gives no answer so many times: what happened is unknown."""
    left = times

    async def act(_: Run[Any]) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise errors.DeadlineExceeded("no answer")

    return act
