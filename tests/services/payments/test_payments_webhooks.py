"""The provider's webhooks: genuine ones count once, in whatever order; forged ones leave no trace."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Sequence
from typing import Any

import pytest

from luxe.kernel.errors import Refusal
from luxe.services.payments.contract import Intent, PaymentAuthorised, PaymentCaptured, Port
from tests.harness import Running
from tests.outside.parties import SECRET
from tests.services.payments.provider import FEE, Psp, eventually, open_fee, paying, state_of


def signed(body: str, at: int | None = None, secret: str = SECRET) -> str:
    moment = int(time.time()) if at is None else at
    return (
        f"t={moment},v1={hmac.new(secret.encode(), f'{moment}.{body}'.encode(), hashlib.sha256).hexdigest()}"
    )


def event(intent: Intent, status: str, number: int = 1, **data: Any) -> str:
    taken = intent.amount.minor if status == "captured" else 0
    standing = {
        "id": intent.psp_id,
        "status": status,
        "amount": intent.amount.minor,
        "amount_captured": taken,
        "amount_refunded": 0,
        "currency": intent.amount.currency,
        "reference": intent.id,
        "hosted_url": intent.hosted_url,
        "failure_code": None,
    }
    return json.dumps(
        {"id": f"evt_{status}_{number}", "type": f"intent.{status}", "created": 1, "data": standing | data}
    )


async def traces(house: Running) -> list[Any]:
    query = "SELECT id FROM payments.events UNION ALL SELECT id FROM payments.outbox ORDER BY 1"
    return await house.rows("payments", query)


async def test_the_same_event_counts_once(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        body = event(await open_fee(payments), "authorised")
        assert await payments.receive(body=body, signature=signed(body)) is True
        assert await payments.receive(body=body, signature=signed(body)) is False
        assert len(await house.facts(PaymentAuthorised)) == 1


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["requires_action", "authorised", "captured", "authorised"]))
)
async def test_in_any_order_the_end_is_the_same(psp: Psp, order: Sequence[str]) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        for number, status in enumerate(order):
            body = event(intent, status, number)
            assert await payments.receive(body=body, signature=signed(body))
        found = await payments.intent_of_run(run="run_1")
        assert found is not None
        assert (found.state, found.captured) == ("captured", FEE)
        assert [fact.amount for fact in await house.facts(PaymentCaptured)] == [FEE]


@pytest.mark.parametrize("first", ["voided", "failed", "expired"])
async def test_what_has_ended_stays_ended(psp: Psp, first: str) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        for status in (first, "authorised", "requires_action"):
            body = event(intent, status)
            await payments.receive(body=body, signature=signed(body))
        assert await state_of(payments) == first
        assert await house.facts(PaymentAuthorised) == []


@pytest.mark.parametrize(
    "change", [{"amount": 1}, {"currency": "EUR"}, {"id": "pi_another"}, {"reference": "pay_unknown"}]
)
async def test_an_event_about_another_payment_moves_nothing(psp: Psp, change: dict[str, Any]) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        body = event(await open_fee(payments), "authorised", **change)
        assert await payments.receive(body=body, signature=signed(body)) is True
        assert await state_of(payments) == "requires_method"
        assert await house.facts(PaymentAuthorised) == []


def forgeries(body: str) -> list[tuple[str, str]]:
    now = int(time.time())
    return [
        (body, signed(body, secret="another")),
        (body.replace("980000", "1"), signed(body)),
        (body, signed(body, at=now - 400)),
        (body, signed(body, at=now + 400)),
        (body, ""),
        (body, "t=,v1="),
        (body, "t=²,v1=00"),
        (body, f"t={'9' * 5_000},v1=00"),
        (body, f"t={now},v1=é"),
        (body, f"v1={signed(body).partition('v1=')[2]}"),
    ]


async def test_forged_events_are_refused_and_leave_no_trace(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        body = event(await open_fee(payments), "authorised")
        for altered, signature in forgeries(body):
            with pytest.raises(Refusal) as refused:
                await payments.receive(body=altered, signature=signature)
            assert (refused.value.code, refused.value.status) == ("signature_invalid", 403)
            header = [(b"psp-signature", signature.encode())]
            answer = await house.rest.post("/v1/psp/webhooks", content=altered.encode(), headers=header)
            assert (answer.status_code, answer.json()["code"]) == (403, "signature_invalid")
        assert await traces(house) == []
        assert await state_of(payments) == "requires_method"


async def test_signed_nonsense_is_refused(psp: Psp) -> None:
    async with paying(psp) as house:
        for body in ("", "{", "[]", '{"id":"evt_1","type":"x","data":{}}'):
            answer = await house.rest.post(
                "/v1/psp/webhooks", content=body, headers={"psp-signature": signed(body)}
            )
            assert (answer.status_code, answer.json()["code"]) == (400, "event_malformed")
        answer = await house.rest.post("/v1/psp/webhooks", content=b"\xff\xfe")
        assert answer.status_code == 403
        answer = await house.rest.post("/v1/psp/webhooks", content=b"x" * 70_000)
        assert answer.status_code == 413
        assert await traces(house) == []


async def test_without_a_secret_nothing_is_believed(psp: Psp) -> None:
    async with paying(psp, psp_webhook_secret="") as house:
        body = event(await open_fee(house.port(Port)), "authorised")
        answer = await house.rest.post(
            "/v1/psp/webhooks", content=body, headers={"psp-signature": signed(body, secret="")}
        )
        assert answer.status_code == 403


async def test_the_providers_own_forgeries_duplicates_and_delays(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        await psp.fault(webhook={"forge": True, "duplicate": 2, "delay_ms": 100, "reorder": True})
        await psp.pay(intent)
        await payments.refresh(run="run_1")
        await payments.capture(run="run_1")

        async def delivered() -> list[tuple[str, int]]:
            return sorted(
                (sent["kind"].partition(":")[0], sent["status"]) for sent in await psp.deliveries(intent)
            )

        await eventually(delivered, [("duplicate", 200)] * 2 + [("event", 200)] * 2 + [("forged", 403)] * 6)
        assert await state_of(payments) == "captured"
        assert len(await house.facts(PaymentAuthorised)) == 1
        assert await house.facts(PaymentCaptured) == []
        assert len(await house.rows("payments", "SELECT 1 FROM payments.events")) == 2


async def test_webhooks_are_not_rate_limited(psp: Psp) -> None:
    async with paying(psp) as house:
        body = event(await open_fee(house.port(Port)), "requires_action")
        for _ in range(260):
            answer = await house.rest.post(
                "/v1/psp/webhooks", content=body, headers={"psp-signature": signed(body)}
            )
            assert answer.status_code == 200
            assert "ratelimit-limit" not in answer.headers
