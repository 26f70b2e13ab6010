"""A card's fields in a frame of the provider's: the house gets a token, which pays for one payment, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.kernel.settings import SettingsError
from luxe.services.payments.contract import Intent, PaymentAuthorised, Port
from tests.harness import Running
from tests.services.payments.provider import GOOD, POOR, Psp, paying, state_of

PRICE = Money(1_280_000, "CNY")
CHALLENGED = "4000000000003220"


@pytest.fixture
async def house(psp: Psp) -> AsyncIterator[Running]:
    async with paying(psp, psp_fields_url=psp.url) as running:
        yield running


async def opened(house: Running, run: str = "run_1") -> Intent:
    return await house.port(Port).open(
        run=run, account_id="acc_david", purpose="checkout", amount=PRICE, description="A watch",
        return_path=f"/checkout/return?run={run}", locale="en", method="card", country="CN",
    )  # fmt: skip


async def typed(house: Running, number: str, run: str = "run_1", cvc: str = "123") -> dict[str, object]:
    """What the frame hears when somebody has typed a card there."""
    page = await house.port(Port).card_page(run=run, account_id="acc_david")
    async with httpx.AsyncClient() as browser:
        sent = {"number": number, "expiry": "12/34", "cvc": cvc}
        return (await browser.post(page.frame_url, data=sent)).json()


async def token(house: Running, number: str, run: str = "run_1") -> str:
    return str((await typed(house, number, run))["token"])


async def confirm(house: Running, token: str, run: str = "run_1", account: str = "acc_david") -> Intent:
    return await house.port(Port).confirm_card(run=run, account_id=account, token=token)


async def test_a_token_pays_once(house: Running, psp: Psp) -> None:
    listed = await house.port(Port).methods(country="CN", currency="CNY")
    assert {each.id: each.kind for each in listed}["card"] == "hosted_fields"
    intent = await opened(house)
    card = await token(house, GOOD)
    paid = await asyncio.gather(*(confirm(house, card) for _ in range(3)), return_exceptions=True)
    assert {each.state for each in paid if isinstance(each, Intent)} == {"authorised"}
    assert await psp.effects(intent.id) == [("create", PRICE.minor), ("authorise", PRICE.minor)]
    assert len(await house.facts(PaymentAuthorised)) == 1
    assert (await confirm(house, card)).method == "visa 4242"
    page = await house.port(Port).card_page(run="run_1", account_id="acc_david")
    assert (page.frame_url, page.return_path) == ("", "/checkout/return?run=run_1")


async def test_a_poor_card_fails_and_a_challenged_one_waits_for_its_payer(house: Running) -> None:
    await opened(house)
    failed = await confirm(house, await token(house, POOR))
    assert (failed.state, failed.failure) == ("failed", "insufficient_funds")
    intent = await opened(house, "run_2")
    waits = await confirm(house, await token(house, CHALLENGED, "run_2"), "run_2")
    assert (waits.state, waits.hosted_url) == ("requires_action", intent.hosted_url)


async def test_a_token_is_for_one_payment_of_one_payer(house: Running) -> None:
    await opened(house)
    await opened(house, "run_2")
    card = await token(house, GOOD)
    for run, account, given, code in (
        ("run_2", "acc_david", card, "token_unknown"),
        ("run_1", "acc_david", f"tok_{'0' * 32}", "token_unknown"),
        ("run_1", "acc_kevin", card, "intent_unknown"),
        ("run_x", "acc_david", card, "intent_unknown"),
    ):
        with pytest.raises(Refusal) as refused:
            await confirm(house, given, run, account)
        assert refused.value.code == code
    assert [await state_of(house.port(Port), run) for run in ("run_1", "run_2")] == ["requires_method"] * 2
    assert (await confirm(house, card)).state == "authorised"


async def test_what_is_no_card_gets_no_token(house: Running) -> None:
    await opened(house)
    assert await typed(house, "", cvc="") == {
        "errors": {"number": "Enter your card number.", "cvc": "Enter the security code."}
    }
    assert "number" in (await typed(house, "4242424242424241"))["errors"]  # type: ignore[operator]
    await house.port(Port).cancel(run="run_1")
    assert (await house.port(Port).card_page(run="run_1", account_id="acc_david")).frame_url == ""


@pytest.mark.parametrize("mode", ["timeout_before", "timeout_after"])
async def test_a_silence_is_asked_about_by_the_same_token(house: Running, psp: Psp, mode: str) -> None:
    intent = await opened(house)
    card = await token(house, GOOD)
    await psp.fault(api={"operation": "authorise", "mode": mode, "count": 1, "hold_ms": 20})
    with pytest.raises(Refusal) as refused:
        await confirm(house, card)
    assert refused.value.status == 504
    assert (await confirm(house, card)).state == "authorised"
    assert await psp.effects(intent.id) == [("create", PRICE.minor), ("authorise", PRICE.minor)]


async def test_only_the_payers_page_may_show_the_frame(house: Running) -> None:
    await opened(house)
    page = await house.port(Port).card_page(run="run_1", account_id="acc_david")
    async with httpx.AsyncClient() as browser:
        frame = await browser.get(page.frame_url)
    policy = frame.headers["content-security-policy"]
    assert f"frame-ancestors {house.settings.public_url.rstrip('/')}" in policy
    assert "default-src 'none'" in policy
    assert f'data-merchant="{house.settings.public_url.rstrip("/")}"' in frame.text


async def test_fields_of_our_own_origin_stop_the_start(psp: Psp) -> None:
    with pytest.raises(SettingsError, match="LUXE_PSP_FIELDS_URL"):
        async with paying(
            psp, psp_fields_url="http://localhost:8400/psp", public_url="http://localhost:8400"
        ):
            pass
    async with paying(psp) as plain:
        await opened(plain)
        page = await plain.port(Port).card_page(run="run_1", account_id="acc_david")
        assert page.frame_url == ""
        listed = await plain.port(Port).methods(country="CN", currency="CNY")
        assert {each.id: each.kind for each in listed}["card"] == "redirect"
