"""Somebody who uses the house's pages without script: follows links, fills forms, pays on the PSP's page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.journeys.opened import OpenHouse, eventually

SUCCEEDS = "4242424242424242"
DECLINED = "4000000000000002"
THREE_D_SECURE = "4000000000003220"


class Guest:
    """One browser's worth of cookies. Every step returns the page that it led to."""

    def __init__(self, house: OpenHouse, locale: str = "en") -> None:
        self.house = house
        headers = {
            "accept-language": locale,
            "origin": house.url,
            "user-agent": "Mozilla/5.0 (X11; Linux) Chrome/156",
        }
        self.http = httpx.Client(base_url=house.url, headers=headers, follow_redirects=True, timeout=60)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(path, **options)

    def submit(self, page: httpx.Response, action: str, **typed: str) -> httpx.Response:
        """Posts the form of `page` whose action ends so, with its hidden fields and what is typed."""
        form = _form(page.text, action)
        found = re.search(r'action="([^"]*)"', form)
        target = urljoin(str(page.url), unescape(found.group(1)) if found else str(page.url))
        hidden = {
            unescape(name): unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        }
        checked = {
            unescape(name): unescape(value)
            for name, value in re.findall(
                r'<input type="radio" name="([^"]+)" value="([^"]*)"[^>]* checked', form
            )
        }
        return self.http.post(target, data={**hidden, **checked, **typed})

    def join_with_password(self, name: str, email: str, password: str) -> httpx.Response:
        """From the invitation to an application that has been sent; the e-mail is confirmed on the way."""
        page = self.get(self.house.logins["a guest"]["where"])
        page = self.submit(page, "/join/account", name=name, email=email, password=password, terms="yes")
        assert page.url.path == "/join/verify", page.text[:2000]
        letter = self.house.mail(email, "mail")
        link = re.search(r"https?://\S+/verify-email\?token=\S+", letter["text"])
        assert link, letter["text"]
        page = self.get(link.group(0))
        assert page.url.path == "/join/application"
        return self.apply(page)

    def apply(self, page: httpx.Response, **changes: str) -> httpx.Response:
        typed = {
            "country": "CN",
            "city": "Shanghai",
            "birthday": "1985-03-02",
            "source": "business",
            "declaration": "yes",
        }
        for number in ("1", "2"):
            typed |= {
                f"reference_{number}_name": f"Person {number}",
                f"reference_{number}_relation": "Member",
                f"reference_{number}_contact": f"person{number}@luxe.example",
            }
        return self.submit(page, "/join/application", **(typed | changes))

    def sign_in(self, email: str, password: str) -> httpx.Response:
        return self.submit(self.get("/sign-in"), "/sign-in", email=email, password=password)

    def pay(self, page: httpx.Response, card: str = SUCCEEDS, follow: bool = True) -> httpx.Response:
        """Pays on the PSP's page; `follow=False` closes the tab before the way back."""
        assert "/psp/pay/" in str(page.url), (str(page.url), page.text[:1500])
        self.http.follow_redirects = follow
        try:
            return self.submit(page, "/card", number=card, expiry="12/30", cvc="123")
        finally:
            self.http.follow_redirects = True

    def become_member(self, name: str, email: str, password: str) -> httpx.Response:
        """The whole way in, with an operator's word and a card that works; returns the welcome."""
        self.join_with_password(name, email, password)
        operator = Operator(self.house)
        operator.approve(email)
        page = self.submit(self.get("/join/fee"), "/join/fee")
        return self.settle(self.pay(page), "/join/welcome")

    def settle(self, page: httpx.Response, path: str) -> httpx.Response:
        """Waits on a waiting page until it leads to an address that begins so."""

        def look() -> httpx.Response | None:
            nonlocal page
            if page.url.path.startswith(path):
                return page
            page = self.get(str(page.url))
            return page if page.url.path.startswith(path) else None

        return eventually(look, f"{path} (at {page.url})")

    def put_in_bag(self, slug: str) -> httpx.Response:
        page = self.get(f"/piece/{slug}")
        found = re.search(r'name="variant" value="([^"]+)"(?![^>]* disabled)', page.text)
        assert found, page.text[:1500]
        return self.submit(page, "/bag/lines", variant=found.group(1))

    def to_payment(self, **address: str) -> httpx.Response:
        """From the bag through address, delivery and points to the PSP's page."""
        return self.submit(self.to_review(**address), "/checkout/pay")

    def to_review(self, **address: str) -> httpx.Response:
        """From the bag to the last step of the checkout."""
        typed = {
            "address": "new",
            "name": "Chen Yulan",
            "country": "CN",
            "line_1": "12 Anfu Road",
            "postcode": "200031",
            "city": "Shanghai",
            "region": "Shanghai",
            "phone": "+86 138 1234 5678",
        }
        self.submit(self.get("/checkout?step=address"), "/checkout/address", **(typed | address))
        self.submit(self.get("/checkout?step=delivery"), "/checkout/delivery", gift_note="")
        self.submit(self.get("/checkout?step=points"), "/checkout/points", points="0")
        return self.get("/checkout")


class Operator(Guest):
    """The demo house's operator, signed in."""

    def __init__(self, house: OpenHouse) -> None:
        super().__init__(house)
        login = house.logins["operator"]
        page = self.submit(
            self.get("/office/sign-in"), "/office/sign-in", email=login["e-mail"], password=login["password"]
        )
        assert page.url.path == "/office", page.url

    def application_of(self, email: str) -> httpx.Response:
        """The page of somebody's application, waiting for it to arrive in the queue."""

        def look() -> httpx.Response | None:
            page = self.get("/office/applications")
            while True:
                row = next((row for row in page.text.split("<tr") if email in row), None)
                if row is not None:
                    return self.get(unescape(re.findall(r'href="([^"]+)"', row)[0]))
                following = re.search(r'href="(/office/applications[^"]*cursor=[^"]+)"', page.text)
                if following is None:
                    return None
                page = self.get(unescape(following.group(1)))

        return eventually(look, f"the application of {email}")

    def approve(self, email: str) -> httpx.Response:
        return self.submit(self.application_of(email), "/approve")

    def decline(self, email: str, reason: str) -> httpx.Response:
        return self.submit(self.application_of(email), "/decline", reason=reason)


def _form(html: str, action: str) -> str:
    for form in re.findall(r"<form\b.*?</form>", html, re.DOTALL):
        opening = form[: form.index(">")]
        found = re.search(r'action="([^"]*)"', opening)
        if 'method="post"' in opening and found and unescape(found.group(1)).endswith(action):
            return form
    raise AssertionError(f"no form for {action} on the page:\n{html[:3000]}")
