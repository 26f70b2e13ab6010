"""The port of payments against the real provider, bound both ways."""

from __future__ import annotations

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.payments.contract import (
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    Port,
)
from tests.services.payments.provider import (
    CHALLENGED,
    FEE,
    POOR,
    Psp,
    eventually,
    open_fee,
    paying,
    state_of,
)


async def test_an_intent_is_opened_once_for_a_run(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        again = await open_fee(payments)
        assert again == intent
        assert (intent.state, intent.amount, intent.captured) == ("requires_method", FEE, Money(0, "CNY"))
        assert intent.hosted_url.endswith(f"/psp/pay/{intent.psp_id}")
        assert await psp.effects(intent.id) == [("create", 980_000)]
        with pytest.raises(Refusal) as refused:
            await open_fee(payments, amount=Money(1, "CNY"))
        assert refused.value.code == "run_reused"
        assert await payments.intents(account_id="acc_david") == [intent]


async def test_from_authorised_by_webhook_to_captured(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        await psp.pay(intent)
        await eventually(lambda: state_of(payments), "authorised")
        assert [fact.run for fact in await house.facts(PaymentAuthorised)] == ["run_1"]
        captured = await payments.capture(run="run_1")
        assert (captured.state, captured.captured, captured.method) == ("captured", FEE, "visa 4242")
        assert await payments.capture(run="run_1") == captured
        assert await psp.effects(intent.id) == [
            ("create", 980_000),
            ("authorise", 980_000),
            ("capture", 980_000),
        ]
        assert await house.facts(PaymentCaptured) == [], "whoever asked has the answer"


async def test_capturing_what_nobody_paid_is_refused_and_changes_nothing(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        with pytest.raises(Refusal) as refused:
            await payments.capture(run="run_1")
        assert refused.value.code == "intent_state"
        with pytest.raises(Refusal) as unknown:
            await payments.capture(run="run_none")
        assert unknown.value.code == "intent_unknown"
        assert await payments.intent_of_run(run="run_1") == intent
        assert await psp.effects(intent.id) == [("create", 980_000)]
        rows = await house.rows("payments", "SELECT wish FROM payments.intents")
        assert [row.wish for row in rows] == [""]


async def test_a_decline_is_told_with_its_reason(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        await psp.pay(await open_fee(payments), POOR)
        await eventually(lambda: state_of(payments), "failed")
        assert [fact.failure for fact in await house.facts(PaymentFailed)] == ["insufficient_funds"]


async def test_turning_back_and_running_out_are_failures_too(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        await psp.turn_back(await open_fee(payments))
        await psp.expire(await open_fee(payments, "run_2"))
        await eventually(lambda: state_of(payments), "voided")
        await eventually(lambda: state_of(payments, "run_2"), "expired")
        said = {fact.run: fact.failure for fact in await house.facts(PaymentFailed)}
        assert said == {"run_1": "cancelled_by_payer", "run_2": "expired"}
        assert await house.facts(PaymentVoided) == []


async def test_refresh_asks_when_no_webhook_came(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        await psp.fault(webhook={"lose": 9})
        await psp.pay(intent, CHALLENGED)
        assert (await payments.refresh(run="run_1")).state == "requires_action"
        with pytest.raises(Refusal) as refused:
            await payments.refresh(run="run_none")
        assert refused.value.code == "intent_unknown"


async def test_cancel_leaves_nothing_owed(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        unpaid = await open_fee(payments, "run_unpaid")
        authorised = await open_fee(payments, "run_authorised")
        captured = await open_fee(payments, "run_captured")
        for intent in (authorised, captured):
            await psp.pay(intent)
            await payments.refresh(run=intent.run)
        await payments.capture(run="run_captured")
        for run in ("run_unpaid", "run_authorised", "run_captured", "run_none"):
            await payments.cancel(run=run)
            await payments.cancel(run=run)
        assert await psp.effects(unpaid.id) == [("create", 980_000), ("void", 980_000)]
        assert await psp.effects(authorised.id) == [
            ("create", 980_000),
            ("authorise", 980_000),
            ("void", 980_000),
        ]
        assert (await psp.effects(captured.id))[-2:] == [("capture", 980_000), ("refund", 980_000)]
        back = await payments.intent_of_run(run="run_captured")
        assert back is not None
        assert (back.state, back.refunded) == ("captured", FEE)
        assert sorted(fact.run for fact in await house.facts(PaymentVoided)) == [
            "run_authorised",
            "run_unpaid",
        ]
        assert [fact.amount for fact in await house.facts(PaymentRefunded)] == [FEE]
        with pytest.raises(Refusal) as refused:
            await payments.capture(run="run_authorised")
        assert refused.value.code == "intent_state"


@pytest.mark.parametrize(
    "amount", [Money(1, "JPY"), Money(123_456, "JPY"), Money(1, "EUR"), Money(10**12, "USD")]
)
async def test_amounts_are_exact_in_each_currency(psp: Psp, amount: Money) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await open_fee(payments, amount=amount)
        await psp.pay(intent)
        captured = await payments.capture(run="run_1")
        assert (captured.amount, captured.captured) == (amount, amount)
        assert (await psp.effects(intent.id))[-1] == ("capture", amount.minor)


async def test_what_the_provider_refuses_has_failed(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        for _ in range(2):
            with pytest.raises(Refusal) as refused:
                await open_fee(payments, amount=Money(10**12 + 1, "CNY"))
            assert (refused.value.code, refused.value.extra) == (
                "psp_refused",
                {"failure": "invalid_request"},
            )
        assert await state_of(payments) == "failed"
        await payments.cancel(run="run_1")


@pytest.mark.parametrize(
    ("amount", "path", "code"), [(0, "/back", "amount_invalid"), (5, "//evil", "return_path_invalid")]
)
async def test_nonsense_is_refused_before_anything_is_stored(
    psp: Psp, amount: int, path: str, code: str
) -> None:
    async with paying(psp) as house:
        with pytest.raises(Refusal) as refused:
            await house.port(Port).open(
                run="run_1",
                account_id="acc_david",
                purpose="join",
                amount=Money(amount, "CNY"),
                description="",
                return_path=path,
                locale="en",
            )
        assert refused.value.code == code
        assert await house.rows("payments", "SELECT 1 FROM payments.intents") == []


async def test_every_change_is_a_row_with_its_actor(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        await psp.pay(await open_fee(payments))
        await eventually(lambda: state_of(payments), "authorised")
        await psp.fault(webhook={"lose": 9})
        await payments.capture(run="run_1")
        rows = await house.rows(
            "payments", "SELECT was, state, source, actor, captured FROM payments.history ORDER BY seq"
        )
        assert [tuple(row) for row in rows] == [
            ("requires_method", "requires_method", "call", "system", 0),
            ("requires_method", "authorised", "webhook", "psp", 0),
            ("authorised", "captured", "call", "system", 980_000),
        ]


async def test_a_member_reads_own_payments_page_by_page(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        opened = [await open_fee(payments, f"run_{number}") for number in range(3)]
        mine = house.sign_in_as("member", subject="acc_david")
        first = (await house.rest.get("/v1/payments", params={"limit": 2}, headers=mine)).json()
        rest = (await house.rest.get("/v1/payments", params={"cursor": first["next"]}, headers=mine)).json()
        assert [item["id"] for item in first["items"] + rest["items"]] == [
            intent.id for intent in reversed(opened)
        ]
        assert rest["next"] is None
        assert first["items"][0]["amount"] == {"minor": 980_000, "currency": "CNY"}
        assert not {"run", "psp_id", "hosted_url", "account_id"} & set(first["items"][0])
        other = house.sign_in_as("member", subject="acc_kevin")
        assert (await house.rest.get("/v1/payments", headers=other)).json()["items"] == []
        assert (await house.rest.get("/v1/payments")).status_code == 401
        assert (
            await house.rest.get("/v1/payments", headers=house.sign_in_as("applicant"))
        ).status_code == 403
        wrong = await house.rest.get("/v1/payments", params={"cursor": "x"}, headers=mine)
        assert (wrong.status_code, wrong.json()["code"]) == (400, "cursor_invalid")
