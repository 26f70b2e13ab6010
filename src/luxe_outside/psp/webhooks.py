"""Delivers events to merchants: in order per intent, again and again until a 2xx."""

import asyncio
import contextlib
import time
from collections import deque
from typing import Any

from luxe_outside.database import Database

from . import store
from .courier import Courier
from .store import PendingEvent

PARALLEL = 16
BATCH = 3 * PARALLEL
FIRST_RETRY = 0.5
LONGEST_RETRY = 30.0
GIVE_UP_AFTER = 72 * 3600.0
IDLE = 60.0
LOOK_AGAIN = 0.1
LOG_LENGTH = 5_000


def retry_delay(attempts: int) -> float:
    """Seconds until the next attempt: 0.5, 1, 2, 4 … and at most 30."""
    return min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(attempts, 10))


class Dispatcher:
    """Sends what is due; one event of an intent at a time, `PARALLEL` intents at once."""

    def __init__(self, db: Database, secret: str):
        self._db = db
        self._wake = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self._free = [Courier(secret, self.deliveries) for _ in range(PARALLEL)]

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Never returns; cancel it to stop. An event in flight then is sent again after the restart."""
        while True:
            self._wake.clear()
            if self._free:
                self._start_due(time.time())
            await self._until_due()

    def _start_due(self, now: float) -> None:
        for event in self._db.read(lambda tx: store.due_events(tx, now, BATCH)):
            if event.intent_id not in self._busy and self._free:
                task = asyncio.create_task(self._deliver(event, self._free.pop()))
                self._busy[event.intent_id] = task

    async def _until_due(self) -> None:
        pause = LOOK_AGAIN
        if not self._busy:
            due = self._db.read(store.next_due)
            pause = IDLE if due is None else min(IDLE, max(0.005, due - time.time()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()

    async def _deliver(self, event: PendingEvent, courier: Courier) -> None:
        try:
            accepted = await courier.carry(event)
            now = time.time()
            late = now - event.created > GIVE_UP_AFTER
            state = "delivered" if accepted else "abandoned" if late else "pending"
            due = now + retry_delay(event.attempts)
            await self._db.write(lambda tx: store.mark_event(tx, event.seq, state, due))
        finally:
            self._free.append(courier)
            del self._busy[event.intent_id]
            self._wake.set()
