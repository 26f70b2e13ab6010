"""The whole way in one browser: an invitation, a passkey, an operator's word, a fee, a piece."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.person import Person
from tests.journeys.opened import OpenHouse


def _apply(guest: Person, email: str) -> None:
    page = guest.page
    page.goto(guest.house.logins["a guest"]["where"])
    assert guest.path() == "/join/account"
    guest.fill(name="Chen Yulan", email=email)
    page.check("[name=terms]")
    with page.expect_navigation(url="**/join/application"):
        page.click("[data-passkey=register] button")
    page.select_option("[name=country]", "CN")
    guest.fill(city="Shanghai", birthday="1985-03-02")
    page.check("[name=source][value=business]")
    page.check("[name=declaration]")
    for number in ("1", "2"):
        guest.fill(
            **{
                f"reference_{number}_name": f"Person {number}",
                f"reference_{number}_relation": "Member",
                f"reference_{number}_contact": f"person{number}@luxe.example",
            }
        )
    guest.submit("/join/application")
    expect(page.locator("h1")).to_have_text("Your application is with us")


def _approve(operator: Person, email: str) -> None:
    operator.sign_in("operator")
    operator.page.goto("/office/applications")
    row = operator.page.locator("tr", has_text=email)
    row.get_by_role("link").click()
    operator.page.get_by_role("button", name="Approve").wait_for()
    operator.submit("/approve")
    expect(operator.page.locator(".office-decision")).to_contain_text("Approved on")


def _names(page: Page) -> list[str]:
    return page.locator(".tile-name").all_inner_texts()


def _browse(member: Person) -> None:
    """The list filtered and sorted, the search overlay, and from there to a piece."""
    page = member.page
    page.goto("/pieces")
    before = len(_names(page))
    page.get_by_role("button", name="Filter").click()
    page.locator("#filters .check", has_text="Serradine").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Show pieces").click()
    page.get_by_role("link", name="Remove Serradine").wait_for()
    chosen = _names(page)
    assert 0 < len(chosen) < before
    with page.expect_navigation(url=re.compile("sort=price_up")):
        page.select_option("#sort", "price_up")
    assert sorted(_names(page)) == sorted(chosen)
    assert _names(page)[0] == "Ruban, long and narrow"
    with page.expect_navigation():
        page.get_by_role("link", name="Clear all").first.click()
    assert len(_names(page)) == before
    page.locator("[data-island=search]").click()
    page.keyboard.type("arcade")
    page.locator("#suggestions").get_by_role("link", name=re.compile("Arcade 28")).click()
    page.wait_for_url("**/piece/arcade-28")


def _turn_around(page: Page) -> None:
    """The model comes only when asked for, and is drawn."""
    assert page.locator("model-viewer").count() == 0
    page.get_by_role("button", name="View in 3D").click()
    page.get_by_role("button", name="Back to the picture").wait_for()
    assert page.locator("model-viewer").evaluate("viewer => viewer.loaded && viewer.modelIsVisible !== false")
    page.get_by_role("button", name="Back to the picture").click()
    page.get_by_role("button", name="View in 3D").wait_for()


def test_from_the_invitation_to_an_owned_piece(house: OpenHouse, person: Opener, email: str) -> None:
    guest, operator = person(), person()
    guest.hold_passkeys()
    _apply(guest, email)
    _approve(operator, email)

    page = guest.page
    page.goto("/join/fee")
    guest.submit("/join/fee")
    assert guest.path().startswith("/psp/pay/pi_")
    expect(page.locator(".amount")).to_have_text(re.compile("9,800"))
    guest.give_card()
    page.wait_for_url("**/join/welcome")
    expect(page.locator("body")).to_contain_text(re.compile(r"M-\d{7}"))

    _browse(guest)
    _turn_around(page)
    page.click('form[action="/bag/lines"] button[type=submit]')
    page.locator("#notices", has_text="It is in your bag.").wait_for()
    expect(page.locator(".bag-count")).to_have_text("1")
    page.goto("/bag")
    page.get_by_role("link", name="Go to checkout").click()
    guest.to_payment()
    guest.give_card()
    page.wait_for_url("**/orders/ord_*")
    expect(page.locator("h1")).to_be_visible()
    assert "Thank you. It is yours." in page.content()
    assert len(guest.orders()) == 1
    assert house.mail(email, "order")

    page.goto("/account/security")
    expect(page.locator(".record").first.locator("li")).to_have_count(1)
    page.goto("/account")
    guest.submit("/sign-out")
    assert guest.path() == "/"
    page.goto("/orders")
    assert guest.path() == "/"
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator("#bag-link").wait_for()
    page.goto("/orders")
    assert len(guest.orders()) == 1
