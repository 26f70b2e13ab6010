"""What people do to pages: press twice, go back, reload, open a second tab, lose the connection. One effect each."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.journeys.guest import DECLINED, THREE_D_SECURE
from tests.journeys.opened import OpenHouse, eventually

PIECE = "ruban-twilly"


def _captures(house: OpenHouse, orders: list[str]) -> int:
    """How often the payment provider has taken money for these orders."""
    paid = {
        row.psp_id
        for row in house.rows(
            "SELECT intents.psp_id FROM payments.intents JOIN orders.orders ON orders.run = intents.run"
            " WHERE orders.id = ANY(:ids)",
            ids=orders,
        )
    }
    journal = house.psp("GET", "/control/journal")["data"]
    return sum(each["effect"] == "capture" and each["intent"] in paid for each in journal)


def test_every_button_of_a_purchase_pressed_twice_is_one_order(house: OpenHouse, member: Person) -> None:
    page = member.page
    page.goto(f"/piece/{PIECE}")
    page.dblclick('form[action="/bag/lines"] button[type=submit]')
    page.locator("#notices", has_text="It is in your bag.").wait_for()
    expect(page.locator(".bag-count")).to_have_text("1")
    member.to_review()
    page.goto("/bag")
    expect(page.locator(".line-actions select")).to_have_value("1")
    page.goto("/checkout")
    with page.expect_navigation(url=re.compile("/psp/pay/")):
        page.dblclick('form[action="/checkout/pay"] button[type=submit]')
    member.fill(number="4242424242424242", expiry="12/30", cvc="123")
    page.dblclick("form:has([name=number]) button")
    page.wait_for_url("**/orders/ord_*")
    orders = eventually(member.orders, "the order")
    assert len(orders) == 1
    assert _captures(house, orders) == 1


def test_paying_again_after_going_back_is_one_payment(house: OpenHouse, member: Person) -> None:
    page = member.page
    member.put_in_bag(PIECE)
    member.to_payment()
    first = page.url
    page.go_back()
    page.locator('form[action="/checkout/pay"]').wait_for()
    member.submit("/checkout/pay")
    assert page.url == first
    member.give_card()
    page.wait_for_url("**/orders/ord_*")
    page.go_back()
    page.goto(page.url)
    assert len(member.orders()) == 1
    assert _captures(house, member.orders()) == 1


def test_the_way_back_can_be_walked_again(house: OpenHouse, member: Person) -> None:
    """The return page, the order page and the paid intent's page: reloaded, each says the same."""
    page = member.page
    returned: list[str] = []
    page.on(
        "request", lambda request: returned.append(request.url) if "/checkout/return" in request.url else None
    )
    member.put_in_bag(PIECE)
    member.to_payment()
    pays = page.url
    member.give_card()
    page.wait_for_url("**/orders/ord_*")
    (order,) = member.orders()
    page.reload()
    assert member.path().startswith(f"/orders/{order}")
    page.goto(returned[0])
    page.wait_for_url(f"**/orders/{order}*")
    page.goto(pays)
    assert page.locator("[name=number]").count() == 0
    assert member.orders() == [order]
    assert _captures(house, [order]) == 1


def test_a_second_tab_pays_the_same_bag_once(house: OpenHouse, member: Person) -> None:
    member.put_in_bag(PIECE)
    member.to_review()
    first, second = member.page, member.new_page()
    second.goto("/checkout")
    second.locator('form[action="/checkout/pay"]').wait_for()
    member.submit("/checkout/pay")
    member.give_card()
    first.wait_for_url("**/orders/ord_*")
    with second.expect_navigation():
        second.click('form[action="/checkout/pay"] button[type=submit]')
    assert second.url.removeprefix(house.url) == "/bag"
    assert "Your bag is empty" in second.content()
    assert len(member.orders()) == 1
    assert _captures(house, member.orders()) == 1


def test_a_connection_lost_while_waiting_leads_to_the_order(house: OpenHouse, member: Person) -> None:
    """The provider refuses to take the money for a while, so that the page really waits; meanwhile the line is cut."""
    page = member.page
    member.put_in_bag(PIECE)
    member.to_payment()
    intent = page.url.rpartition("/")[2]
    house.psp(
        "POST", "/control/faults", json={"api": {"operation": "capture", "mode": "error_500", "count": 1000}}
    )
    try:
        with page.expect_request("**/checkout/events?*"):
            member.give_card()
        page.get_by_role("heading", name="Confirming your order").wait_for()
        member.context.set_offline(True)
    finally:
        house.psp("DELETE", "/control/faults")
    eventually(lambda: _done(house, intent), "the order made without its member")
    assert member.path().startswith("/checkout/return")
    member.context.set_offline(False)
    page.wait_for_url("**/orders/ord_*")
    assert _captures(house, member.orders()) == 1
    member.faults = [each for each in member.faults if "ERR_INTERNET_DISCONNECTED" not in each]


def _done(house: OpenHouse, intent: str) -> bool:
    return bool(
        house.rows(
            "SELECT 1 FROM orders.orders JOIN payments.intents ON orders.run = intents.run WHERE intents.psp_id = :id",
            id=intent,
        )
    )


def test_a_declined_card_is_said_and_the_next_one_buys(house: OpenHouse, member: Person) -> None:
    page = member.page
    member.put_in_bag(PIECE)
    member.to_payment()
    member.give_card(DECLINED)
    page.wait_for_url("**/checkout?problem=payment_failed")
    expect(page.get_by_role("alert")).to_contain_text("The payment did not go through.")
    expect(page.get_by_role("alert")).to_contain_text("Nothing has been charged.")
    assert member.orders() == []
    member.to_payment()
    member.give_card()
    page.wait_for_url("**/orders/ord_*")
    assert _captures(house, member.orders()) == 1


@pytest.mark.parametrize("code", ["123456", "000000"])
def test_a_challenge_is_answered(house: OpenHouse, member: Person, code: str) -> None:
    page = member.page
    member.put_in_bag(PIECE)
    member.to_payment()
    member.give_card(THREE_D_SECURE)
    page.locator("[name=code]").wait_for()
    if code == "000000":
        member.fill(code=code)
        with page.expect_navigation():
            page.click('form[action$="/challenge"] button')
        expect(page.get_by_role("alert")).to_be_visible()
        assert member.orders() == []
    member.fill(code="123456")
    page.click('form[action$="/challenge"] button')
    page.wait_for_url("**/orders/ord_*")
    assert _captures(house, member.orders()) == 1


def test_cancelling_at_the_provider_keeps_the_bag(member: Person) -> None:
    page = member.page
    member.put_in_bag(PIECE)
    member.to_payment()
    page.locator('form[action$="/cancel"] button').click()
    page.wait_for_url(re.compile("/checkout"))
    page.wait_for_url("**/checkout?problem=*")
    expect(page.get_by_role("alert")).to_contain_text("Nothing has been charged.")
    assert member.orders() == []
    page.goto("/bag")
    expect(page.locator(".lines li")).to_have_count(1)
