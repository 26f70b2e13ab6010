"""An event loop whose time is virtual and whose order comes from a seed, with processes that can be frozen in it."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Coroutine
from contextvars import ContextVar
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")


class Process:
    """One operating-system process of the house. Frozen, nothing in it happens, not even its timers, until it thaws;
    `skew` is by how many seconds its wall clock is wrong."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.skew = 0.0
        self.alive = True
        self.frozen = False
        self.held: list[asyncio.Handle] = []


process_here: ContextVar[Process | None] = ContextVar("process_here", default=None)


class Deadlock(RuntimeError):
    """Somebody waits for what nobody will ever do."""


class SeededLoop(asyncio.BaseEventLoop):
    """Runs one callback at a time: any of those that are ready, as the seed has it. When none is, time goes on to the
    next timer, so that days take no longer than their events."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self._rng = rng
        self._at = 0.0
        self.set_exception_handler(lambda *_: None)

    def time(self) -> float:
        return self._at

    def thaw(self, process: Process) -> None:
        process.frozen = False
        ready: Any = self._ready  # type: ignore[attr-defined]
        ready.extend(process.held)
        process.held.clear()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        asyncio.set_event_loop(self)
        try:
            return self.run_until_complete(work)
        finally:
            for task in asyncio.all_tasks(self):
                task._log_destroy_pending = False  # type: ignore[attr-defined]
            asyncio.set_event_loop(None)
            self.close()

    def _run_once(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        while not ready:
            if not scheduled:
                raise Deadlock
            timer = heapq.heappop(scheduled)
            timer._scheduled = False  # type: ignore[attr-defined]
            if not timer._cancelled:  # type: ignore[attr-defined]
                self._at = max(self._at, timer._when)  # type: ignore[attr-defined]
                ready.append(timer)
        if len(ready) > 1:
            ready.rotate(-self._rng.randrange(len(ready)))
        handle = ready.popleft()
        if handle._cancelled:
            return
        process = handle._context.get(process_here)
        if process is not None and process.frozen:
            process.held.append(handle)
            return
        handle._run()

    def _process_events(self, event_list: Any) -> None:
        raise AssertionError("nothing outside is waited for")

    def _write_to_self(self) -> None:
        raise AssertionError("there are no threads here")
