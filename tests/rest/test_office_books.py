"""The office's points, vouchers and gift cards as two operators use them without script; every button is pressed twice at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import pytest

from luxe.app.registry import unit_names
from luxe.services.identity.contract import Port as IdentityPort
from tests.harness import Running, running

UNLIMITED = 1_000_000


class Desk:
    """Somebody signed in at the office."""

    def __init__(self, house: Running, account_id: str, token: str) -> None:
        self.house = house
        self.account_id = account_id
        self.headers = {"cookie": f"luxe_session={token}", "origin": house.settings.public_url}

    async def open(self, path: str) -> httpx.Response:
        return await self.house.rest.get(path, headers=self.headers)

    async def press(self, page: httpx.Response, action: str, **typed: str) -> httpx.Response:
        """Sends the form whose action ends so twice at once; both are answered alike."""
        forms = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
        form = next(form for form in forms if re.search(rf'action="[^"]*{action}"', form))
        found = re.search(r'action="([^"]*)"', form)
        key = re.search(r'name="idempotency_key" value="([^"]*)"', form)
        assert found
        assert key
        data = {"idempotency_key": key.group(1), **typed}
        address = unescape(found.group(1))
        first, second = await asyncio.gather(
            *[self.house.rest.post(address, headers=self.headers, data=data) for _ in range(2)]
        )
        assert (first.status_code, first.headers.get("location")) == (
            second.status_code,
            second.headers.get("location"),
        )
        return first


@pytest.fixture
async def house() -> AsyncIterator[Running]:
    limits: dict[str, Any] = {"rest_per_minute": UNLIMITED, "rest_per_minute_nobody": UNLIMITED}
    psp = "http://127.0.0.1:9/psp"
    async with running(*unit_names(), pool_size=4, psp_url=psp, **limits) as house:
        yield house


async def somebody(house: Running, name: str, *roles: str) -> Desk:
    port = house.port(IdentityPort)
    account = await port.register(
        place="", email=f"{name}@example.com", name=name.title(), locale="en", currency="CNY"
    )
    for role in roles:
        await port.grant_role(account_id=account.id, role=role, reason="test")
    signed = await port.open_session(
        account_id=account.id, device="test", address="203.0.113.7", method="registration"
    )
    return Desk(house, account.id, signed.token)


def errors(page: httpx.Response) -> list[str]:
    return re.findall(r'class="field-error"[^>]*>([^<]+)', page.text)


async def test_points_are_adjusted_by_two_people(house: Running) -> None:
    li, sun = await somebody(house, "li", "operator"), await somebody(house, "sun", "operator")
    mei = await somebody(house, "mei")
    assert (await mei.open("/office/points")).status_code == 404
    found = await li.open("/office/points?q=mei@example.com")
    at = f"/office/points/members/{mei.account_id}"
    assert (found.status_code, found.headers["location"]) == (303, at)
    assert "Nobody of this name is known." in (await li.open("/office/points?q=x@example.com")).text

    assert (await li.press(await li.open(at), "/adjust", points="500", reason="late")).status_code == 303
    wrong = await li.press(await li.open(at), "/adjust", points="x", reason="")
    assert (wrong.status_code, len(errors(wrong))) == (422, 2)
    for points in ("-90,000", "80,000"):
        await li.press(await li.open(at), "/adjust", points=points, reason="a watch")
    made = await house.rows("loyalty", "SELECT points, four_eyes FROM loyalty.adjustments ORDER BY id")
    assert [tuple(row) for row in made] == [(500, False), (-90_000, True), (80_000, True)]
    own = await li.open("/office/points")
    assert "/approve" not in own.text
    assert own.text.count("Somebody else decides.") == 2

    assert (await sun.press(await sun.open("/office/points"), "/approve")).status_code == 303
    short = await sun.press(await sun.open("/office/points"), "/approve")
    assert (short.status_code, "The member has fewer points than that." in short.text) == (409, True)
    assert (await sun.press(short, "/decline")).status_code == 303
    (balance,) = await house.rows("loyalty", "SELECT available FROM loyalty.balances")
    assert balance.available == 80_500
    books = await li.open("/office/points")
    assert "Nothing waits." in books.text
    assert "+80,500" in books.text
    assert "+80,500" not in (await li.open("/office/points?at=2026-01-01")).text


async def test_vouchers_and_gift_cards_are_made_once_and_revoked(house: Running) -> None:
    li = await somebody(house, "li", "operator")
    shown = await li.open("/office/promotions")
    wrong = await li.press(shown, "/vouchers", name="", percent="10", amount="5", codes="0", currency="CNY")
    assert (wrong.status_code, len(errors(wrong))) == (422, 3)
    typed = {"name": "Winter", "percent": "10", "codes": "3", "currency": "EUR", "minimum": "1,000"}
    made = await li.press(shown, "/vouchers", **typed, ends="2099-01-01", tiers="Gold", per_member="1")
    (voucher,) = await house.rows("promotions", "SELECT id, rules FROM promotions.vouchers")
    assert made.headers["location"] == f"/office/promotions/vouchers/{voucher.id}"
    assert voucher.rules["minimums"] == [{"minor": 100_000, "currency": "EUR"}]
    assert (voucher.rules["ends_at"], voucher.rules["tiers"]) == ("2099-01-02T00:00:00Z", ["gold"])
    page = await li.open(made.headers["location"])
    assert len(re.findall(r">\w{4}-\w{4}-\w{4}<", page.text)) == 3
    await li.press(page, "/revoke")
    assert "Revoked" in (await li.open(made.headers["location"])).text

    cards = await li.open("/office/promotions/gift-cards")
    issued = await li.press(cards, "/gift-cards", amount="500", currency="CNY", reason="a birthday")
    page = await li.open(issued.headers["location"])
    assert len(re.findall(r">\w{4}-\w{4}-\w{4}<", page.text)) == 1
    await li.press(page, "/revoke")
    (card,) = await house.rows("promotions", "SELECT available_minor FROM promotions.gift_cards")
    assert card.available_minor == 50_000
    (ends,) = await house.rows("promotions", "SELECT count(*) AS times FROM promotions.gift_card_ends")
    assert ends.times == 1
    assert (await li.open("/office/promotions/vouchers/vou_x")).status_code == 404
