"""A house with several providers: each payment stays with its own, hears of it by its own signed webhooks, and nobody is charged
for nothing by those that take the money at once."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.payments.contract import (
    Intent,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    Port,
)
from tests.harness import Running
from tests.services.payments import alipay_desk, stripe_desk, wechat_desk
from tests.services.payments.provider import FEE, Psp, eventually, paying, state_of, sweep_later

AT_ONCE = ["alipay", "wechat_pay"]


class House:
    """A running house, and a payer with a browser of their own."""

    def __init__(self, running: Running, payer: httpx.AsyncClient, front: stripe_desk.Front) -> None:
        self.running, self.payer, self.front = running, payer, front
        self.payments = running.port(Port)

    async def open(self, method: str, run: str = "run_1", amount: Money = FEE) -> Intent:
        return await self.payments.open(
            run=run, account_id="acc_david", purpose="checkout", amount=amount, description="A watch",
            return_path="/back", locale="zh-CN", method=method, country="CN",
        )  # fmt: skip

    async def pay(self, intent: Intent) -> int:
        """On the provider's page, which tells the house; the status of the payer's last step."""
        if intent.provider == "stripe":
            self.front.pay(intent.psp_id, stripe_desk.VISA)
            return (await self.tell(intent)).status_code
        desk = alipay_desk if intent.provider == "alipay" else wechat_desk
        return (await desk.pay(self.payer, intent)).status_code

    async def tell(self, intent: Intent, number: str = "evt_1") -> httpx.Response:
        """Stripe's webhook: localstripe sends none of a payment that is authorised."""
        desk = stripe_desk.StripeDesk(self.front, self.payer)
        body, signature = desk.sent(desk.event(intent, "").replace("evt_1", number), int(time.time()))
        headers = {"stripe-signature": signature}
        return await self.running.rest.post("/v1/psp/webhooks/stripe", content=body, headers=headers)

    async def there(self, intent: Intent) -> tuple[int, dict[str, int]]:
        """What the provider holds, and what it gave back by our names for it."""
        desk, path = (alipay_desk, "trades") if intent.provider == "alipay" else (wechat_desk, "orders")
        told = (await self.payer.get(f"{desk.stand_in()[0].url}/control/{path}/{intent.id}")).json()
        return told["fen"], told["backs"]

    async def state(self) -> str:
        return await state_of(self.payments)


@asynccontextmanager
async def opened(psp: Psp) -> AsyncIterator[House]:
    front = stripe_desk.Front()
    stripe = {"key": stripe_desk.KEY, "webhook_secret": stripe_desk.SECRET, "url": front.url}
    providers = {"stripe": stripe, "alipay": alipay_desk.config(), "wechat_pay": wechat_desk.config()}
    async with (
        paying(psp, payment_providers=json.dumps(providers)) as running,
        httpx.AsyncClient(timeout=20) as payer,
    ):
        yield House(running, payer, front)
    front.close()


@pytest.fixture
async def house(psp: Psp) -> AsyncIterator[House]:
    async with opened(psp) as found:
        yield found


@pytest.mark.parametrize(
    ("method", "provider"), [("card", "stripe"), ("alipay", "alipay"), ("wechat_pay", "wechat_pay")]
)
async def test_paid_heard_captured_and_given_back(house: House, method: str, provider: str) -> None:
    intent = await house.open(method)
    assert (intent.provider, intent.wanted) == (provider, method)
    assert await house.pay(intent) in (200, 303)
    await eventually(house.state, "authorised")
    if provider == "stripe":
        assert (await house.tell(intent)).status_code == 200, "again"
        assert (await house.tell(intent, "evt_2")).status_code == 200, "late"
    assert len(await house.running.facts(PaymentAuthorised)) == 1
    taken = await house.payments.capture(run="run_1")
    assert (taken.state, taken.captured) == ("captured", FEE)
    assert (await house.payments.capture(run="run_1")).captured == FEE
    back = await house.payments.refund(run="run_1", key="rma_1", amount=Money(300_000, "CNY"), reason="size")
    assert back.state == "succeeded"
    again = await house.payments.refund(run="run_1", key="rma_1", amount=Money(300_000, "CNY"), reason="size")
    assert again == back
    await house.payments.cancel(run="run_1")
    found = await house.payments.refresh(run="run_1")
    assert (found.state, found.captured, found.refunded) == ("captured", FEE, FEE)
    assert [each.amount.minor for each in await house.running.facts(PaymentRefunded)] == [300_000, 680_000]
    assert await house.running.facts(PaymentCaptured) == [], "nobody captured behind our back"
    if provider in AT_ONCE:
        assert sum((await house.there(intent))[1].values()) == FEE.minor


@pytest.mark.parametrize("method", AT_ONCE)
async def test_what_was_taken_at_once_goes_back_if_the_order_does_not_stand(
    house: House, method: str
) -> None:
    intent = await house.open(method)
    await house.pay(intent)
    await eventually(house.state, "authorised")
    await house.payments.cancel(run="run_1")
    await house.payments.cancel(run="run_1")
    found = await house.payments.refresh(run="run_1")
    assert (found.state, found.captured.minor) == ("voided", 0)
    assert await house.there(intent) == (FEE.minor, {f"{intent.id}-void": FEE.minor})
    assert len(await house.running.facts(PaymentVoided)) == 1
    with pytest.raises(Refusal) as refused:
        await house.payments.capture(run="run_1")
    assert refused.value.code == "intent_state"


@pytest.mark.parametrize("method", AT_ONCE)
async def test_a_part_is_kept_and_the_rest_goes_back(house: House, method: str) -> None:
    intent = await house.open(method)
    await house.pay(intent)
    await eventually(house.state, "authorised")
    part = await house.payments.capture(run="run_1", amount=Money(300_000, "CNY"), key="parcel_1")
    assert (part.state, part.captured.minor) == ("authorised", 300_000)
    await house.payments.cancel(run="run_1")
    found = await house.payments.refresh(run="run_1")
    assert (found.state, found.captured.minor, found.refunded.minor) == ("captured", 300_000, 300_000)
    assert sum((await house.there(intent))[1].values()) == FEE.minor


async def test_alipay_paid_after_we_had_cancelled_goes_back_by_itself(house: House) -> None:
    """The signed address outlives the intent: nothing at Alipay can be closed before the payer has opened it."""
    intent = await house.open("alipay")
    await house.payments.cancel(run="run_1")
    assert await house.state() == "voided"
    await house.pay(intent)
    await eventually(house.state, "captured")
    await sweep_later(house.running)
    found = await house.payments.intent_of_run(run="run_1")
    assert found is not None
    assert (found.state, found.captured, found.refunded) == ("captured", FEE, FEE)
    assert sum((await house.there(intent))[1].values()) == FEE.minor
    assert await house.running.facts(PaymentAuthorised) == []


async def test_wechat_pay_closes_what_we_cancel(house: House) -> None:
    intent = await house.open("wechat_pay")
    await house.payments.cancel(run="run_1")
    assert await house.state() == "voided"
    assert await house.pay(intent) == 400
    assert (await house.there(intent))[1] == {}


async def test_a_webhook_that_got_lost_is_made_up_for(house: House) -> None:
    intent = await house.open("wechat_pay")
    await wechat_desk.control(house.payer, "silent", silent=True)
    try:
        await house.pay(intent)
    finally:
        await wechat_desk.control(house.payer, "silent", silent=False)
    assert await house.state() == "requires_method"
    await sweep_later(house.running, timedelta(minutes=4))
    assert await house.state() == "authorised"
    assert await house.running.facts(PaymentFailed) == []


async def test_the_platform_changes_its_certificate(house: House) -> None:
    first = await house.open("wechat_pay")
    await wechat_desk.control(house.payer, "rotate")
    await house.pay(first)
    await eventually(house.state, "authorised")
    await wechat_desk.control(house.payer, "rotate")
    assert (await house.payments.capture(run="run_1")).state == "captured"


async def test_a_refund_that_takes_its_time_is_pending_until_it_is_done(house: House) -> None:
    intent = await house.open("wechat_pay")
    await house.pay(intent)
    await eventually(house.state, "authorised")
    await house.payments.capture(run="run_1")
    await wechat_desk.control(house.payer, "slow-refunds", slow=True)
    try:
        back = await house.payments.refund(run="run_1", key="rma_1", amount=FEE, reason="size")
        assert back.state == "pending"
    finally:
        await wechat_desk.control(house.payer, "slow-refunds", slow=False)
    await sweep_later(house.running, timedelta(minutes=5))
    assert [each.state for each in await house.payments.refunds(run="run_1")] == ["succeeded"]
    assert (await house.there(intent))[1] == {back.id: FEE.minor}


async def test_a_cancel_does_not_wait_for_a_refund_under_way(house: House) -> None:
    intent = await house.open("wechat_pay")
    await house.pay(intent)
    await eventually(house.state, "authorised")
    await house.payments.capture(run="run_1")
    await wechat_desk.control(house.payer, "slow-refunds", slow=True)
    try:
        await house.payments.cancel(run="run_1")
        assert [each.state for each in await house.payments.refunds(run="run_1")] in (
            ["pending"],
            ["succeeded"],
        )
    finally:
        await wechat_desk.control(house.payer, "slow-refunds", slow=False)
    await sweep_later(house.running, timedelta(minutes=5))
    assert [each.state for each in await house.payments.refunds(run="run_1")] == ["succeeded"]
    assert sum((await house.there(intent))[1].values()) == FEE.minor


@pytest.mark.parametrize("method", AT_ONCE)
async def test_the_bill_and_the_books_agree_on_what_was_let_go(psp: Psp, method: str) -> None:
    """The simulators keep the trades of other tests too, so that only this test's payments are looked at."""
    desk = alipay_desk if method == "alipay" else wechat_desk
    providers = json.dumps({method: desk.config()})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(desk.service, "BILL_READY", timedelta(0))
        async with (
            paying(psp, payment_providers=providers) as running,
            httpx.AsyncClient(timeout=20) as payer,
        ):
            front = stripe_desk.Front()
            house = House(running, payer, front)
            runs = ["kept", "let_go", "in_part", "given_back"]
            for run in runs:
                await desk.pay(payer, await house.open(method, run=run))
                await house.payments.refresh(run=run)
            for run in ("kept", "given_back"):
                await house.payments.capture(run=run)
            await house.payments.capture(run="in_part", amount=Money(300_000, "CNY"), key="parcel_1")
            await house.payments.cancel(run="let_go")
            with pytest.raises(Refusal):
                await house.payments.capture(run="let_go")
            await house.payments.cancel(run="given_back")
            start = clock.now().date()
            for day in sorted({start - timedelta(days=1), start, clock.now().date()}):
                await house.payments.reconcile(day=day)
            known = {found.id for run in runs if (found := await house.payments.intent_of_run(run=run))}
            cases = await running.rows("payments", "SELECT reference, kind, ours, theirs FROM payments.cases")
            assert [each for each in cases if each.reference in known] == []
            billed = "SELECT reference, sum(amount) FROM payments.statement_lines GROUP BY 1 ORDER BY 2"
            sums = [int(total) for name, total in await running.rows("payments", billed) if name in known]
            assert sums == [0, FEE.minor, FEE.minor, 2 * FEE.minor], "let go, kept, in part, there and back"
            front.close()


async def test_no_provider_speaks_for_another(house: House) -> None:
    """Genuine events about a payment that somebody else holds."""
    by_alipay, by_stripe = await house.open("alipay"), await house.open("unionpay", run="run_2")
    assert (by_alipay.provider, by_stripe.provider) == ("alipay", "stripe")
    assert (await house.tell(by_alipay)).status_code == 200
    desk = alipay_desk.AlipayDesk(house.payer)
    body, _ = desk.sent(desk.event(by_stripe, ""), int(time.time()))
    answer = await house.running.rest.post("/v1/psp/webhooks/alipay", content=body)
    assert (answer.status_code, answer.text) == (200, "success")
    assert [await house.state(), await state_of(house.payments, "run_2")] == ["requires_method"] * 2
    assert await house.running.rows("payments", "SELECT id FROM payments.events") == []


async def test_a_forged_webhook_is_refused_by_each(house: House) -> None:
    intent = await house.open("alipay")
    for provider in ("stripe", "alipay", "wechat_pay"):
        body = f"out_trade_no={intent.id}&trade_status=TRADE_SUCCESS&app_id={alipay_desk.APP}&sign_type=RSA2&sign=AA"
        answer = await house.running.rest.post(f"/v1/psp/webhooks/{provider}", content=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "signature_invalid"), provider
    nobody = await house.running.rest.post("/v1/psp/webhooks/cowries", content="{}")
    assert nobody.status_code == 401
    assert await house.state() == "requires_method"


async def test_each_answers_as_its_provider_wants_to_read(house: House) -> None:
    intent = await house.open("alipay")
    await house.pay(intent)
    notified = await house.payer.post(f"{alipay_desk.stand_in()[0].url}/control/notify/{intent.id}")
    assert notified.json() == {"status": 200}
    assert len(await house.running.facts(PaymentAuthorised)) == 1
