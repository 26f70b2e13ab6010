"""The real PSP simulator as these tests drive it, and a house whose webhooks it can reach."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

import httpx

from luxe.app.engines.engine import free_port
from luxe.kernel import clock
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent
from luxe.services.payments.contract import Port as Payments
from tests.harness import Running, running
from tests.outside.parties import KEY, SECRET, Party

FEE = Money(980_000, "CNY")
GOOD, CHALLENGED, POOR = "4242424242424242", "4000000000003220", "4000000000009995"

T = TypeVar("T")


class Psp:
    """The payer's and the tester's side of the simulator."""

    def __init__(self, party: Party) -> None:
        self.url = f"{party.url}/psp"
        self._http = httpx.AsyncClient(
            base_url=self.url, headers={"authorization": f"Bearer {KEY}"}, timeout=20
        )

    async def pay(self, intent: Intent, card: str = GOOD) -> None:
        answer = await self._http.post(f"/v1/intents/{intent.psp_id}/authorise", json={"card": card})
        assert answer.status_code in (200, 402), answer.text

    async def capture(self, intent: Intent, **order: Any) -> None:
        """At the provider's own desk."""
        await self._effect(intent, "capture", order)

    async def refund(self, intent: Intent, amount: int, reference: str) -> None:
        """At the provider's own desk."""
        await self._effect(intent, "refunds", {"amount": amount, "reference": reference})

    async def dispute(self, intent: Intent, **order: Any) -> str:
        """The payer's bank contests the payment; returns the dispute's id."""
        answer = await self._http.post(f"/control/intents/{intent.psp_id}/dispute", json=order)
        assert answer.status_code == 200, answer.text
        return answer.json()["disputes"][-1]["id"]

    async def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        answer = await self._http.post(f"/control/disputes/{dispute_id}/close", json={"won": won})
        assert answer.status_code == 200, answer.text

    async def _effect(self, intent: Intent, effect: str, order: dict[str, Any]) -> None:
        key = {"idempotency-key": new_id("desk")}
        answer = await self._http.post(f"/v1/intents/{intent.psp_id}/{effect}", json=order, headers=key)
        assert answer.status_code in (200, 201), answer.text

    async def turn_back(self, intent: Intent) -> None:
        answer = await self._http.post(f"/pay/{intent.psp_id}/cancel")
        assert answer.status_code == 303, answer.text

    async def expire(self, intent: Intent) -> None:
        assert (await self._http.post(f"/control/intents/{intent.psp_id}/expire")).status_code == 200

    async def fault(self, **order: Any) -> None:
        answer = await self._http.post("/control/faults", json=order)
        assert answer.status_code == 200, answer.text

    async def clear(self) -> None:
        await self._http.delete("/control/faults")

    async def effects(self, reference: str) -> list[tuple[str, int]]:
        """What truly happened to our intent, in order."""
        answer = await self._http.get("/control/journal", params={"reference": reference})
        return [(row["effect"], row["amount"]) for row in answer.json()["data"]]

    async def deliveries(self, intent: Intent) -> list[dict[str, Any]]:
        answer = await self._http.get("/control/deliveries", params={"intent": intent.psp_id})
        return answer.json()["data"]

    async def close(self) -> None:
        await self.clear()
        await self._http.aclose()


@asynccontextmanager
async def paying(psp: Psp, binding: str = "local", **settings: Any) -> AsyncIterator[Running]:
    """Payments on a port of its own, so that the provider's webhooks arrive."""
    port = settings.pop("listen_port", None) or free_port()
    values = {
        "psp_url": psp.url,
        "psp_key": KEY,
        "psp_webhook_secret": SECRET,
        "listen_port": port,
        "public_url": f"http://127.0.0.1:{port}",
    }
    async with running("payments", binding=binding, **(values | settings)) as house:
        yield house


async def open_fee(payments: Payments, run: str = "run_1", amount: Money = FEE) -> Intent:
    return await payments.open(
        run=run,
        account_id="acc_david",
        purpose="join",
        amount=amount,
        description="Annual fee",
        return_path="/join/back",
        locale="en",
    )


async def captured_fee(payments: Payments, psp: Psp, run: str = "run_1", amount: Money = FEE) -> Intent:
    """Paid and captured, and the provider's news of it heard."""
    intent = await open_fee(payments, run, amount)
    await psp.pay(intent)
    await payments.refresh(run=run)
    return await payments.capture(run=run)


async def sweep_later(house: Running, later: timedelta = timedelta(minutes=1)) -> None:
    """One round of the jobs, as if that time had passed."""
    clock.replace_clock(clock.ahead(later))
    try:
        await house.run_jobs("payments")
    finally:
        clock.replace_clock(None)


async def eventually(look: Callable[[], Awaitable[T]], wanted: T, seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while (seen := await look()) != wanted:
        assert time.monotonic() < deadline, f"wanted {wanted!r}, saw {seen!r}"
        await asyncio.sleep(0.02)


async def state_of(payments: Payments, run: str = "run_1") -> str:
    intent = await payments.intent_of_run(run=run)
    return intent.state if intent else ""
