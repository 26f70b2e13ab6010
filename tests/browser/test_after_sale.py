"""After a sale: cancelling, shipping and refunding on their pages, pressed twice, in three languages and at two widths."""

from __future__ import annotations

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.browser.conftest import PASSWORD, Opener
from tests.browser.eye import DIRECTION, Eye
from tests.browser.person import Person
from tests.browser.test_pages import NAMES, PIECE
from tests.journeys.guest import Guest, Operator
from tests.journeys.opened import OpenHouse, eventually
from tests.web.design.camera import NARROW, WIDE

REASON = "123"
"""Said in no language, so that it may stand on a page of any."""


class Sale(msgspec.Struct, frozen=True):
    guest: Guest
    email: str
    order: str

    @property
    def page(self) -> str:
        return f"/orders/{self.order}"

    @property
    def office(self) -> str:
        return f"/office/orders/{self.order}"


def sell(house: OpenHouse) -> Sale:
    guest, email = Guest(house), f"{secrets.token_hex(5)}@luxe.example"
    guest.become_member("Chen Yulan", email, PASSWORD)
    return sell_again(Sale(guest, email, ""))


def sell_again(sale: Sale) -> Sale:
    guest = sale.guest
    guest.put_in_bag(PIECE)
    if sale.order:
        page = guest.get("/checkout?step=address")
        saved = page.text.partition('name="address" value="')[2].partition('"')[0]
        guest.submit(page, "/checkout/address", address=saved)
        guest.submit(guest.get("/checkout?step=delivery"), "/checkout/delivery", gift_note="")
        guest.submit(guest.get("/checkout?step=points"), "/checkout/points", points="0")
        review = guest.get("/checkout")
    else:
        review = guest.to_review()
    bought = guest.settle(guest.pay(guest.submit(review, "/checkout/pay")), "/orders/ord_")
    return Sale(guest, sale.email, bought.url.path.rpartition("/")[2])


def twice(guest: Guest, page: httpx.Response, action: str, **typed: str) -> list[httpx.Response]:
    """The same form sent twice at the same moment, as two presses without script are."""
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(guest.submit, page, action, **typed) for _ in range(2)]
        return [each.result() for each in sent]


def refunds(house: OpenHouse, sale: Sale) -> list[tuple[str, str]]:
    found = house.rows(
        "SELECT kind, state FROM orders.refunds WHERE order_id = :order ORDER BY id", order=sale.order
    )
    return [(row.kind, row.state) for row in found]


def state(house: OpenHouse, sale: Sale) -> str:
    return house.rows("SELECT state FROM orders.orders WHERE id = :order", order=sale.order)[0].state


@pytest.fixture(scope="module")
def operator(house: OpenHouse) -> Operator:
    return Operator(house)


def test_a_member_cancels(house: OpenHouse) -> None:
    sale = sell(house)
    answers = twice(sale.guest, sale.guest.get(sale.page), "/cancel", reason=REASON)
    assert [(each.status_code, each.url.path, str(each.url.query)) for each in answers] == [
        (200, sale.page, "b''")
    ] * 2
    assert all("<h1" in each.text and "Cancelled" in each.text for each in answers)
    assert (state(house, sale), refunds(house, sale)) == ("cancelled", [("cancellation", "done")])
    assert 'action="' + sale.page + '/cancel"' not in answers[0].text
    letter = house.mail(sale.email, "is cancelled")
    assert "on its way back" in letter["text"]


def test_an_operator_refunds_ships_and_delivers(house: OpenHouse, operator: Operator) -> None:
    sale = sell(house)
    page = operator.get(sale.office)
    answers = twice(operator, page, "/refund", kind="goodwill", amount="100.00", reason=REASON)
    assert [(each.status_code, each.url.path) for each in answers] == [(200, sale.office)] * 2
    assert refunds(house, sale) == [("goodwill", "done")]
    assert house.mail(sale.email, "A refund for your order")
    stale = operator.get(sale.office)
    shipment = hand_over(operator, sale)
    assert state(house, sale) == "shipped"
    assert house.mail(sale.email, "is on its way")
    refused = operator.submit(stale, "/cancel", reason=REASON)
    assert (refused.status_code, refused.url.params["problem"]) == (422, "order_state")
    assert "The order has moved on" in refused.text
    twice(operator, operator.get(shipment), "/move", state="delivered", note="")
    assert state(house, sale) == "delivered"
    assert "SH-" in sale.guest.get(sale.page).text
    much = operator.submit(
        operator.get(sale.office), "/refund", kind="goodwill", amount="99999999", reason=REASON
    )
    assert (much.status_code, much.url.params["problem"]) == (422, "refund_too_much")
    wrong = operator.submit(
        operator.get(sale.office), "/refund", kind="goodwill", amount="a lot", reason=REASON
    )
    assert (wrong.status_code, wrong.url.params["problem"]) == (422, "refund_invalid")
    assert refunds(house, sale) == [("goodwill", "done")]
    told = house.rows(
        "SELECT what FROM orders.timeline WHERE order_id = :order ORDER BY seq", order=sale.order
    )
    assert [row.what for row in told][-3:] == ["refunded", "shipped", "delivered"]


def test_nobody_acts_on_another_members_order(house: OpenHouse) -> None:
    sale, other = sell(house), Guest(house)
    other.become_member("Chen Yulan", f"{secrets.token_hex(5)}@luxe.example", PASSWORD)
    for path in (
        f"{sale.page}/cancel",
        f"{sale.office}/cancel",
        f"{sale.office}/refund",
        f"{sale.office}/pack",
        "/office/shipments/shp_1/hand-over",
    ):
        answer = other.http.post(path, data={"idempotency_key": "k", "reason": REASON})
        assert answer.status_code == 404, path
    assert (state(house, sale), refunds(house, sale)) == ("paid", [])


def delivered(operator: Operator, sale: Sale) -> Sale:
    shipment = hand_over(operator, sale)
    operator.submit(operator.get(shipment), "/move", state="delivered", note="")
    return sale


def pack(operator: Operator, sale: Sale) -> list[httpx.Response]:
    """All its pieces in a shipment that our own people bring, pressed twice. An order that was just placed has none yet."""

    def packable() -> httpx.Response | None:
        page = operator.get(f"{sale.office}/pack")
        return page if 'name="unit_0"' in page.text else None

    page = eventually(packable, "pieces to pack")
    units = dict(re.findall(r'name="(unit_\d+)" value="([^"]+)"', page.text))
    return twice(operator, page, "/pack", method="white_glove", **units)


def hand_over(operator: Operator, sale: Sale) -> str:
    """The page of the one shipment that was made and handed over."""
    answers = pack(operator, sale)
    (path,) = {answer.url.path for answer in answers}
    twice(operator, answers[0], "/hand-over")
    return path


def ask_to_return(sale: Sale) -> list[httpx.Response]:
    page = sale.guest.get(sale.page)
    unit = re.search(r'name="unit_0" value="([^"]+)"', page.text)
    assert unit, page.text[:2000]
    return twice(sale.guest, page, "/returns", unit_0=unit.group(1), reason=REASON)


def returned(house: OpenHouse, sale: Sale) -> list[str]:
    found = house.rows(
        "SELECT state FROM orders.returns WHERE order_id = :order ORDER BY id", order=sale.order
    )
    return [row.state for row in found]


def test_a_piece_goes_back(house: OpenHouse, operator: Operator) -> None:
    sale = delivered(operator, sell(house))
    answers = ask_to_return(sale)
    assert [(each.status_code, each.url.path) for each in answers] == [(200, sale.page)] * 2
    assert returned(house, sale) == ["requested"]
    row = next(row for row in operator.get("/office/returns").text.split("<tr") if sale.office in row)
    assert REASON in row
    twice(operator, operator.get(sale.office), "/approve")
    assert returned(house, sale) == ["approved"]
    letter = house.mail(sale.email, "Your return")
    label = re.search(r"/orders/\S+/label", letter["text"])
    assert label
    assert "<rect" in sale.guest.get(label.group(0)).text
    twice(operator, operator.get(sale.office), "/inspect", found_0="accepted")

    def settled() -> bool | None:
        return returned(house, sale) == ["refunded"] or None

    eventually(settled, "the return is settled")
    assert (state(house, sale), refunds(house, sale)) == ("returned", [("return", "done")])
    assert house.mail(sale.email, "A refund for your order")
    assert sale.guest.get(label.group(0)).status_code == 404


def test_a_return_is_declined_and_another_withdrawn(house: OpenHouse, operator: Operator) -> None:
    sale = delivered(operator, sell(house))
    ask_to_return(sale)
    operator.submit(operator.get(sale.office), "/decline", reason="It was engraved")
    assert "It was engraved" in house.mail(sale.email, "Your return")["text"]
    ask_to_return(sale)
    twice(sale.guest, sale.guest.get(sale.page), "/withdraw")
    assert returned(house, sale) == ["declined", "withdrawn"]
    empty = sale.guest.submit(sale.guest.get(sale.page), "/returns", reason=REASON)
    assert (empty.status_code, empty.url.params["problem"]) == (422, "units_missing")
    assert refunds(house, sale) == []


@pytest.fixture(scope="module")
def sales(house: OpenHouse, operator: Operator) -> dict[str, Sale]:
    """One paid, one cancelled, one refunded in part and shipped, one delivered, one with a return that was approved."""
    paid = sell(house)
    cancelled, shipped = sell_again(paid), sell_again(paid)
    cancelled.guest.submit(cancelled.guest.get(cancelled.page), "/cancel", reason=REASON)
    operator.submit(
        operator.get(shipped.office), "/refund", kind="price_correction", amount="100.00", reason=REASON
    )
    hand_over(operator, shipped)
    delivery, returning = (delivered(operator, sell_again(paid)) for _ in range(2))
    ask_to_return(returning)
    operator.submit(operator.get(returning.office), "/approve")
    return {
        "paid": paid,
        "cancelled": cancelled,
        "shipped": shipped,
        "delivered": delivery,
        "returning": returning,
    }


def open_sheets(person: Person, eye: Eye, name: str, sheets: list[str], keep: Path) -> None:
    for sheet in sheets:
        element = person.page.locator(f"#{sheet}")
        if not element.count():
            continue
        element.evaluate("sheet => sheet.showPopover()")
        eye.look(f"{name} {sheet}")
        shoot(person, f"{name}-{sheet}-{eye.locale}", keep)
        element.evaluate("sheet => sheet.hidePopover()")


def shoot(person: Person, name: str, keep: Path) -> None:
    for width in (WIDE, NARROW):
        person.page.set_viewport_size({"width": width, "height": 900})
        person.page.screenshot(path=keep / f"{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("locale", DIRECTION)
def test_the_pages_in_every_language(
    house: OpenHouse, person: Opener, sales: dict[str, Sale], operator: Operator, locale: str, tmp_path: Path
) -> None:
    visitor = person(reduced_motion="reduce")
    makers = [row.name for row in house.rows("SELECT name FROM brands.brands")]
    eye = Eye(visitor.page, locale, [*NAMES, *makers], visitor.faults)
    for who, pages in (
        (
            sales["paid"].guest,
            [(name, sale.page, ["cancel-order", "return-pieces"]) for name, sale in sales.items()],
        ),
        (
            operator,
            [(f"office-{name}", sale.office, ["cancel", "refund"]) for name, sale in sales.items()],
        ),
    ):
        visitor.context.clear_cookies()
        visitor.carry(who)
        visitor.speak(locale)
        for name, path, sheets in pages:
            visitor.page.goto(path)
            eye.look(name)
            shoot(visitor, f"{name}-{locale}", tmp_path)
            open_sheets(visitor, eye, name, sheets, tmp_path)
            inspections = visitor.page.locator("[popover][id^=inspect]")
            if inspections.count():
                open_sheets(visitor, eye, name, [inspections.first.get_attribute("id") or ""], tmp_path)
            label = visitor.page.locator('a[href$="/label"]')
            if label.count():
                visitor.page.goto(label.first.get_attribute("href") or "")
                eye.look(f"{name} label")
                shoot(visitor, f"{name}-label-{locale}", tmp_path)
        if who is operator:
            visitor.page.goto("/office/returns?shown=approved")
            eye.look("office returns")
            shoot(visitor, f"office-returns-{locale}", tmp_path)
        visitor.page.goto(f"{pages[0][1]}?problem=order_state")
        eye.look(f"{pages[0][0]} refused")
    visitor.faults[:] = [each for each in visitor.faults if not re.search("responded with a status of", each)]
