"""The hosted page in a real browser without JavaScript: it fits, breaks no policy of its own, and pays."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.outside.parties import Merchant, Party

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield launched
        launched.close()


@pytest.mark.parametrize(("locale", "width"), [("en", 390), ("zh", 1440), ("ar", 390)])
def test_a_card_is_paid_by_hand(psp: Party, merchant: Merchant, browser: Browser, locale: str, width: int):
    intent = merchant.create(locale=locale, return_url=f"{psp.url}/psp/health")
    visit = browser.new_page(viewport={"width": width, "height": 844}, java_script_enabled=False)
    complaints: list[str] = []
    visit.on("console", lambda message: complaints.append(message.text))
    visit.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    asked: list[str] = []
    visit.on("request", lambda request: asked.append(request.url))
    visit.goto(f"{psp.url}/psp/pay/{intent}")
    assert visit.evaluate("document.documentElement.scrollWidth") == width
    visit.locator("a", has_text="4000 0000 0000 3220").click()
    visit.locator("button.primary").click()
    visit.locator("#code").fill("123456")
    visit.locator("button.primary").click()
    visit.wait_for_url("**/psp/health?*")
    assert visit.url == f"{psp.url}/psp/health?intent={intent}&status=authorised"
    assert complaints == []
    assert all(url.startswith(psp.url) for url in asked)
    visit.close()
    assert merchant.status(intent) == "authorised"
