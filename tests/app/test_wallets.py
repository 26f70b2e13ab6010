"""The simulators of Alipay and WeChat Pay beside a house: what payments is told of them works, and a restart forgets nothing."""

from __future__ import annotations

import json
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from luxe.app.blueprint import Blueprint
from luxe.app.child import Child
from luxe.app.premises import Options
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent
from luxe.services.payments.service import alipay, wechat_pay
from luxe.services.payments.service.provider import Order

SECONDS = 20


def planned(data: Path, *, wallets: bool = True) -> Blueprint:
    (data / "logs").mkdir(parents=True, exist_ok=True)
    return Blueprint(Options(data=data, wallets=wallets))


def started(blueprint: Blueprint) -> list[Child]:
    children = [Child(spec) for spec in blueprint.outside() if spec.name in ("alipay", "wechat_pay")]
    until = time.monotonic() + SECONDS
    for child in children:
        child.start()
    while not all(child.spec.is_ready() for child in children):
        assert time.monotonic() < until, [child.spec.log.read_text() for child in children]
        time.sleep(0.05)
    return children


def order(number: str, provider: str) -> Order:
    nothing = Money.zero("CNY")
    intent = Intent(
        id=number, run="run_1", account_id="acc_1", purpose="checkout", state="requires_method",
        amount=Money(1_280_000, "CNY"), captured=nothing, refunded=nothing, hosted_url="", failure="", method="",
        psp_id=number, created_at=datetime.now(UTC), provider=provider,
    )  # fmt: skip
    back, news = "http://127.0.0.1:9/back", "http://127.0.0.1:9/news"
    return Order(intent=intent, description="A watch", locale="zh-CN", return_url=back, webhook_url=news)


def test_a_house_has_them_only_if_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = planned(tmp_path, wallets=False)
    assert [spec.name for spec in plain.outside()] == ["psp", "carrier", "mail"]
    assert "LUXE_PAYMENT_PROVIDERS" not in plain.env
    assert "WeChat phone" not in plain.urls
    wanted = planned(tmp_path)
    specs = {spec.name: spec for spec in wanted.outside()}
    assert list(specs) == ["psp", "carrier", "mail", "alipay", "wechat_pay"]
    assert len({port for spec in specs.values() for port in spec.ports.values()}) == 6
    assert sorted(json.loads(wanted.env["LUXE_PAYMENT_PROVIDERS"])) == ["alipay", "wechat_pay"]
    for file in tmp_path.glob("*/*private_key.pem"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = {"alipay": {"url": "https://alipay.example"}, "bank_transfer": {"holder": "LUXE"}}
    monkeypatch.setenv("LUXE_PAYMENT_PROVIDERS", json.dumps(told))
    own = planned(tmp_path)
    assert [spec.name for spec in own.outside()][3:] == ["wechat_pay"]
    settled = json.loads(own.env["LUXE_PAYMENT_PROVIDERS"])
    assert (settled["alipay"], settled["bank_transfer"]) == (told["alipay"], told["bank_transfer"])


async def test_they_know_the_house_and_keep_what_they_did(tmp_path: Path) -> None:
    async with httpx.AsyncClient() as client:
        for life in range(2):
            blueprint = planned(tmp_path)
            told = json.loads(blueprint.env["LUXE_PAYMENT_PROVIDERS"])
            children = started(blueprint)
            try:
                by_alipay = alipay.adapter(client, told["alipay"])
                by_wechat = wechat_pay.adapter(
                    client, told["wechat_pay"] | {"public_url": "http://localhost"}
                )
                assert isinstance(by_wechat, wechat_pay.WechatPay)
                alis, weis = order("pay_a", "alipay"), order("pay_w", "wechat_pay")
                if life == 0:
                    await _buy(client, blueprint, await _pages(by_alipay, by_wechat, alis, weis))
                for provider, wanted in ((by_alipay, alis), (by_wechat, weis)):
                    standing = await provider.find(wanted.intent)
                    assert standing is not None
                    assert (standing.state, standing.amount.minor) == ("authorised", 1_280_000)
            finally:
                for child in children:
                    child.stop()


async def _pages(
    by_alipay: object, by_wechat: wechat_pay.WechatPay, alis: Order, weis: Order
) -> tuple[str, str]:
    assert isinstance(by_alipay, alipay.Alipay)
    cashier = (await by_alipay.create(alis)).hosted_url
    way, code = await by_wechat.way(weis, phone=False, client_ip="")
    assert (way, code) == ("scan", "weixin://wxpay/bizpayurl?pr=pay_w")
    return cashier, code


async def _buy(client: httpx.AsyncClient, blueprint: Blueprint, pages: tuple[str, str]) -> None:
    """By hand: at Alipay's cashier, and with the phone that stands in for WeChat. Addresses for browsers go by the gateway,
    which takes the first part of the path away."""
    public, ports = blueprint.options.public_url, blueprint.ports

    def behind(address: str) -> str:
        name = "alipay" if "/alipay/" in address else "wechat_pay"
        return address.replace(f"{public}/{name}", f"http://127.0.0.1:{ports[name]}")

    for page in (pages[0], blueprint.urls["WeChat phone"]):
        shown = await client.get(behind(page))
        assert "12800.00" in shown.text, shown.text
        action = shown.text.split('action="')[1].split('"')[0].replace("&amp;", "&")
        assert (await client.post(behind(action))).status_code == 303
    assert "12800.00" not in (await client.get(behind(blueprint.urls["WeChat phone"]))).text
