"""WeChat Pay by our own page: a code at a desk, an address on a phone, one trade for both, and nothing for anybody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent, PaymentAuthorised, PayPage, Port
from luxe.services.payments.service import wechat_pay
from tests.harness import Running
from tests.services.payments import wechat_desk
from tests.services.payments.provider import Psp, paying, state_of

PRICE = Money(1_280_000, "CNY")


def providers(**changes: str) -> str:
    return json.dumps({"wechat_pay": wechat_desk.config(trade="device", **changes)})


@pytest.fixture
async def house(psp: Psp) -> AsyncIterator[Running]:
    async with paying(psp, payment_providers=providers()) as running:
        yield running


async def opened(house: Running, run: str = "run_1", method: str = "wechat_pay") -> Intent:
    return await house.port(Port).open(
        run=run, account_id="acc_david", purpose="checkout", amount=PRICE, description="A watch",
        return_path=f"/checkout/return?run={run}", locale="zh-CN", method=method, country="CN",
    )  # fmt: skip


async def page(
    house: Running, *, phone: bool = False, account: str = "acc_david", run: str = "run_1"
) -> PayPage:
    return await house.port(Port).pay_page(run=run, account_id=account, phone=phone, client_ip="203.0.113.7")


async def scan(intent: Intent) -> None:
    """The payer's phone reads the code, and pays."""
    async with httpx.AsyncClient() as phone:
        paid = await phone.post(f"{wechat_desk.stand_in()[0].url}/pay", params={"prepay_id": intent.id})
        assert paid.status_code == 303, paid.text


async def test_a_desk_shows_a_code_and_goes_on_once_it_is_paid(house: Running) -> None:
    intent = await opened(house)
    assert intent.hosted_url == f"{house.settings.public_url}/pay/wechat/run_1"
    pages = await asyncio.gather(*(page(house) for _ in range(3)))
    shown = pages[0]
    assert pages == [shown] * 3
    assert (shown.way, shown.amount, shown.return_path) == ("scan", PRICE, "/checkout/return?run=run_1")
    assert shown.address == f"weixin://wxpay/bizpayurl?pr={intent.id}"
    assert shown.pay_by == intent.created_at + timedelta(minutes=15)
    await scan(intent)
    assert ((await page(house)).way, (await page(house)).address) == ("paid", "")
    assert await state_of(house.port(Port)) == "authorised"
    assert len(await house.facts(PaymentAuthorised)) == 1


async def test_a_phone_is_led_on_and_keeps_its_trade_on_another_device(house: Running) -> None:
    intent = await opened(house)
    shown = await page(house, phone=True)
    there = parse_qs(urlsplit(shown.address).query)
    assert (shown.way, there["redirect_url"]) == (
        "leave", [f"{house.settings.public_url}/checkout/return?run=run_1"],
    )  # fmt: skip
    assert await page(house, phone=False) == shown
    await scan(intent)
    assert (await page(house, phone=True)).way == "paid"


async def test_a_news_that_got_lost_is_asked_for_by_the_page(house: Running) -> None:
    intent = await opened(house)
    await page(house)
    async with httpx.AsyncClient() as client:
        await wechat_desk.control(client, "silent", silent=True)
        try:
            await scan(intent)
            assert await state_of(house.port(Port)) == "requires_method"
            assert (await page(house)).way == "paid"
        finally:
            await wechat_desk.control(client, "silent", silent=False)


async def test_what_is_over_shows_no_code(house: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    payments, first = house.port(Port), await opened(house)
    await page(house)
    await payments.cancel(run="run_1")
    assert ((await page(house)).way, (await page(house)).address) == ("over", "")
    async with httpx.AsyncClient() as client:
        told = await client.get(f"{wechat_desk.stand_in()[0].url}/control/orders/{first.id}")
    assert told.json()["state"] == "CLOSED"
    await opened(house, "run_2")
    monkeypatch.setattr(wechat_pay, "PAGE_LASTS", timedelta(0))
    assert (await page(house, run="run_2")).way == "over"
    assert await state_of(payments, "run_2") == "expired"


async def test_nobody_else_sees_it_and_silence_changes_nothing(house: Running, psp: Psp) -> None:
    await opened(house)
    await opened(house, "run_2", "card")
    for account, run in (("acc_kevin", "run_1"), ("acc_david", "run_2"), ("acc_david", "run_x")):
        with pytest.raises(Refusal) as refused:
            await page(house, account=account, run=run)
        assert refused.value.code == "intent_unknown"
    async with paying(psp, payment_providers=providers(url="http://127.0.0.1:9")) as cut_off:
        await opened(cut_off)
        with pytest.raises(Refusal) as refused:
            await page(cut_off)
        assert (refused.value.status, await state_of(cut_off.port(Port))) == (503, "requires_method")
