"""A card typed into the provider's frame on our page: it pays, and of what is typed nothing comes to the house."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Request

from luxe.app.engines.engine import free_port
from tests.browser.person import Person
from tests.journeys import canaries
from tests.journeys.buyer import stocked
from tests.journeys.guest import SUCCEEDS, Operator
from tests.journeys.opened import OpenHouse, opened

PIECE = "ruban-twilly"
CANARY = "4908172630000000"
CHALLENGED, POOR = "4000000000003220", "4000000000009995"


class Payer(Person):
    """Keeps what this browser sends to the house; the provider's frame is the one origin besides."""

    def __init__(self, browser: Browser, house: OpenHouse, **options: object) -> None:
        self.sent: list[str] = []
        self.frame = house.url.replace("localhost", "127.0.0.1")
        super().__init__(browser, house, **options)
        self.sign_in("member")

    def _note_request(self, request: Request) -> None:
        if request.url.startswith(f"{self.frame}/psp/fields/"):
            return
        super()._note_request(request)
        self.sent.append(f"{request.url} {request.headers} {request.post_data_buffer or b''}")

    def to_card(self) -> FrameLocator:
        self.put_in_bag(PIECE)
        self.to_review()
        self.page.check("[name=method][value=card]")
        self.submit("/checkout/pay")
        assert self.path().startswith("/pay/card/run_"), self.page.url
        return self.page.frame_locator("iframe")

    def type_card(self, frame: FrameLocator, number: str) -> None:
        for name, value in (("number", number), ("expiry", "12 / 34"), ("cvc", "123")):
            frame.locator(f"[name={name}]").fill(value)
        frame.locator("button").click()


@pytest.fixture(scope="module")
def fields_house() -> Iterator[OpenHouse]:
    port = free_port()
    settings = {"LUXE_PSP_FIELDS_URL": f"http://127.0.0.1:{port}/psp"}
    with opened("--port", str(port), settings=settings) as house:
        stocked(house, units=20)
        yield house


@pytest.fixture
def payer(browser: Browser, fields_house: OpenHouse) -> Iterator[Payer]:
    payer = Payer(browser, fields_house)
    yield payer
    payer.context.close()
    assert not payer.faults, "\n".join(payer.faults)


def test_what_is_typed_in_the_frame_never_comes_to_the_house(payer: Payer, fields_house: OpenHouse) -> None:
    assert canaries.is_card_number(CANARY)
    frame = payer.to_card()
    answer = payer.page.reload()
    assert answer is not None
    assert f"frame-src {payer.frame};" in answer.headers["content-security-policy"] + ";"
    payer.type_card(frame, CANARY)
    frame.locator("#number-error").filter(has_text="sandbox").wait_for()
    payer.inspect("card fields")
    payer.page.evaluate("window.postMessage({token: 'tok_' + '0'.repeat(32)}, '*')")
    payer.type_card(frame, SUCCEEDS)
    payer.page.wait_for_url("**/orders/ord_*")
    assert not any(canaries.is_in(each) or SUCCEEDS in each for each in payer.sent)
    assert sum("tok_" in each for each in payer.sent) == 1
    assert not any("tok_0000" in each for each in payer.sent)
    assert list(canaries.in_tables(fields_house)) == []
    assert list(canaries.in_files(fields_house.data / "logs")) == []
    listed = Operator(fields_house).get("/office/scripts.json").json()
    assert listed[-1]["url"] == f"{payer.frame}/psp/fields/"
    plain = payer.page.goto("/checkout")
    assert plain is not None
    assert "frame-src" not in plain.headers["content-security-policy"]


def test_a_challenge_is_answered_on_the_providers_page(payer: Payer) -> None:
    payer.type_card(payer.to_card(), CHALLENGED)
    payer.page.wait_for_url("**/psp/pay/pi_*")
    payer.page.fill("[name=code]", "123456")
    payer.page.click("form:has([name=code]) button")
    payer.page.wait_for_url("**/orders/ord_*")


def test_a_poor_card_leads_back_to_the_checkout(payer: Payer) -> None:
    payer.type_card(payer.to_card(), POOR)
    payer.page.wait_for_url("**/checkout?problem=payment_failed")


def test_without_script_a_link_leads_to_the_providers_page(browser: Browser, fields_house: OpenHouse) -> None:
    payer = Payer(browser, fields_house, java_script_enabled=False)
    payer.page.goto(f"/piece/{PIECE}")
    payer.submit("/bag/lines")
    payer.to_review()
    payer.page.check("[name=method][value=card]")
    payer.submit("/checkout/pay")
    with payer.page.expect_navigation():
        payer.page.locator('a[href*="/psp/pay/"]').click()
    with payer.page.expect_navigation():
        payer.give_card()
    payer.page.wait_for_url("**/orders/ord_*")
    payer.context.close()
