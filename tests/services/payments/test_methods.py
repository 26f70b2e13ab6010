"""Ways to pay: what each market is offered, who carries it out, and that everything listed can be paid to the end."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.i18n import LOCALES
from luxe.kernel.money import Money
from luxe.kernel.settings import SettingsError
from luxe.services.payments.contract import Intent, Port
from luxe.services.payments.domain.methods import MARKETS, SCHEMES, expected
from tests.harness import Running
from tests.services.payments.alipay_desk import config as alipay
from tests.services.payments.provider import Psp, paying
from tests.services.payments.wechat_desk import config as wechat_pay

EXPECTED = {
    "en": ("US", "USD", {"card", "apple_pay", "google_pay", "paypal"}),
    "zh-CN": ("CN", "CNY", {"alipay", "wechat_pay", "unionpay"}),
    "zh-TW": ("TW", "USD", {"card", "apple_pay"}),
    "fr": ("FR", "EUR", {"card", "paypal", "klarna"}),
    "it": ("IT", "EUR", {"card", "paypal", "klarna"}),
    "de": ("DE", "EUR", {"paypal", "klarna", "card"}),
    "es": ("ES", "EUR", {"card", "paypal"}),
    "pt": ("BR", "USD", {"pix", "card"}),
    "ja": ("JP", "JPY", {"card", "konbini"}),
    "ko": ("KR", "USD", {"kakaopay", "card"}),
    "ru": ("RU", "EUR", {"unionpay"}),
    "ar": ("SA", "USD", {"mada", "apple_pay"}),
}
AMOUNTS = {"ideal": Money(12_345, "EUR"), "konbini": Money(12_345, "JPY")}
CARDS = {"card": "4242424242424242", "mada": "5888450000000003"}


async def open_with(house: Running, method: str, country: str = "", amount: Money | None = None) -> Intent:
    return await house.port(Port).open(
        run=f"run_{method}_{country}", account_id="acc_david", purpose="checkout", description="A watch",
        amount=amount or AMOUNTS.get(method, Money(12_345, "USD")), return_path="/back", locale="ar",
        method=method, country=country,
    )  # fmt: skip


def test_every_locale_gets_what_its_people_expect() -> None:
    assert EXPECTED.keys() == LOCALES.keys()
    for country, currency, wanted in EXPECTED.values():
        assert wanted <= set(expected(country, currency)), country
    assert expected("NL", "EUR")[0] == "ideal"
    assert expected("xx", "EUR")[0] == "card"
    assert "ideal" not in expected("NL", "USD")
    assert {each for listed in MARKETS.values() for each in listed} == set(SCHEMES), "each is somebody's"


async def test_the_list_is_read_from_no_table(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        found = await house.port(Port).methods(country="CN", currency="CNY")
        assert [(each.id, each.name, each.provider, each.kind) for each in found[:2]] == [
            ("alipay", "Alipay", "simulator", "redirect"),
            ("wechat_pay", "WeChat Pay", "simulator", "redirect"),
        ]
        assert "bank_transfer" not in [each.id for each in found], "nobody is set up to carry it out"
        member = house.sign_in_as("member")
        asked = {"country": "CN", "currency": "CNY"}
        answer = await house.rest.get("/v1/payment-methods", params=asked, headers=member)
        assert [each["id"] for each in answer.json()["items"]] == [each.id for each in found]
        nobody = await house.rest.get("/v1/payment-methods", params=asked)
        assert nobody.status_code == 401
        wrong = await house.rest.get("/v1/payment-methods", params=asked | {"country": "cn"}, headers=member)
        assert wrong.status_code == 400


async def test_everything_listed_is_paid_to_the_end(psp: Psp) -> None:
    """Each by the one page that it has at the provider, chosen here beforehand."""
    async with paying(psp) as house, httpx.AsyncClient(timeout=20) as payer:
        payments = house.port(Port)
        for method in sorted(set(SCHEMES) - {"bank_transfer"}):
            intent = await open_with(house, method)
            assert (intent.wanted, intent.provider) == (method, "simulator")
            base = f"{psp.url}/pay/{intent.psp_id}"
            page = await payer.get(base)
            assert page.status_code == 200, method
            if method in CARDS:
                form = {"number": CARDS[method], "expiry": "12/34", "cvc": "123"}
                paid = await payer.post(f"{base}/card", data=form)
            else:
                paid = await payer.post(
                    f"{base}/wallet/{method}", data={"answer": "approve", "bank": "Rabobank"}
                )
            assert paid.status_code == 303, method
            if method in ("konbini", "pix"):
                waiting = await payments.refresh(run=intent.run)
                assert waiting.state == "requires_action"
                assert (await payer.get(base)).status_code == 200
                assert (await payer.post(f"{base}/slip")).status_code == 303
            found = await payments.refresh(run=intent.run)
            assert found.state == "authorised", method
            assert found.method == {"card": "visa 4242", "mada": "mada 0003"}.get(method, method)
            assert (await payments.capture(run=intent.run)).captured == intent.amount


async def test_a_chosen_method_is_the_only_one_on_the_page(psp: Psp) -> None:
    async with paying(psp) as house, httpx.AsyncClient(timeout=20) as payer:
        mada = await open_with(house, "mada")
        form = {"number": CARDS["card"], "expiry": "12/34", "cvc": "123"}
        assert (await payer.post(f"{psp.url}/pay/{mada.psp_id}/card", data=form)).status_code == 422
        ideal = await open_with(house, "ideal")
        refused = await payer.post(f"{psp.url}/pay/{ideal.psp_id}/wallet/alipay", data={"answer": "approve"})
        assert refused.status_code == 404
        unnamed = await payer.post(f"{psp.url}/pay/{ideal.psp_id}/wallet/ideal", data={"answer": "approve"})
        assert unnamed.status_code == 422, "which bank"
        open_to_all = await open_with(house, "", country="JP", amount=Money(400_000, "JPY"))
        page = (await payer.get(f"{psp.url}/pay/{open_to_all.psp_id}")).text
        assert "/wallet/paypal" in page
        assert "/wallet/konbini" not in page, "a slip is for 300,000 yen at most"
        assert "/wallet/alipay" not in page


async def test_what_cannot_be_paid_here_is_refused_before_anything_is_opened(binding: str, psp: Psp) -> None:
    async with paying(psp, binding) as house:
        for method, amount in (
            ("bank_transfer", Money(1, "EUR")),
            ("ideal", Money(1, "USD")),
            ("konbini", Money(300_001, "JPY")),
            ("cowries", Money(1, "USD")),
        ):
            with pytest.raises(Refusal) as refused:
                await open_with(house, method, amount=amount)
            assert (refused.value.code, refused.value.status) == ("method_unavailable", 409)
        assert await house.rows("payments", "SELECT id FROM payments.intents") == []


async def test_who_pays_days_later_is_told_until_when(psp: Psp) -> None:
    async with paying(psp) as house:
        slip, card = await open_with(house, "konbini"), await open_with(house, "card")
        assert slip.pay_by == slip.created_at + timedelta(days=2)
        assert card.pay_by is None
        stored = await house.port(Port).intent_of_run(run=slip.run)
        assert stored == slip


async def test_a_method_goes_to_whom_the_settings_name(psp: Psp) -> None:
    providers = json.dumps({"alipay": alipay(), "wechat_pay": wechat_pay()})
    routes = json.dumps({"alipay": "simulator"})
    async with paying(psp, payment_providers=providers, payment_routes=routes) as house:
        found = await house.port(Port).methods(country="CN", currency="CNY")
        assert {each.id: each.provider for each in found} == {
            "alipay": "simulator", "wechat_pay": "wechat_pay", "unionpay": "simulator", "card": "simulator",
            "apple_pay": "simulator",
        }  # fmt: skip
        abroad = await house.port(Port).methods(country="HK", currency="USD")
        assert {each.provider for each in abroad} == {"simulator"}, "WeChat Pay takes yuan alone"


@pytest.mark.parametrize(
    "wrong",
    [
        {"payment_providers": "{"},
        {"payment_providers": '{"cowries": {}}'},
        {"payment_providers": '{"stripe": {"key": "sk_1"}}'},
        {
            "payment_providers": '{"alipay": {"app_id": "1", "private_key": "/nowhere", "public_key": "/nowhere"}}'
        },
        {"payment_routes": '{"alipay": "alipay"}'},
    ],
)
async def test_settings_that_cannot_work_stop_the_start(psp: Psp, wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="LUXE_PAYMENT_"):
        async with paying(psp, **wrong):
            pass
