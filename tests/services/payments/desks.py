"""Each adapter with what stands outside of it: a payer, and a network that can lose answers."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import httpx

from luxe.kernel.money import Money
from luxe.kernel.settings import Settings
from luxe.services.payments.contract import Intent
from luxe.services.payments.service.provider import Provider
from luxe.services.payments.service.simulator import Simulator
from tests.outside.parties import KEY, SECRET, start_psp
from tests.services.payments.provider import GOOD, POOR, Psp

AMOUNTS = (Money(1, "JPY"), Money(10**9, "CNY"), Money(12_345, "EUR"))


class Desk(Protocol):
    provider: Provider
    lacks: frozenset[str]
    """What the provider, or its stand-in here, cannot do. Each is one of the words that `needs` is called with."""
    amounts: tuple[Money, ...]
    declined: tuple[str, str]
    """State and failure of an intent whose payer could not pay."""

    async def pay(self, intent: Intent) -> None:
        """The payer pays on the provider's own page."""
        ...

    async def fail_to_pay(self, intent: Intent) -> None: ...

    async def lose_answer(self, operation: str, *, happened: bool) -> None:
        """The next call of `create`, `capture`, `void` or `refund` gets no answer, after or before its effect."""
        ...

    async def contest(self, intent: Intent) -> str:
        """The payer's bank opens a dispute; returns the provider's id of it."""
        ...

    def event(self, intent: Intent, status: str) -> str:
        """The body of a genuine event of the intent."""
        ...

    def sent(self, body: str, at: int) -> tuple[str, str]:
        """The event as it arrives when it was signed at that time: its body, and its headers of signature."""
        ...

    def gone(self) -> Provider:
        """The adapter, pointed to where nobody listens."""
        ...


class SimulatorDesk:
    lacks: frozenset[str] = frozenset()
    amounts: tuple[Money, ...] = AMOUNTS
    declined: tuple[str, str] = ("failed", "insufficient_funds")

    def __init__(self, psp: Psp, client: httpx.AsyncClient) -> None:
        self._psp = psp
        self._client = client
        self.provider = self._at(psp.url)

    def _at(self, url: str) -> Provider:
        return Simulator(
            self._client,
            Settings(
                data="",
                database_url="",
                nats_url="",
                secret="",
                psp_url=url,
                psp_key=KEY,
                psp_webhook_secret=SECRET,
            ),
        )

    async def pay(self, intent: Intent) -> None:
        await self._psp.pay(intent, GOOD)

    async def fail_to_pay(self, intent: Intent) -> None:
        await self._psp.pay(intent, POOR)

    async def lose_answer(self, operation: str, *, happened: bool) -> None:
        mode = "timeout_after" if happened else "timeout_before"
        await self._psp.fault(api={"operation": operation, "mode": mode, "hold_ms": 20})

    async def contest(self, intent: Intent) -> str:
        return await self._psp.dispute(intent)

    def event(self, intent: Intent, status: str) -> str:
        data = {
            "id": intent.psp_id,
            "status": status,
            "amount": intent.amount.minor,
            "amount_captured": 0,
            "amount_refunded": 0,
            "currency": intent.amount.currency,
            "reference": intent.id,
            "hosted_url": intent.hosted_url,
            "failure_code": None,
        }
        return json.dumps({"id": "evt_1", "type": f"intent.{status}", "created": 1, "data": data})

    def sent(self, body: str, at: int) -> tuple[str, str]:
        digest = hmac.new(SECRET.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
        return body, f"t={at},v1={digest}"

    def gone(self) -> Provider:
        return self._at("http://127.0.0.1:9/psp")


@asynccontextmanager
async def simulator(data: Path) -> AsyncIterator[Desk]:
    party = start_psp(data)
    psp = Psp(party)
    async with httpx.AsyncClient() as client:
        yield SimulatorDesk(psp, client)
    await psp.close()
    party.stop()
