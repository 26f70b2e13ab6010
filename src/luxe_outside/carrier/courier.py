"""Tells merchants of scans: signed, again and again until a 2xx."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import time

import httpcore

from luxe_outside.database import Database

from . import store
from .store import Event

TIMEOUT = 10.0
FIRST_RETRY, LONGEST_RETRY = 0.5, 30.0
MOST_ATTEMPTS = 500
IDLE = 0.2


def sign(secret: str, body: bytes, at: int) -> str:
    """The `Carrier-Signature` header: hex HMAC-SHA256 of `"{at}." + body`."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class Courier:
    def __init__(self, db: Database, secret: str) -> None:
        self._db, self._secret = db, secret
        self._wake = asyncio.Event()
        self._client = httpcore.AsyncConnectionPool(max_connections=4)

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Never returns; what is in flight when it is ended is sent again after the restart."""
        while True:
            self._wake.clear()
            for event in self._db.read(lambda tx: store.due_events(tx, time.time())):
                await self._carry(event)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE):
                    await self._wake.wait()

    async def _carry(self, event: Event) -> None:
        now = int(time.time())
        if event.forged:
            await self._send(event, sign(secrets.token_hex(16), event.body, now))
        accepted = await self._send(event, sign(self._secret, event.body, now))
        for _ in range(event.copies - 1 if accepted else 0):
            await self._send(event, sign(self._secret, event.body, now))
        given_up = event.attempts >= MOST_ATTEMPTS
        state = "delivered" if accepted else "abandoned" if given_up else "pending"
        due = time.time() + min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(event.attempts, 10))
        await self._db.write(lambda tx: store.mark_event(tx, event.seq, state, due))

    async def _send(self, event: Event, signature: str) -> bool:
        headers = [("Content-Type", "application/json"), ("Carrier-Signature", signature)]
        timeout = {"connect": TIMEOUT, "read": TIMEOUT, "write": TIMEOUT, "pool": TIMEOUT}
        try:
            answer = await self._client.request(
                "POST", event.url, headers=headers, content=event.body, extensions={"timeout": timeout}
            )
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError):
            return False
        return 200 <= answer.status < 300
