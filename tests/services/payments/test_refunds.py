"""Refunds: in parts, once for each key, never more than was captured, whatever is lost on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent, PaymentRefunded, Port
from luxe.services.payments.store import intents
from tests.harness import Running
from tests.services.payments.provider import Psp, captured_fee, eventually, open_fee, paying, sweep_later

MODES = ["timeout_before", "timeout_after", "error_500"]
LOST = {"lose": 9}


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


async def refused(call: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


def give_back(payments: Port, key: str, minor: int, run: str = "run_1") -> Any:
    return payments.refund(run=run, key=key, amount=yuan(minor), reason="a strap was missing")


async def books(house: Running) -> tuple[int, int, int]:
    """Captured, refunded, and the sum of the refunds that succeeded."""
    query = """
        SELECT captured, refunded, (SELECT coalesce(sum(amount), 0) FROM payments.movements
            WHERE intent_id = intents.id AND kind = 'refund' AND state = 'succeeded') AS parts
        FROM payments.intents"""
    (row,) = await house.rows("payments", query)
    return row.captured, row.refunded, int(row.parts)


async def test_parts_of_a_capture_go_back_each_once(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        first = await give_back(payments, "strap", 80_001)
        assert (first.state, first.amount, first.key, first.run) == (
            "succeeded",
            yuan(80_001),
            "strap",
            "run_1",
        )
        assert first.psp_id.startswith("re_")
        second = await give_back(payments, "box", 99_999)
        assert await give_back(payments, "strap", 80_001) == first
        assert await payments.refunds(run="run_1") == [first, second]
        assert (await psp.effects(intent.id))[3:] == [("refund", 80_001), ("refund", 99_999)]
        assert await books(house) == (980_000, 180_000, 180_000)
        said = [(fact.key, fact.amount) for fact in await house.facts(PaymentRefunded)]
        assert said == [("strap", yuan(80_001)), ("box", yuan(99_999))]


async def test_what_is_refused_changes_nothing(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        await give_back(payments, "strap", 900_000)
        uncaptured = await open_fee(payments, "run_2")
        assert await refused(give_back(payments, "strap", 899_999)) == "refund_reused"
        assert await refused(give_back(payments, "more", 80_001)) == "refund_too_much"
        assert await refused(give_back(payments, "none", 0)) == "amount_invalid"
        assert await refused(give_back(payments, "", 1)) == "key_invalid"
        assert await refused(give_back(payments, "psp:re_1", 1)) == "key_invalid"
        assert await refused(give_back(payments, "strap", 1, "run_none")) == "intent_unknown"
        assert await refused(give_back(payments, "strap", 1, "run_2")) == "intent_state"
        other = payments.refund(run="run_1", key="euro", amount=Money(1, "EUR"), reason="")
        assert await refused(other) == "refund_too_much"
        assert (await psp.effects(intent.id))[3:] == [("refund", 900_000)]
        assert await psp.effects(uncaptured.id) == [("create", 980_000)]
        assert len(await payments.refunds(run="run_1")) == 1
        assert await payments.refunds(run="run_2") == []


async def test_refunds_at_once_stop_at_the_capture(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        calls = [give_back(payments, f"part {number}", 300_000) for number in range(10)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        codes = sorted(getattr(outcome, "code", "done") for outcome in outcomes)
        assert codes == ["done"] * 3 + ["refund_too_much"] * 7
        assert (await psp.effects(intent.id))[3:] == [("refund", 300_000)] * 3
        assert await books(house) == (980_000, 900_000, 900_000)


async def test_the_same_refund_from_many_sides_is_one(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        given = await asyncio.gather(*(give_back(payments, "strap", 100_000) for _ in range(8)))
        assert len(set(given)) == 1
        assert (await psp.effects(intent.id))[3:] == [("refund", 100_000)]
        assert len(await house.facts(PaymentRefunded)) == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("finisher", ["call", "sweep"])
async def test_no_answer_to_a_refund_gives_back_once(psp: Psp, mode: str, finisher: str) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        await psp.fault(webhook=LOST, api={"operation": "refund", "mode": mode, "hold_ms": 20})
        assert await refused(give_back(payments, "strap", 600_000)) == "deadline_exceeded"
        assert [each.state for each in await payments.refunds(run="run_1")] == ["pending"]
        assert await refused(give_back(payments, "more", 400_000)) == "refund_too_much", "pending counts"
        if finisher == "sweep":
            await sweep_later(house)
        else:
            assert (await give_back(payments, "strap", 600_000)).state == "succeeded"
        assert [each.state for each in await payments.refunds(run="run_1")] == ["succeeded"]
        assert (await psp.effects(intent.id))[3:] == [("refund", 600_000)]
        assert [fact.key for fact in await house.facts(PaymentRefunded)] == ["strap"]


@pytest.mark.parametrize("after", [False, True])
async def test_a_crash_inside_a_refund_gives_back_once(
    psp: Psp, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    class Crash(Exception):
        pass

    async def crash(*_: Any, **__: Any) -> Any:
        raise Crash

    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        await psp.fault(webhook=LOST)
        with monkeypatch.context() as patched:
            if after:
                patched.setattr(intents, "record", crash)
            else:
                patched.setattr(house.service("payments").providers.named("simulator"), "refund", crash)
            with pytest.raises(Crash):
                await give_back(payments, "strap", 600_000)
        await sweep_later(house)
        assert (await give_back(payments, "strap", 600_000)).state == "succeeded"
        assert (await psp.effects(intent.id))[3:] == [("refund", 600_000)]
        assert await books(house) == (980_000, 600_000, 600_000)


async def test_what_the_provider_refuses_has_failed_for_good(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        await psp.fault(webhook=LOST)
        await psp.refund(intent, 900_000, "made by hand")
        failed = await give_back(payments, "strap", 100_000)
        assert (failed.state, failed.failure) == ("failed", "refund_exceeds_captured")
        assert await give_back(payments, "strap", 100_000) == failed
        assert (await give_back(payments, "smaller", 80_000)).state == "succeeded"
        assert [each.key.partition(":")[0] for each in await payments.refunds(run="run_1")] == [
            "strap",
            "psp",
            "smaller",
        ]
        assert await books(house) == (980_000, 980_000, 980_000)
        assert (await psp.effects(intent.id))[3:] == [("refund", 900_000), ("refund", 80_000)]


async def test_refunds_are_heard_doubled_out_of_order_and_from_others(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        await psp.fault(webhook={"duplicate": 9, "delay_ms": 50, "reorder": True})
        await psp.refund(intent, 100, "at the provider's desk")
        await give_back(payments, "strap", 200)
        await psp.refund(intent, 300, "another")

        async def told() -> int:
            return (await books(house))[1]

        await eventually(told, 600)
        assert await books(house) == (980_000, 600, 600)

        async def delivered() -> int:
            kinds = [sent["type"] for sent in await psp.deliveries(intent) if sent["status"] == 200]
            return kinds.count("refund.succeeded")

        await eventually(delivered, 6)
        assert await books(house) == (980_000, 600, 600)
        said = sorted(fact.amount.minor for fact in await house.facts(PaymentRefunded))
        assert said == [100, 200, 300]


async def test_a_webhook_before_our_own_answer_counts_once(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        await psp.fault(api={"operation": "refund", "mode": "timeout_after", "hold_ms": 400})
        assert await refused(give_back(payments, "strap", 500_000)) == "deadline_exceeded"

        async def state() -> list[str]:
            return [each.state for each in await payments.refunds(run="run_1")]

        await eventually(state, ["succeeded"])
        assert (await give_back(payments, "strap", 500_000)).state == "succeeded"
        assert await books(house) == (980_000, 500_000, 500_000)
        assert [fact.key for fact in await house.facts(PaymentRefunded)] == ["strap"]
        assert (await psp.effects(intent.id))[3:] == [("refund", 500_000)]


async def test_cancel_gives_back_what_is_left(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await captured_fee(payments, psp)
        await give_back(payments, "strap", 80_000)
        await psp.fault(webhook=LOST, api={"operation": "refund", "mode": "timeout_before", "hold_ms": 20})
        assert await refused(give_back(payments, "box", 100_000)) == "deadline_exceeded"
        await payments.cancel(run="run_1")
        await payments.cancel(run="run_1")
        assert (await psp.effects(intent.id))[3:] == [
            ("refund", 80_000),
            ("refund", 100_000),
            ("refund", 800_000),
        ]
        assert await books(house) == (980_000, 980_000, 980_000)


async def test_every_step_of_a_refund_is_a_row_with_its_actor(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        await captured_fee(payments, psp)
        await psp.fault(webhook=LOST)
        await give_back(payments, "strap", 80_000)
        rows = await house.rows(
            "payments", "SELECT state, source, actor FROM payments.movement_history ORDER BY seq"
        )
        assert [tuple(row) for row in rows] == [
            ("pending", "call", "system"),
            ("succeeded", "call", "system"),
        ]
        last = await house.rows(
            "payments",
            "SELECT was, state, captured, refunded FROM payments.history ORDER BY seq DESC LIMIT 1",
        )
        assert [tuple(row) for row in last] == [("captured", "captured", 980_000, 80_000)]


async def test_success_after_an_end_goes_back_by_itself(psp: Psp) -> None:
    """A wallet that pays after the intent has run out: the money was taken, and nobody waits for it any more."""
    async with paying(psp) as house:
        payments = house.port(Port)
        intent: Intent = await open_fee(payments)
        await psp.pay(intent)
        await payments.refresh(run="run_1")
        async with house.database("payments").transaction() as tx:
            table = house.database("payments").metadata.tables["payments.intents"]
            await tx.execute(table.update().values(state="expired"))
        await psp.fault(webhook=LOST)
        await psp.capture(intent)
        assert (await payments.refresh(run="run_1")).state == "captured"
        await sweep_later(house)
        assert (await psp.effects(intent.id))[2:] == [("capture", 980_000), ("refund", 980_000)]
        assert await books(house) == (980_000, 980_000, 980_000)
        assert [fact.amount for fact in await house.facts(PaymentRefunded)] == [yuan(980_000)]
