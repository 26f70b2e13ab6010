"""Carries rows of a queue to the outside: takes what is due, some at a time, outside every transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog

from luxe.kernel import clock

log = structlog.get_logger()

T = TypeVar("T")


class Courier(Generic[T]):
    """`take(n)` leases at most n rows; `carry(row)` brings one out and records how it went.

    `nudge` returns at once. Rows that nobody nudges for (retries, lapsed leases) are found by a timer's nudge.
    """

    def __init__(
        self,
        name: str,
        take: Callable[[int], Awaitable[list[T]]],
        carry: Callable[[T], Awaitable[None]],
        at_once: int,
    ) -> None:
        self._name = name
        self._take = take
        self._carry = carry
        self._at_once = at_once
        self._asked = False
        self._taking: asyncio.Task[None] | None = None
        self._flying: set[asyncio.Task[None]] = set()
        self._brought: deque[tuple[T, datetime]] = deque()

    def nudge(self) -> None:
        """Looks for what is due; safe to call from a commit's callback."""
        self._asked = True
        if self._taking is None or self._taking.done():
            self._taking = _spawn(self._take_due())

    def bring(self, row: T, start_by: datetime) -> None:
        """Carries a row that is leased already as soon as there is room; if that is after `start_by`, its lease is left
        to run out and it is found like any other. Safe to call from a commit's callback."""
        self._brought.append((row, start_by))
        self._start_brought()

    async def idle(self) -> None:
        """Returns when nothing is being taken or carried."""
        while self._running():
            await asyncio.wait(self._running())

    async def close(self) -> None:
        self._asked = False
        self._brought.clear()
        for task in self._running():
            task.cancel()
        await asyncio.gather(*self._running(), return_exceptions=True)

    def _running(self) -> list[asyncio.Task[None]]:
        taking = [self._taking] if self._taking is not None and not self._taking.done() else []
        return [*taking, *self._flying]

    async def _take_due(self) -> None:
        while self._asked and (room := self._at_once - len(self._flying)) > 0:
            self._asked = False
            try:
                rows = await self._take(room)
            except Exception as error:  # the timer's next nudge tries again
                log.warning("courier_waits", queue=self._name, error=repr(error))
                return
            for row in rows:
                self._start(row)
            self._asked = self._asked or len(rows) == room

    def _start_brought(self) -> None:
        while self._brought and len(self._flying) < self._at_once:
            row, start_by = self._brought.popleft()
            if clock.now() <= start_by:
                self._start(row)

    def _start(self, row: T) -> None:
        task = _spawn(self._carry_one(row))
        self._flying.add(task)
        task.add_done_callback(self._landed)

    async def _carry_one(self, row: T) -> None:
        try:
            await self._carry(row)
        except Exception as error:  # its lease runs out and it is tried again
            log.error("courier_failed", queue=self._name, exc_info=error)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._start_brought()
        if self._asked:
            self.nudge()


def _spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task that inherits no transaction and no request of whoever nudged."""
    return asyncio.get_running_loop().create_task(work, context=Context())
