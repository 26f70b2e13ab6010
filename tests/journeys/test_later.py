"""One bag in two tabs, and an order after it was bought: its papers, its notes, where it goes."""

from __future__ import annotations

from tests.journeys.guest import Guest, Operator
from tests.journeys.opened import OpenHouse

ELSEWHERE = {"line_1": "32 Zhongshan Road", "postcode": "200120"}
CHANGED = "Your bag was changed elsewhere."


def signed_in(house: OpenHouse) -> Guest:
    guest = Guest(house)
    login = house.logins["member"]
    assert guest.sign_in(login["e-mail"], login["password"]).url.path == "/"
    return guest


def test_one_bag_in_two_tabs_then_an_order_with_its_papers(house: OpenHouse) -> None:
    here, there = signed_in(house), signed_in(house)
    here.put_in_bag("ruban-twilly")
    tab, other = here.get("/bag"), there.get("/bag")
    assert CHANGED not in there.submit(other, "/remove").text
    assert CHANGED in here.submit(tab, "/remove").text

    here.put_in_bag("ruban-twilly")
    review = here.to_review(**ELSEWHERE)
    there.put_in_bag("ruban-twilly")
    assert CHANGED in here.submit(review, "/checkout/pay").text
    page = here.settle(here.pay(here.to_payment()), "/orders/ord_")
    path = page.url.path

    invoice = here.get(f"{path}/invoice")
    assert (invoice.status_code, invoice.headers["content-type"]) == (200, "application/pdf")
    assert invoice.content.startswith(b"%PDF-")
    page = here.get(path)
    assert "Invoice INV-" in page.text
    assert Guest(house).get(f"{path}/invoice").headers["content-type"].startswith("text/html")

    page = here.submit(page, "/notes", text="Please ring twice.")
    assert "Please ring twice." in page.text
    found = [part.partition('"')[0] for part in page.text.split('<option value="')[1:]]
    [wanted] = [each for each in found if each.startswith("adr_")][:1]
    page = here.submit(page, "/address", address=wanted)
    assert "Sent to another address" in page.text
    assert "32 Zhongshan Road" in page.text

    operator = Operator(house)
    page = operator.get(f"/office{path}")
    assert "Please ring twice." in page.text
    assert "32 Zhongshan Road" in page.text
    page = operator.submit(page, "/notes", text="A friend of the house.")
    assert "A friend of the house." in page.text
    assert "A friend of the house." not in here.get(path).text
    slip = operator.get(f"/office{path}/packing-slip")
    assert (slip.status_code, slip.headers["content-type"]) == (200, "application/pdf")
