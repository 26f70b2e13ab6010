"""Lost answers, crashes between the phases, and calls that race: one effect at the provider, nothing owed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from luxe.kernel.errors import Refusal
from luxe.services.payments.contract import PaymentAuthorised, PaymentCaptured, PaymentVoided, Port
from luxe.services.payments.service import simulator
from luxe.services.payments.store import intents as store
from tests.services.payments.provider import FEE, Psp, eventually, open_fee, paying, state_of, sweep_later

MODES = ["timeout_before", "timeout_after", "error_500"]


class Crash(Exception):
    """Stands for a process that ends here."""


async def refused(call: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


@pytest.mark.parametrize("mode", MODES)
async def test_no_answer_to_opening_is_unknown_and_asked_again(binding: str, psp: Psp, mode: str) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        await psp.fault(api={"operation": "create", "mode": mode, "hold_ms": 20})
        assert await refused(open_fee(payments)) == "deadline_exceeded"
        intent = await open_fee(payments)
        assert intent.hosted_url
        assert await psp.effects(intent.id) == [("create", 980_000)]


@pytest.mark.parametrize("mode", MODES)
async def test_no_answer_to_capturing_captures_once(binding: str, psp: Psp, mode: str) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        await psp.pay(intent)
        await payments.refresh(run="run_1")
        await psp.fault(webhook={"lose": 9}, api={"operation": "capture", "mode": mode, "hold_ms": 20})
        assert await refused(payments.capture(run="run_1")) == "deadline_exceeded"
        assert (await payments.capture(run="run_1")).captured == FEE
        assert (await psp.effects(intent.id))[1:] == [("authorise", 980_000), ("capture", 980_000)]
        assert await house.facts(PaymentCaptured) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("operation", ["void", "refund"])
async def test_no_answer_to_cancelling_is_finished_by_the_sweep(psp: Psp, mode: str, operation: str) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        await psp.pay(intent)
        await payments.refresh(run="run_1")
        if operation == "refund":
            await payments.capture(run="run_1")
        await psp.fault(webhook={"lose": 9}, api={"operation": operation, "mode": mode, "hold_ms": 20})
        assert await refused(payments.cancel(run="run_1")) == "deadline_exceeded"
        await sweep_later(house, timedelta(minutes=1))
        effects = await psp.effects(intent.id)
        assert effects[-1] == (operation, 980_000)
        assert len(effects) == (4 if operation == "refund" else 3)


async def test_a_provider_that_hangs_is_not_waited_for(psp: Psp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "SECONDS", 0.2)
    async with paying(psp) as house:
        await psp.fault(api={"operation": "create", "mode": "timeout_after", "hold_ms": 3_000})
        assert await refused(open_fee(house.port(Port))) == "deadline_exceeded"
        intent = await open_fee(house.port(Port))
        assert await psp.effects(intent.id) == [("create", 980_000)]


async def test_a_provider_that_is_gone_is_unavailable(psp: Psp) -> None:
    async with paying(psp, psp_url="http://127.0.0.1:9/psp") as house:
        assert await refused(open_fee(house.port(Port))) == "unavailable"


@pytest.mark.parametrize("operation", ["create", "capture", "void", "refund"])
@pytest.mark.parametrize("after", [False, True])
async def test_a_crash_between_the_phases_leaves_one_effect(
    psp: Psp, monkeypatch: pytest.MonkeyPatch, operation: str, after: bool
) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        await psp.fault(webhook={"lose": 9})
        if operation != "create":
            await psp.pay(await open_fee(payments))
            await payments.refresh(run="run_1")
        if operation == "refund":
            await payments.capture(run="run_1")
        call = {"create": open_fee, "capture": lambda port: port.capture(run="run_1")}.get(
            operation, lambda port: port.cancel(run="run_1")
        )

        async def crash(*_: Any, **__: Any) -> Any:
            raise Crash

        with monkeypatch.context() as patched:
            if after:
                patched.setattr(store, "record", crash)
            else:
                patched.setattr(house.service("payments").providers.named("simulator"), operation, crash)
            with pytest.raises(Crash):
                await call(payments)
        await call(payments)
        intent = await payments.intent_of_run(run="run_1")
        assert intent is not None
        effects = [effect for effect, _ in await psp.effects(intent.id)]
        assert effects.count(operation) == 1
        assert len(effects) == len(set(effects))


async def test_opening_at_once_from_many_sides_is_one_intent(psp: Psp) -> None:
    async with paying(psp) as house:
        opened = await asyncio.gather(*(open_fee(house.port(Port)) for _ in range(8)))
        assert len(set(opened)) == 1
        assert await psp.effects(opened[0].id) == [("create", 980_000)]


async def test_capturing_at_once_from_many_sides_captures_once(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        await psp.pay(intent)
        captured = await asyncio.gather(*(payments.capture(run="run_1") for _ in range(8)))
        assert {found.state for found in captured} == {"captured"}
        assert (await psp.effects(intent.id)).count(("capture", 980_000)) == 1
        assert await house.facts(PaymentCaptured) == []


async def test_capture_against_cancel_never_leaves_money_taken(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        runs = [f"run_{number}" for number in range(6)]
        for run in runs:
            await psp.pay(await open_fee(payments, run))
            await payments.refresh(run=run)
        both = [call(run=run) for run in runs for call in (payments.capture, payments.cancel)]
        outcomes = await asyncio.gather(*both, return_exceptions=True)
        assert {getattr(outcome, "code", "done") for outcome in outcomes} <= {"done", "intent_state"}
        for run in runs:
            intent = await payments.intent_of_run(run=run)
            assert intent is not None
            ends = [effect for effect, _ in await psp.effects(intent.id)][2:]
            assert ends in (["void"], ["capture", "refund"])
            assert intent.captured == intent.refunded


async def test_an_authorisation_that_nobody_wants_any_more_is_voided(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        await psp.fault(api={"operation": "void", "mode": "timeout_before", "hold_ms": 20})
        assert await refused(payments.cancel(run="run_1")) == "deadline_exceeded"
        await psp.pay(intent)
        await eventually(lambda: state_of(payments), "authorised")
        await house.run_jobs("payments")
        assert await psp.effects(intent.id) == [
            ("create", 980_000),
            ("authorise", 980_000),
            ("void", 980_000),
        ]
        assert await state_of(payments) == "voided"
        assert await house.facts(PaymentAuthorised) == []
        assert [fact.run for fact in await house.facts(PaymentVoided)] == ["run_1"]


async def test_cancelling_what_was_half_opened_closes_it_for_good(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        await psp.fault(api={"operation": "create", "mode": "timeout_before", "hold_ms": 20})
        assert await refused(open_fee(payments)) == "deadline_exceeded"
        await payments.cancel(run="run_1")
        intent = await open_fee(payments)
        assert intent.state == "voided"
        assert await psp.effects(intent.id) == [("create", 980_000), ("void", 980_000)]


async def test_the_sweep_hears_what_lost_webhooks_said(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        intent = await open_fee(payments)
        await psp.fault(webhook={"lose": 1})
        await psp.pay(intent)
        await house.run_jobs("payments")
        assert await state_of(payments) == "requires_method"
        await sweep_later(house, timedelta(minutes=3))
        assert await state_of(payments) == "authorised"
        assert [fact.run for fact in await house.facts(PaymentAuthorised)] == ["run_1"]


async def test_an_intent_that_never_reached_the_provider_expires(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        await psp.fault(api={"operation": "create", "mode": "timeout_before", "hold_ms": 20})
        assert await refused(open_fee(payments)) == "deadline_exceeded"
        await sweep_later(house, timedelta(minutes=5))
        assert await state_of(payments) == "requires_method"
        await sweep_later(house, timedelta(hours=2))
        assert await state_of(payments) == "expired"


async def test_a_silent_provider_does_not_stop_the_sweep_for_good(psp: Psp) -> None:
    async with paying(psp) as house:
        payments = house.port(Port)
        await psp.pay(await open_fee(payments))
        await psp.fault(api={"operation": "get", "mode": "error_500", "count": 1})
        await sweep_later(house, timedelta(minutes=3))
        await sweep_later(house, timedelta(minutes=6))
        assert await state_of(payments) == "authorised"
