"""Bank transfers: what comes in pays when it is enough; too little, too much and too late are cases for a person."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent, PaymentAuthorised, PaymentCaptured, PaymentRefunded, Port
from luxe.services.payments.service.bank_transfer import reference_of
from tests.harness import Running
from tests.services.payments.provider import Psp, paying, state_of, sweep_later

BANK = {
    "holder": "LUXE SARL",
    "account": "FR76 3000 6000 0112 3456 7890 189",
    "bank": "AGRIFRPP",
    "currencies": "EUR",
}
PRICE = Money(1_280_000, "EUR")


@asynccontextmanager
async def banking(psp: Psp, binding: str = "local") -> AsyncIterator[Running]:
    async with paying(psp, binding, payment_providers=json.dumps({"bank_transfer": BANK})) as house:
        yield house


async def opened(house: Running, run: str = "run_1") -> Intent:
    return await house.port(Port).open(
        run=run, account_id="acc_david", purpose="checkout", amount=PRICE, description="A watch",
        return_path="/back", locale="fr", method="bank_transfer", country="FR",
    )  # fmt: skip


async def came(house: Running, intent: Intent, minor: int, entry: str = "e_1") -> None:
    """Entered by a person, and matched."""
    payments = house.port(Port)
    transfer = await payments.enter_transfer(
        entry=entry, amount=Money(minor, "EUR"), text="", received_on=today()
    )
    await payments.match_transfer(transfer_id=transfer.id, intent_id=intent.id)


def today() -> date:
    return clock.now().date()


async def kinds(house: Running) -> list[tuple[str, int | None, int | None]]:
    rows = await house.rows("payments", "SELECT kind, ours, theirs FROM payments.cases ORDER BY opened_at")
    return [tuple(row) for row in rows]


async def test_the_payer_is_told_and_the_transfer_is_found_by_its_reference(binding: str, psp: Psp) -> None:
    async with banking(psp, binding) as house:
        payments = house.port(Port)
        found = await payments.methods(country="FR", currency="EUR")
        assert [(each.id, each.kind) for each in found if each.provider == "bank_transfer"] == [
            ("bank_transfer", "manual")
        ]
        assert "bank_transfer" not in [
            each.id for each in await payments.methods(country="US", currency="USD")
        ]
        intent = await opened(house)
        assert intent.hosted_url == f"{house.settings.public_url}/pay/transfer/run_1"
        assert intent.pay_by == intent.created_at + timedelta(days=2)
        advice = await payments.transfer_advice(run="run_1", account_id="acc_david")
        assert (advice.account, advice.reference, advice.amount, advice.received) == (
            BANK["account"], reference_of(intent.id), PRICE, Money.zero("EUR"),
        )  # fmt: skip
        with pytest.raises(Refusal) as refused:
            await payments.transfer_advice(run="run_1", account_id="acc_kevin")
        assert refused.value.code == "intent_unknown"
        written = f"Invoice {advice.reference.replace(' ', '').lower()}/david"
        transfer = await payments.enter_transfer(entry="e_1", amount=PRICE, text=written, received_on=today())
        assert (transfer.state, transfer.suggested) == ("open", intent.id)
        assert await payments.transfers(state="open") == [transfer]


async def test_enough_pays_and_nothing_moves_twice(binding: str, psp: Psp) -> None:
    async with banking(psp, binding) as house:
        payments, intent = house.port(Port), await opened(house)
        transfer = await payments.enter_transfer(entry="e_1", amount=PRICE, text="", received_on=today())
        again = await payments.enter_transfer(entry="e_1", amount=PRICE, text="", received_on=today())
        assert again.id == transfer.id
        for _ in range(2):
            await payments.match_transfer(transfer_id=transfer.id, intent_id=intent.id)
        paid = await payments.refresh(run="run_1")
        assert (paid.state, paid.method, paid.captured.minor) == ("authorised", "bank_transfer", 0)
        assert len(await house.facts(PaymentAuthorised)) == 1
        assert (await payments.capture(run="run_1")).captured == PRICE
        assert await house.facts(PaymentCaptured) == []
        assert await kinds(house) == []
        await payments.reconcile(day=today())
        assert await kinds(house) == [], "a bank has no statement of ours to differ from"


async def test_too_little_waits_for_the_rest(psp: Psp) -> None:
    async with banking(psp) as house:
        intent = await opened(house)
        await came(house, intent, 1_000_000, "e_1")
        assert await state_of(house.port(Port)) == "requires_method"
        await came(house, intent, 280_000, "e_2")
        assert await state_of(house.port(Port)) == "authorised"
        assert await kinds(house) == [("paid_too_little", PRICE.minor, 1_000_000)]


async def test_too_much_pays_and_is_a_case(psp: Psp) -> None:
    async with banking(psp) as house:
        intent = await opened(house)
        await came(house, intent, 1_300_000)
        assert await state_of(house.port(Port)) == "authorised"
        assert (await house.port(Port).capture(run="run_1")).captured == PRICE
        assert await kinds(house) == [("paid_too_much", PRICE.minor, 1_300_000)]


async def test_too_late_is_a_case_and_pays_nothing(psp: Psp) -> None:
    async with banking(psp) as house:
        intent = await opened(house)
        await sweep_later(house, timedelta(days=3))
        assert await state_of(house.port(Port)) == "expired"
        await came(house, intent, PRICE.minor)
        assert await state_of(house.port(Port)) == "expired"
        assert await house.facts(PaymentAuthorised) == []
        assert await kinds(house) == [("paid_late", None, PRICE.minor)]


async def test_what_has_to_go_back_waits_for_a_person_to_send_it(binding: str, psp: Psp) -> None:
    async with banking(psp, binding) as house:
        payments, intent = house.port(Port), await opened(house)
        await came(house, intent, PRICE.minor)
        await payments.cancel(run="run_1")
        await sweep_later(house, timedelta(hours=2))
        (waiting,) = await payments.refunds_to_send()
        assert (waiting.amount, waiting.state) == (PRICE, "pending")
        assert await house.facts(PaymentRefunded) == []
        sent = await payments.sent_back(refund_id=waiting.id, entry="out_1")
        assert (sent.state, sent.psp_id) == ("succeeded", "out_1")
        with pytest.raises(Refusal) as refused:
            await payments.sent_back(refund_id=waiting.id, entry="out_1")
        assert refused.value.code == "refund_unknown"
        found = await payments.intent_of_run(run="run_1")
        assert found is not None
        assert (found.captured, found.refunded) == (PRICE, PRICE)
        assert [each.amount for each in await house.facts(PaymentRefunded)] == [PRICE]
        assert await payments.refunds_to_send() == []


async def test_cancelled_before_anything_came_is_over(psp: Psp) -> None:
    async with banking(psp) as house:
        await opened(house)
        await house.port(Port).cancel(run="run_1")
        assert await state_of(house.port(Port)) == "voided"
        assert await house.port(Port).refunds_to_send() == []


async def test_refused_matches_change_nothing(psp: Psp) -> None:
    async with banking(psp) as house:
        payments, intent = house.port(Port), await opened(house)
        other = await opened(house, "run_2")
        by_card = await payments.open(
            run="run_3", account_id="acc_david", purpose="join", amount=PRICE, description="", return_path="/b",
            locale="en",
        )  # fmt: skip
        transfer = await payments.enter_transfer(entry="e_1", amount=PRICE, text="", received_on=today())
        yen = await payments.enter_transfer(entry="e_2", amount=Money(5, "JPY"), text="", received_on=today())
        for transfer_id, intent_id, code in (
            ("bkt_unknown", intent.id, "transfer_unknown"),
            (transfer.id, "pay_unknown", "intent_unknown"),
            (transfer.id, by_card.id, "not_a_transfer"),
            (yen.id, intent.id, "transfer_currency"),
        ):
            with pytest.raises(Refusal) as refused:
                await payments.match_transfer(transfer_id=transfer_id, intent_id=intent_id)
            assert refused.value.code == code
        await payments.match_transfer(transfer_id=transfer.id, intent_id=intent.id)
        for call, code in (
            (payments.match_transfer(transfer_id=transfer.id, intent_id=other.id), "transfer_matched"),
            (
                payments.enter_transfer(entry="e_1", amount=Money(1, "EUR"), text="", received_on=today()),
                "transfer_reused",
            ),
            (
                payments.enter_transfer(
                    entry="e_3", amount=PRICE, text="", received_on=today() + timedelta(days=2)
                ),
                "day_invalid",
            ),
            (
                payments.enter_transfer(entry="e_3", amount=Money(0, "EUR"), text="", received_on=today()),
                "amount_invalid",
            ),
        ):
            with pytest.raises(Refusal) as refused:
                await call
            assert refused.value.code == code
        assert [await state_of(payments, run) for run in ("run_1", "run_2", "run_3")] == [
            "authorised", "requires_method", "requires_method",
        ]  # fmt: skip
        assert [each.state for each in await payments.transfers()] == ["open", "matched"]


async def test_operators_do_it_in_person_over_rest(psp: Psp) -> None:
    async with banking(psp) as house:
        intent = await opened(house)
        operator = house.sign_in_as("operator", subject="acc_li")
        entered = {
            "entry": "e_1",
            "amount": {"minor": PRICE.minor, "currency": "EUR"},
            "text": reference_of(intent.id),
            "received_on": today().isoformat(),
        }
        key = house.sign_in_as("operator", subject="acc_li", scopes=["payments:read"])
        for headers in (house.sign_in_as("member"), key):
            refused = await house.rest.post(
                "/v1/bank-transfers", json=entered, headers=headers | {"idempotency-key": "k_0"}
            )
            assert refused.status_code == 403
        made = await house.rest.post(
            "/v1/bank-transfers", json=entered, headers=operator | {"idempotency-key": "k_1"}
        )
        assert made.status_code == 201, made.text
        listed = await house.rest.get("/v1/bank-transfers", params={"state": "open"}, headers=key)
        assert listed.json()["items"] == [made.json()]
        assert listed.json()["items"][0]["suggested"] == intent.id
        path = f"/v1/bank-transfers/{made.json()['id']}/match"
        matched = await house.rest.post(
            path, json={"intent_id": intent.id}, headers=operator | {"idempotency-key": "k_2"}
        )
        assert (matched.status_code, matched.json()["state"]) == (200, "matched")
        await house.port(Port).cancel(run="run_1")
        (waiting,) = (await house.rest.get("/v1/bank-refunds", headers=key)).json()["items"]
        sent = await house.rest.post(
            f"/v1/bank-refunds/{waiting['id']}/sent",
            json={"entry": "out_1"},
            headers=operator | {"idempotency-key": "k_3"},
        )
        assert (sent.status_code, sent.json()["state"]) == (200, "succeeded")
        by = await house.rows("payments", "SELECT action, actor FROM payments.audit ORDER BY seq")
        assert [tuple(row) for row in by] == [
            ("payments.transfer_entered", "acc_li"),
            ("payments.transfer_matched", "acc_li"),
            ("payments.refund_sent", "acc_li"),
        ]
