"""Vouchers and gift cards as members use them: without script, and looked at in three languages."""

from __future__ import annotations

import re
import secrets

import httpx
import pytest

from tests.browser.conftest import PASSWORD, Opener
from tests.browser.eye import DIRECTION, Eye
from tests.browser.test_pages import NAMES, PIECE
from tests.journeys.guest import Guest, Operator
from tests.journeys.opened import OpenHouse

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
WRONG = "0000-0000-0000"
VOUCHER = "1001"
"""A name in no language, so that it may stand on a page of any."""


@pytest.fixture(scope="module")
def operator(house: OpenHouse) -> Operator:
    return Operator(house)


def voucher(operator: Operator, **rules: str) -> str:
    wanted = {"name": VOUCHER, "percent": "10", "currency": "CNY", "codes": "1", "stackable": "yes"} | rules
    made = operator.submit(operator.get("/office/promotions"), "/office/promotions/vouchers", **wanted)
    found = CODE.search(made.text)
    assert found, made.text[:2000]
    return found.group(0)


def gift_card(operator: Operator, amount: str) -> str:
    page = operator.get("/office/promotions/gift-cards")
    made = operator.submit(
        page, "/office/promotions/gift-cards", amount=amount, currency="CNY", reason="A birthday"
    )
    found = CODE.search(made.text)
    assert found, made.text[:2000]
    return found.group(0)


def buyer(house: OpenHouse) -> Guest:
    guest = Guest(house)
    guest.become_member("Chen Yulan", f"{secrets.token_hex(5)}@luxe.example", PASSWORD)
    guest.put_in_bag(PIECE)
    return guest


def enter(guest: Guest, page: httpx.Response, code: str) -> httpx.Response:
    return guest.submit(page, "/bag/codes", code=code)


def figures(page: httpx.Response) -> list[int]:
    """The sums in a summary, in yuan, top to bottom."""
    listed = page.text.partition('<dl class="totals')[2].partition("</dl>")[0]
    return [
        int(sign.replace("−", "-") + digits.replace(",", ""))
        for sign, digits in re.findall(r'<dd class="price">(−?)CN¥([\d,]+)</dd>', listed)
    ]


def row(house: OpenHouse, statement: str, **values: object) -> object:
    return house.rows(statement, **values)[0]


def test_a_voucher_and_a_gift_card_pay_a_part_of_an_order_and_come_back(
    house: OpenHouse, operator: Operator
) -> None:
    guest = buyer(house)
    price = figures(guest.get("/bag"))[0]
    refused = enter(guest, guest.get("/bag"), WRONG)
    assert (refused.url.path, refused.url.params["code"]) == ("/bag", "code_invalid")
    assert "This code is not valid." in refused.text
    assert WRONG not in refused.text
    dear = voucher(operator, minimum="999999999")
    assert "do not come to the amount" in enter(guest, guest.get("/bag"), dear).text
    code, card = voucher(operator), gift_card(operator, "1000")
    enter(guest, guest.get("/bag"), code.lower().replace("-", " "))
    shown = enter(guest, guest.get("/bag"), card)
    assert (
        figures(guest.get("/bag"))
        == figures(shown)
        == [price, -price // 10, -1_000, price - price // 10 - 1_000]
    )
    assert f"Gift card ending in {card[-4:]}" in shown.text
    assert f"{VOUCHER}, 10%" in shown.text
    without = guest.submit(shown, "/bag/codes/remove", code=card)
    assert figures(without) == [price, -price // 10, price - price // 10]
    review = guest.to_review()
    review = enter(guest, review, card)
    assert review.url.path == "/checkout"
    due = price - price // 10 - 1_000
    assert figures(review)[-1] == due
    order = guest.settle(guest.pay(guest.submit(review, "/checkout/pay")), "/orders/ord_")
    order_id = order.url.path.rpartition("/")[2]
    assert figures(order)[-1] == due
    assert f"paid with the gift card ending in {card[-4:]}" in order.text
    assert f"{VOUCHER}, 10%" in order.text
    assert row(house, "SELECT captured FROM payments.intents ORDER BY created_at DESC LIMIT 1") == (
        due * 100,
    )
    assert figures(guest.get("/bag")) == []
    guest.submit(guest.get(f"/orders/{order_id}"), "/cancel", reason="1")
    cancelled = guest.settle(guest.get(f"/orders/{order_id}"), f"/orders/{order_id}")
    assert "of it to your gift cards" in cancelled.text
    assert row(
        house,
        "SELECT available_minor, held_minor FROM promotions.gift_cards ORDER BY created_at DESC LIMIT 1",
    ) == (100_000, 0)


def test_an_order_that_a_gift_card_pays_for_needs_no_payment(house: OpenHouse, operator: Operator) -> None:
    guest = buyer(house)
    card = gift_card(operator, "900000")
    review = enter(guest, guest.to_review(), card)
    assert figures(review)[-1] == 0
    assert "Place the order" in review.text
    assert "Nothing more is to be paid." in review.text
    order = guest.settle(guest.submit(review, "/checkout/pay"), "/orders/ord_")
    assert "Thank you. It is yours." in order.text
    order_id = order.url.path.rpartition("/")[2]
    assert row(house, "SELECT state, payable FROM orders.orders WHERE id = :order", order=order_id) == (
        "paid",
        0,
    )


def test_what_the_page_did_not_say_is_not_charged(house: OpenHouse, operator: Operator) -> None:
    """The voucher was revoked while the member looked at the page: they see the new total before anything is paid."""
    guest = buyer(house)
    code = voucher(operator)
    review = enter(guest, guest.to_review(), code)
    before = figures(review)[-1]
    found = row(house, "SELECT id FROM promotions.vouchers ORDER BY created_at DESC LIMIT 1")
    page = operator.get(f"/office/promotions/vouchers/{found[0]}")  # type: ignore[index]
    operator.submit(page, "/revoke")
    answer = guest.submit(review, "/checkout/pay")
    assert (answer.url.path, answer.url.params["problem"]) == ("/checkout", "price_changed")
    assert figures(answer)[-1] > before
    assert "This code is not valid." in answer.text
    assert "This code is not valid." not in guest.get("/checkout").text


@pytest.mark.parametrize("locale", DIRECTION)
def test_codes_read_well_in_every_language(
    house: OpenHouse, operator: Operator, person: Opener, locale: str
) -> None:
    guest = buyer(house)
    entered = (voucher(operator), gift_card(operator, "1000.50"))
    for code in entered:
        enter(guest, guest.get("/bag"), code)
    codes = [code[-4:] for code in entered]
    guest.to_review()
    reader = person()
    reader.carry(guest)
    reader.page.goto("/bag")
    faults: list[str] = []
    reader.speak(locale)
    makers = [found.name for found in house.rows("SELECT name FROM brands.brands")]
    eye = Eye(reader.page, locale, [*NAMES, *makers, *codes], faults)
    for path in ("/bag", "/bag?code=code_invalid", "/checkout", "/checkout?step=delivery"):
        reader.page.goto(path)
        eye.look(path)
    assert faults == []
