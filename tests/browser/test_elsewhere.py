"""A payment provider whose pages are at another origin, as every real one's are."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.journeys.opened import OpenHouse

PIECE = "ruban-twilly"


def test_a_form_leads_to_a_provider_elsewhere(house: OpenHouse, person: Opener) -> None:
    """Browsers hold redirects after a form to `form-action`: pressing Pay must lead there all the same."""
    elsewhere = f"http://127.0.0.1:{house.run['port']}"
    assert not house.url.startswith(elsewhere)
    buyer = person()
    buyer.sign_in("member")
    buyer.put_in_bag(PIECE)
    buyer.to_payment()
    intent = buyer.path().rpartition("/")[2]
    house.change(
        "UPDATE checkout.runs SET results = CAST(replace(CAST(results AS text), :here, :there) AS jsonb)"
        " WHERE CAST(results AS text) LIKE '%' || :intent || '%'",
        here=house.url,
        there=elsewhere,
        intent=intent,
    )
    buyer.to_review()
    buyer.page.click('form[action="/checkout/pay"] button[type=submit]')
    buyer.page.wait_for_url(f"{elsewhere}/psp/pay/{intent}")
    expect(buyer.page.locator("[name=number]")).to_be_visible()
    buyer.page.go_back()
    expect(buyer.page).to_have_url(re.compile(rf"^{re.escape(house.url)}/checkout"))
    assert set(buyer.faults) == {f"left our origin: {elsewhere}/psp/pay/{intent}"}
    buyer.faults.clear()
