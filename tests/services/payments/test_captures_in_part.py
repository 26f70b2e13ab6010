"""Captures in part, for what leaves in several parcels; and what a payer's bank contests afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.payments.contract import (
    Intent,
    PaymentCaptured,
    PaymentDisputed,
    PaymentRefunded,
    Port,
)
from tests.services.payments.provider import (
    Psp,
    captured_fee,
    eventually,
    open_fee,
    paying,
    state_of,
    sweep_later,
)

MODES = ["timeout_before", "timeout_after", "error_500"]
LOST = {"lose": 9}


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


async def refused(call: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


def take(payments: Port, key: str, minor: int) -> Any:
    return payments.capture(run="run_1", amount=yuan(minor), key=key)


async def authorised(payments: Port, psp: Psp) -> Intent:
    intent = await open_fee(payments)
    await psp.pay(intent)
    return await payments.refresh(run="run_1")


async def test_parcels_are_captured_one_by_one(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await authorised(payments, psp)
        first = await take(payments, "parcel 1", 300_000)
        assert (first.state, first.captured) == ("authorised", yuan(300_000))
        assert await take(payments, "parcel 1", 300_000) == first
        assert await refused(take(payments, "parcel 1", 1)) == "capture_reused"
        assert await refused(take(payments, "parcel 2", 680_001)) == "capture_too_much"
        last = await payments.capture(run="run_1")
        assert (last.state, last.captured) == ("captured", yuan(980_000))
        assert await refused(take(payments, "parcel 3", 1)) == "intent_state"
        assert (await psp.effects(intent.id))[2:] == [("capture", 300_000), ("capture", 680_000)]
        assert await house.facts(PaymentCaptured) == [], "whoever asked has the answer"


async def test_the_last_part_ends_the_authorisation(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        await authorised(payments, psp)
        await take(payments, "parcel 1", 300_000)
        assert (await take(payments, "parcel 2", 680_000)).state == "captured"
        assert await house.facts(PaymentCaptured) == []
        back = await payments.refund(run="run_1", key="all", amount=yuan(980_000), reason="")
        assert back.state == "succeeded"


async def test_parts_at_once_stop_at_what_was_authorised(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await authorised(payments, psp)
        calls = [take(payments, f"parcel {number}", 300_000) for number in range(8)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        codes = sorted(getattr(outcome, "code", "done") for outcome in outcomes)
        assert codes == ["capture_too_much"] * 5 + ["done"] * 3
        assert (await psp.effects(intent.id))[2:] == [("capture", 300_000)] * 3


@pytest.mark.parametrize("mode", MODES)
async def test_no_answer_to_a_part_captures_it_once(psp: Psp, mode: str) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await authorised(payments, psp)
        await psp.fault(webhook=LOST, api={"operation": "capture", "mode": mode, "hold_ms": 20})
        assert await refused(take(payments, "parcel 1", 300_000)) == "deadline_exceeded"
        await sweep_later(house)
        assert (await take(payments, "parcel 1", 300_000)).captured == yuan(300_000)
        assert (await psp.effects(intent.id))[2:] == [("capture", 300_000)]


async def test_cancel_after_a_part_lets_go_of_the_rest_and_gives_back_the_part(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await authorised(payments, psp)
        await take(payments, "parcel 1", 300_000)
        await payments.cancel(run="run_1")
        assert (await psp.effects(intent.id))[2:] == [
            ("capture", 300_000),
            ("void", 680_000),
            ("refund", 300_000),
        ]
        found = await payments.intent_of_run(run="run_1")
        assert found is not None
        assert (found.state, found.captured, found.refunded) == ("captured", yuan(300_000), yuan(300_000))


async def test_nothing_is_captured_in_part_that_nobody_paid(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        assert await refused(take(payments, "parcel 1", 1)) == "intent_state"
        assert await refused(take(payments, "", 1)) == "key_invalid"
        assert await refused(take(payments, "parcel 1", -1)) == "amount_invalid"
        assert await psp.effects(intent.id) == [("create", 980_000)]
        assert await house.rows("payments", "SELECT 1 FROM payments.movements") == []


async def test_a_dispute_is_heard_and_won(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        dispute = await psp.dispute(intent, amount=500_000, reason="fraudulent")
        await eventually(lambda: state_of(payments), "disputed")
        assert await payments.capture(run="run_1") == await payments.intent_of_run(run="run_1")
        back = payments.refund(run="run_1", key="strap", amount=yuan(1), reason="")
        assert await refused(back) == "intent_state"
        (case,) = (await payments.cases(state="open")).items
        assert (case.kind, case.reference, case.theirs) == ("disputed", dispute, yuan(500_000))
        assert (case.intent_id, case.ours) == (intent.id, yuan(980_000))
        await psp.close_dispute(dispute, won=True)
        await eventually(lambda: state_of(payments), "captured")
        said = [(fact.outcome, fact.amount) for fact in await house.facts(PaymentDisputed)]
        assert said == [("opened", yuan(500_000)), ("won", yuan(500_000))]
        assert await house.facts(PaymentCaptured) == []


async def test_a_dispute_is_the_same_in_whatever_order_it_is_heard(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        await psp.fault(webhook={"delay_ms": 50, "reorder": True, "duplicate": 9})
        dispute = await psp.dispute(intent)
        await psp.close_dispute(dispute, won=True)

        async def outcomes() -> list[str]:
            return [fact.outcome for fact in await house.facts(PaymentDisputed)]

        async def delivered() -> int:
            return sum(sent["type"].startswith("dispute.") for sent in await psp.deliveries(intent))

        await eventually(delivered, 4)
        assert await outcomes() == ["opened", "won"]
        assert await state_of(payments) == "captured"
        assert len((await payments.cases()).items) == 1


async def test_a_lost_dispute_stays_and_a_cancel_waits_for_it(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        dispute = await psp.dispute(intent)
        await eventually(lambda: state_of(payments), "disputed")
        await payments.cancel(run="run_1")
        assert (await psp.effects(intent.id))[-1] == ("dispute", 980_000)
        await psp.close_dispute(dispute, won=False)

        async def outcomes() -> list[str]:
            return [fact.outcome for fact in await house.facts(PaymentDisputed)]

        await eventually(outcomes, ["opened", "lost"])
        assert await state_of(payments) == "disputed"
        assert await house.facts(PaymentRefunded) == []


async def test_a_cancel_during_a_dispute_is_made_good_when_it_is_won(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        dispute = await psp.dispute(intent)
        await eventually(lambda: state_of(payments), "disputed")
        await payments.cancel(run="run_1")
        await psp.close_dispute(dispute, won=True)
        await eventually(lambda: state_of(payments), "captured")
        await sweep_later(house)
        assert (await psp.effects(intent.id))[-2:] == [("dispute_won", 980_000), ("refund", 980_000)]
