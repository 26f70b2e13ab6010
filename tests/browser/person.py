"""Somebody with a browser of their own: opens pages, fills forms, and notes everything a page does wrong."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.journeys.guest import SUCCEEDS, Guest
from tests.journeys.opened import OpenHouse
from tests.web.design.camera import AXE, RUN_AXE, SETTLE

PATIENCE = 60_000
ADDRESS = {
    "name": "Chen Yulan",
    "line_1": "12 Anfu Road",
    "postcode": "200031",
    "city": "Shanghai",
    "region": "Shanghai",
    "phone": "+86 138 1234 5678",
}
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Person:
    """One browser context; `faults` collects console errors, script errors and requests that leave our origin."""

    def __init__(self, browser: Browser, house: OpenHouse, **options: Any) -> None:
        self.house = house
        self.context: BrowserContext = browser.new_context(
            **({"viewport": {"width": 1440, "height": 900}, "locale": "en", "base_url": house.url} | options)
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.set_default_navigation_timeout(PATIENCE)
        self.faults: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.on(
            "console",
            lambda said: self.faults.append(f"{page.url}: {said.text}") if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: self._note_error(page, str(error)))
        page.on("request", self._note_request)
        return page

    def _note_error(self, page: Page, text: str) -> None:
        """A slow browser gives up a view transition and reports that as an error; nobody sees it and nobody can catch it."""
        if not text.startswith("Transition was aborted"):
            self.faults.append(f"{page.url}: {text}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.house.url}/", "data:", "blob:")):
            self.faults.append(f"left our origin: {request.url}")

    def hold_passkeys(self) -> None:
        """Gives this browser an authenticator that says yes."""
        devtools = self.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    def carry(self, guest: Guest) -> None:
        """Takes over the session of somebody who came in without a browser."""
        self.context.add_cookies(
            [
                {"name": each.name, "value": each.value or "", "url": self.house.url}
                for each in guest.http.cookies.jar
            ]
        )

    def speak(self, locale: str) -> None:
        """Reads every page in a language from now on."""
        self.context.add_cookies([{"name": "luxe_locale", "value": locale, "url": self.house.url}])

    def path(self) -> str:
        return self.page.url.removeprefix(self.house.url)

    def submit(self, action: str) -> None:
        """Presses the button of the form whose action ends so, and waits for the page it leads to."""
        with self.page.expect_navigation():
            self.page.locator(f'form[action$="{action}"] button[type=submit]').last.click()

    def fill(self, **typed: str) -> None:
        for name, value in typed.items():
            self.page.fill(f"[name={name}]", value)

    def sign_in(self, who: str) -> None:
        """With the password of one of the demo house's people."""
        login = self.house.logins[who]
        self.page.goto("/sign-in" if who == "member" else "/office/sign-in")
        self.fill(email=login["e-mail"], password=login["password"])
        self.submit("/sign-in")

    def put_in_bag(self, slug: str) -> None:
        self.page.goto(f"/piece/{slug}")
        self.page.click('form[action="/bag/lines"] button[type=submit]')
        self.page.locator("#notices", has_text="It is in your bag.").wait_for()

    def to_review(self) -> None:
        """From the bag to the last step of the checkout, with a first or the saved address; what was said before stays said."""
        page = self.page
        page.goto("/checkout?step=address")
        if page.locator("[name=address][type=radio]").count() == 0:
            page.select_option("[name=country]", "CN")
            self.fill(**ADDRESS)
        self.submit("/checkout/address")
        for step in ("/checkout/delivery", "/checkout/points"):
            if page.locator(f'form[action="{step}"]').count():
                self.submit(step)
        page.locator('form[action="/checkout/pay"]').wait_for()

    def to_payment(self) -> None:
        """Up to the payment provider's page."""
        self.to_review()
        self.submit("/checkout/pay")
        assert re.match(r"/psp/pay/pi_\w+$", self.path()), self.page.url

    def give_card(self, number: str = SUCCEEDS) -> None:
        """Fills the provider's form; what follows is for the test to say."""
        self.fill(number=number, expiry="12/30", cvc="123")
        self.page.click("form:has([name=number]) button")

    def orders(self) -> list[str]:
        """Identities of this person's orders, as the page of orders links to them."""
        answer = self.context.request.get("/orders").text()
        return sorted(set(re.findall(r"/orders/(ord_\w+)", answer)))

    def inspect(self, name: str) -> None:
        """Notes what is too wide and what axe finds serious or critical on the open page."""
        self.page.evaluate(SETTLE)
        over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            self.faults.append(f"{name}: {over} px too wide")
        self.page.evaluate(f"{AXE.read_text()};0")
        for fault in self.page.evaluate(RUN_AXE):
            if fault["impact"] in ("serious", "critical"):
                self.faults.append(f"{name}: {json.dumps(fault)}")
