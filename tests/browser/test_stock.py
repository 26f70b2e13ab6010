"""An operator and the stock: every page in three languages and two widths, and what is done once is done once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.eye import Eye
from tests.browser.person import Person
from tests.browser.test_pages import NAMES
from tests.journeys.opened import OpenHouse

PICTURES = os.environ.get("LUXE_TEST_PICTURES", "")
"""A folder that pictures of the pages are put into, for people to look at."""


def _act(operator: Person, form: str, **typed: str) -> None:
    """Opens the sheet of a form, fills and sends it."""
    page = operator.page
    page.click(f"button[popovertarget={form}]")
    for name, value in typed.items():
        control = page.locator(f"#{form}-{name}")
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    with page.expect_navigation():
        page.click(f"#{form} button[type=submit]")


def _forgive_refusals(operator: Person) -> None:
    """A browser reports a page that answers 422 as an error; here it is the right answer."""
    operator.faults[:] = [fault for fault in operator.faults if "status of 422" not in fault]


def _facts(operator: Person) -> list[str]:
    return operator.page.locator(".office-decision dl.facts dd").all_inner_texts()


@pytest.fixture
def operator(person: Opener) -> Person:
    made = person(reduced_motion="reduce")
    made.sign_in("operator")
    return made


@pytest.fixture
def piece(house: OpenHouse, operator: Person) -> str:
    """The address of a piece's stock page, of which four are there and two locations exist."""
    variant = house.rows(
        "SELECT variant_id FROM inventory.units WHERE order_id IS NULL AND run IS NULL AND coming = 0 "
        "GROUP BY 1 HAVING count(*) >= 2 ORDER BY 1 LIMIT 1"
    )[0].variant_id
    operator.page.goto("/office/locations")
    operator.fill(code="bund", name="Bund 18", country="cn")
    operator.page.select_option("[name=kind]", "boutique")
    operator.submit("/office/locations")
    operator.page.goto(f"/office/stock/{variant}")
    _act(operator, "change", what="count", location="main", quantity="4", reason="stocktaking")
    _act(operator, "change", what="count", location="bund", quantity="0", reason="stocktaking")
    return f"/office/stock/{variant}"


def test_stock_is_received_sent_promised_and_refused(operator: Person, piece: str) -> None:
    page = operator.page
    page.goto(piece)
    before = _facts(operator)
    _act(operator, "transfer", origin="main", destination="bund", quantity="1", reason="window")
    expect(page.locator("#notices")).to_contain_text("Saved.")
    after = _facts(operator)
    assert (int(after[2]) - int(before[2]), int(after[4]) - int(before[4])) == (1, -1)
    operator.submit("/receive")
    assert int(_facts(operator)[2]) == int(before[2])
    _act(operator, "change", what="lost", location="main", quantity="9", reason="audit")
    expect(page.locator(".form-summary")).to_contain_text("Fewer pieces than that are free there.")
    _act(operator, "change", what="receive", quantity="0", reason="audit")
    expect(page.locator("#change-quantity-error")).to_have_count(1)
    page.goto(piece)
    _act(operator, "promise", quantity="2", days="30", reason="made in the atelier")
    assert int(_facts(operator)[3]) - int(before[3]) == 2
    _forgive_refusals(operator)


def test_a_form_sent_twice_has_one_effect(operator: Person, piece: str) -> None:
    page = operator.page
    page.goto(piece)
    before = int(_facts(operator)[0])
    key = page.locator("#change [name=idempotency_key]").input_value()
    form: dict[str, Any] = {
        "idempotency_key": key,
        "what": "receive",
        "location": "main",
        "quantity": "1",
        "reason": "delivery",
    }
    for _ in range(2):
        answer = operator.context.request.post(
            f"{piece}/change", form=form, headers={"origin": operator.house.url}
        )
        assert answer.status == 200
    page.goto(piece)
    assert int(_facts(operator)[0]) == before + 1


def test_a_piece_is_found_by_name_and_by_serial_number(
    operator: Person, piece: str, house: OpenHouse
) -> None:
    page = operator.page
    page.goto(piece)
    name = page.locator("h1").inner_text()
    page.goto("/office/stock")
    page.fill("[name=q]", name)
    with page.expect_navigation():
        page.click("form[role=search] button")
    expect(page.locator(f'a[href="{piece}"]')).to_have_count(1)
    serial = house.rows(
        "SELECT serial FROM inventory.units WHERE variant_id = :variant AND order_id IS NULL LIMIT 1",
        variant=piece.rpartition("/")[2],
    )[0].serial
    page.goto(f"/office/stock?q={serial}")
    assert operator.path() == piece


@pytest.mark.parametrize("locale", ["en", "zh-CN", "ar"])
def test_every_page_of_stock_in_every_language(
    operator: Person, piece: str, house: OpenHouse, locale: str
) -> None:
    page = operator.page
    operator.speak(locale)
    makers = [row.name for row in house.rows("SELECT name FROM brands.brands")]
    eye = Eye(page, locale, [*NAMES, *makers], operator.faults)
    paths = ("/office/stock", "/office/stock?q=zzzz", "/office/locations", piece)
    for number, path in enumerate(paths):
        page.goto(path)
        eye.look(path)
        _picture(operator, f"{number}-{locale}")
    for form in ("change", "transfer", "promise"):
        page.goto(piece)
        page.click(f"button[popovertarget={form}]")
        eye.look(f"{piece} {form}")
        _picture(operator, f"{form}-{locale}")
    page.goto(piece)
    _act(operator, "transfer", origin="main", destination="main", quantity="1", reason="x")
    eye.look(f"{piece} refused")
    _picture(operator, f"refused-{locale}")
    _forgive_refusals(operator)


def _picture(operator: Person, name: str) -> None:
    if PICTURES:
        for width, height in ((1440, 900), (390, 844)):
            operator.page.set_viewport_size({"width": width, "height": height})
            operator.page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png")
