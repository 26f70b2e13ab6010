"""Delivers events to merchants: signed, in order per intent, again and again until a 2xx."""

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import time
from collections import deque
from typing import Any

import httpcore
import msgspec

from luxe_outside.database import Database

from . import store
from .store import PendingEvent

PARALLEL = 16
BATCH = 200
TIMEOUT = 10.0
FIRST_RETRY = 0.5
LONGEST_RETRY = 30.0
GIVE_UP_AFTER = 72 * 3600.0
IDLE = 60.0
LOG_LENGTH = 5_000
STALE = 3600


def sign(secret: str, body: bytes, at: int) -> str:
    """The `Psp-Signature` header: hex HMAC-SHA256 of `"{at}." + body`."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def retry_delay(attempts: int) -> float:
    """Seconds until the next attempt: 0.5, 1, 2, 4 … and at most 30."""
    return min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(attempts, 10))


class Dispatcher:
    """Sends what is due; one event of an intent at a time, `PARALLEL` intents at once."""

    def __init__(self, db: Database, secret: str):
        self._db, self._secret = db, secret
        self._wake = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=PARALLEL, max_keepalive_connections=PARALLEL, keepalive_expiry=4.0
        )
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Never returns; cancel it to stop. An event in flight then is sent again after the restart."""
        while True:
            self._wake.clear()
            if len(self._busy) < PARALLEL:
                self._start_due(time.time())
            await self._until_due()

    def _start_due(self, now: float) -> None:
        for event in self._db.read(lambda tx: store.due_events(tx, now, BATCH)):
            if event.intent_id not in self._busy and len(self._busy) < PARALLEL:
                self._busy[event.intent_id] = asyncio.create_task(self._deliver(event))

    async def _until_due(self) -> None:
        pause = IDLE
        if not self._busy:
            due = self._db.read(store.next_due)
            pause = IDLE if due is None else max(0.005, due - time.time())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), min(pause, 0.1 if self._busy else IDLE))

    async def _deliver(self, event: PendingEvent) -> None:
        try:
            if event.forged:
                await self._forge(event)
            accepted = await self._send_signed(event, "event")
            for _ in range(event.copies - 1 if accepted else 0):
                await self._send_signed(event, "duplicate")
            now = time.time()
            late = now - event.created > GIVE_UP_AFTER
            state = "delivered" if accepted else "abandoned" if late else "pending"
            due = now + retry_delay(event.attempts)
            await self._db.write(lambda tx: store.mark_event(tx, event.seq, state, due))
        finally:
            del self._busy[event.intent_id]
            self._wake.set()

    async def _send_signed(self, event: PendingEvent, kind: str) -> bool:
        return await self._send(event, kind, event.body, sign(self._secret, event.body, int(time.time())))

    async def _forge(self, event: PendingEvent) -> None:
        """What an attacker could send: a wrong secret, an altered body, an old signature played again."""
        now = int(time.time())
        altered = _altered(event.body)
        await self._send(event, "forged:wrong_secret", altered, sign(secrets.token_hex(16), altered, now))
        await self._send(event, "forged:altered_body", altered, sign(self._secret, event.body, now))
        await self._send(event, "forged:stale", event.body, sign(self._secret, event.body, now - STALE))

    async def _send(self, event: PendingEvent, kind: str, body: bytes, signature: str) -> bool:
        headers = [
            ("Content-Type", "application/json"),
            ("User-Agent", "MeridianPay/1"),
            ("Psp-Signature", signature),
        ]
        timeout = {"connect": TIMEOUT, "read": TIMEOUT, "write": TIMEOUT, "pool": TIMEOUT}
        status, error = 0, None
        try:
            response = await self._pool.request(
                "POST", event.url, headers=headers, content=body, extensions={"timeout": timeout}
            )
            status = response.status
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as problem:
            error = type(problem).__name__
        self.deliveries.append(
            {
                "event": event.id,
                "intent": event.intent_id,
                "type": event.type,
                "kind": kind,
                "attempt": event.attempts + 1,
                "status": status,
                "error": error,
                "at": time.time(),
            }
        )
        return 200 <= status < 300


def _altered(body: bytes) -> bytes:
    """A forger's event: another id, a captured status and twice the money."""
    event = msgspec.json.decode(body)
    event["id"] = f"evt_{secrets.token_hex(16)}"
    event["type"] = "intent.captured"
    data = event["data"]
    data |= {"status": "captured", "amount": data["amount"] * 2, "amount_captured": data["amount"] * 2}
    return msgspec.json.encode(event)
