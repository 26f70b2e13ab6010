"""Pieces are taken out of an order on its pages: seen beforehand, pressed twice, in three languages and at two widths."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.browser.conftest import Opener
from tests.browser.eye import DIRECTION, Eye
from tests.browser.test_after_sale import REASON, Sale, pack, refunds, sell, sell_again, shoot, state, twice
from tests.browser.test_pages import NAMES, PIECE
from tests.journeys.guest import Guest, Operator
from tests.journeys.opened import OpenHouse, eventually


@pytest.fixture(scope="module")
def operator(house: OpenHouse) -> Operator:
    return Operator(house)


def sell_two(sale: Sale) -> Sale:
    sale.guest.put_in_bag(PIECE)
    return sell_again(sale)


@pytest.fixture(scope="module")
def bought(house: OpenHouse) -> Sale:
    return sell_two(sell(house))


def chosen(guest: Guest, base: str, keep: int) -> httpx.Response:
    """The page as it is once somebody has said how many stay."""
    page = guest.get(f"{base}/change")
    (field,) = re.findall(r'name="(keep_[^"]+)"', page.text)
    return guest.get(f"{base}/change?{field}={keep}")


def test_a_member_takes_one_of_two_out(house: OpenHouse, bought: Sale) -> None:
    sale, guest = bought, bought.guest
    assert f'href="{sale.page}/change"' in guest.get(sale.page).text
    empty = chosen(guest, sale.page, 0)
    assert (empty.status_code, "Cancel the order instead" in empty.text) == (422, True)
    page = chosen(guest, sale.page, 1)
    assert "What goes back, and why" in page.text
    assert refunds(house, sale) == []
    answers = twice(guest, page, "/changes", reason=REASON)
    assert [(each.status_code, each.url.path) for each in answers] == [(200, sale.page)] * 2
    eventually(lambda: refunds(house, sale) == [("edit", "done")], "the edit is done")
    assert state(house, sale) == "paid"
    assert house.mail(sale.email, "was changed")
    assert "Pieces taken out" in guest.get(sale.page).text
    again = guest.get(f"{sale.page}/change")
    assert again.url.path == sale.page, "with one piece left there is nothing to take out"


def test_an_operator_takes_out_what_a_member_may_not(
    house: OpenHouse, operator: Operator, bought: Sale
) -> None:
    sale = sell_two(bought)
    pack(operator, sale)
    refused = chosen(sale.guest, sale.page, 1)
    assert (refused.status_code, "packed already" in refused.text) == (422, True)
    page = chosen(operator, sale.office, 1)
    answers = twice(operator, page, "/changes", reason=REASON)
    assert [(each.status_code, each.url.path) for each in answers] == [(200, sale.office)] * 2
    eventually(lambda: refunds(house, sale) == [("edit", "done")], "the edit is done")

    def called_off() -> bool:
        found = house.rows("SELECT state FROM fulfilment.shipments WHERE order_id = :order", order=sale.order)
        return [row.state for row in found] == ["called_off"]

    eventually(called_off, "the parcel is called off")
    assert sale.guest.http.get(f"{bought.office}/change").status_code == 404


@pytest.mark.parametrize("locale", DIRECTION)
def test_the_pages_in_every_language(
    house: OpenHouse, person: Opener, operator: Operator, bought: Sale, locale: str, tmp_path: Path
) -> None:
    sale, visitor = sell_two(bought), person(reduced_motion="reduce")
    makers = [row.name for row in house.rows("SELECT name FROM brands.brands")]
    eye = Eye(visitor.page, locale, [*NAMES, *makers], visitor.faults)
    for who, name, base in ((sale.guest, "member", sale.page), (operator, "office", sale.office)):
        visitor.context.clear_cookies()
        visitor.carry(who)
        visitor.speak(locale)
        for keep in (None, 1, 0):
            visitor.page.goto(
                chosen(who, base, keep).url.raw_path.decode() if keep is not None else f"{base}/change"
            )
            eye.look(f"{name} keeps {keep}")
            shoot(visitor, f"change-{name}-{keep}-{locale}", tmp_path)
    visitor.faults[:] = [each for each in visitor.faults if not re.search("responded with a status of", each)]
