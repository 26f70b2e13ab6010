"""Carries one event at a time to a merchant over a connection of its own, truly or, when ordered, forged."""

import hashlib
import hmac
import secrets
import time
from collections import deque
from typing import Any

import httpcore
import msgspec

from .store import PendingEvent

TIMEOUT = 10.0
KEEP_ALIVE = 4.0
STALE = 3600


def sign(secret: str, body: bytes, at: int) -> str:
    """The `Psp-Signature` header: hex HMAC-SHA256 of `"{at}." + body`."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class Courier:
    """Appends every attempt to `log`.

    Each courier has one connection: a shared pool looks at all of its connections on every call.
    """

    def __init__(self, secret: str, log: deque[dict[str, Any]]):
        self._secret, self._log = secret, log
        self._connection = httpcore.AsyncConnectionPool(max_connections=1, keepalive_expiry=KEEP_ALIVE)

    async def carry(self, event: PendingEvent) -> bool:
        """Delivers the event as often as its fate says; returns whether the merchant accepted it."""
        if event.forged:
            await self._forge(event)
        accepted = await self._send_signed(event, "event")
        for _ in range(event.copies - 1 if accepted else 0):
            await self._send_signed(event, "duplicate")
        return accepted

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
            response = await self._connection.request(
                "POST", event.url, headers=headers, content=body, extensions={"timeout": timeout}
            )
            status = response.status
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as problem:
            error = type(problem).__name__
        self._log.append(
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
