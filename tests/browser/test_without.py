"""Without a mouse, and without script."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.browser.person import Person
from tests.journeys.guest import Guest
from tests.journeys.opened import OpenHouse

FOCUSED = "document.activeElement"
RINGED = f"(() => {{ const s = getComputedStyle({FOCUSED}); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1 }})()"


def _tab_to(page: Page, selector: str, stops: int = 80) -> None:
    """Presses Tab until the element has the focus; every stop on the way must show that it has it."""
    for _ in range(stops):
        page.keyboard.press("Tab")
        if page.evaluate(f"{FOCUSED}.matches({selector!r})"):
            assert page.evaluate(RINGED), f"no ring on {selector}"
            return
    raise AssertionError(f"{selector} is not reached with Tab")


def _enter(page: Page, url: str) -> None:
    with page.expect_navigation(url=url):
        page.keyboard.press("Enter")


def test_from_the_gate_to_the_bag_with_keys_alone(person: Opener, house: OpenHouse) -> None:
    login = house.logins["member"]
    visitor = person()
    page = visitor.page
    page.goto("/")
    _tab_to(page, 'a[href="/sign-in"]')
    _enter(page, "**/sign-in")
    _tab_to(page, "[name=email]")
    page.keyboard.type(login["e-mail"])
    _tab_to(page, "[name=password]")
    page.keyboard.type(login["password"])
    _enter(page, f"{house.url}/")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.matches('.skip')")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{FOCUSED}.id") == "main"
    page.locator("[data-island=search][data-alive]").wait_for()
    page.keyboard.press("/")
    expect(page.locator("#search-query")).to_be_focused()
    page.keyboard.type("ruban")
    pieces = page.locator("#suggestions a[href^='/piece/']")
    expect(pieces).to_have_count(1)
    expect(pieces).to_have_attribute("href", "/piece/ruban-twilly")
    while not page.evaluate(f"({FOCUSED}.getAttribute('href') || '').startsWith('/piece/')"):
        before = page.evaluate(f"{FOCUSED}.outerHTML")
        page.keyboard.press("ArrowDown")
        assert page.evaluate(f"{FOCUSED}.outerHTML") != before
    _enter(page, "**/piece/ruban-twilly")
    _tab_to(page, 'form[action="/bag/lines"] button[type=submit]')
    page.keyboard.press("Enter")
    page.locator("#notices", has_text="It is in your bag.").wait_for()
    page.goto("/bag")
    _tab_to(page, 'form[action$="/remove"] button')
    _enter(page, "**/bag")


def test_from_the_gate_to_the_bag_without_script(person: Opener, house: OpenHouse, email: str) -> None:
    guest = Guest(house)
    guest.become_member("Chen Yulan", email, "quiet morning light 27")
    visitor: Person = person(java_script_enabled=False)
    page = visitor.page
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    visitor.fill(email=email, password="quiet morning light 27")
    visitor.submit("/sign-in")
    page.goto("/pieces")
    page.select_option("#sort", "price_up")
    with page.expect_navigation():
        page.get_by_role("button", name="Sort", exact=True).click()
    assert "sort=price_up" in page.url
    page.get_by_role("button", name="Filter").click()
    page.locator("#filters .check", has_text="Serradine").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Show pieces").click()
    with page.expect_navigation():
        page.locator(".tile-link").first.click()
    assert visitor.path() == "/piece/ruban-twilly"
    expect(page.get_by_role("button", name="View in 3D")).to_be_hidden()
    visitor.submit("/bag/lines")
    assert visitor.path() == "/bag"
    expect(page.locator(".lines li")).to_have_count(1)
