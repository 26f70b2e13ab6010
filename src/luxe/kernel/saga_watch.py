"""Waiting for a run to come to where somebody wants to see it, without asking the database again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

import msgspec

from luxe.kernel.http_edges import entity_tag
from luxe.kernel.saga_store import LIVE, RunRow

LOOK_AGAIN = timedelta(seconds=2)
"""A run may be driven by another process, which tells us nothing."""
LONGEST = 10.0
"""Seconds that one question may wait: less than a call between processes may take."""


class Watched(Protocol):
    """What the views of runs have in common. `pay_at` is set while a run waits for somebody to pay."""

    @property
    def state(self) -> str: ...

    @property
    def pay_at(self) -> str: ...


def has_ended(view: Watched) -> bool:
    return view.state not in LIVE


def rests(view: Watched, ended: bool, unlike: str) -> bool:
    """Whether a run has ended, or (unless `ended`) waits for payment and is no longer as the entity tag `unlike` says."""
    waits = bool(view.pay_at) and not ended
    return has_ended(view) or (waits and (not unlike or entity_tag(msgspec.json.encode(view)) not in unlike))


class Watchers:
    """Those of this process who wait for runs. `tell` is called with a run's row whenever it was stored here."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Queue[RunRow]]] = {}

    def tell(self, row: RunRow) -> None:
        for queue in self._waiting.get(row.id, ()):
            queue.put_nowait(row)

    async def wait(
        self,
        run_id: str,
        find: Callable[[], Awaitable[RunRow | None]],
        enough: Callable[[RunRow], bool],
        seconds: float,
    ) -> RunRow | None:
        """The run as soon as it is `enough`, or as it stands after `seconds`; None if there is no such run."""
        told: asyncio.Queue[RunRow] = asyncio.Queue()
        self._waiting.setdefault(run_id, set()).add(told)
        clock = asyncio.get_running_loop().time
        ends = clock() + seconds
        try:
            row = await find()
            while row is not None and not enough(row) and (left := ends - clock()) > 0:
                try:
                    async with asyncio.timeout(min(left, LOOK_AGAIN.total_seconds())):
                        row = await told.get()
                except TimeoutError:
                    row = await find()
            return row
        finally:
            self._waiting[run_id].discard(told)
            if not self._waiting[run_id]:
                del self._waiting[run_id]
