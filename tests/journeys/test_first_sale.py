"""The first sale: from an invitation to an owned piece, in both shapes."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from tests.journeys.guest import DECLINED, THREE_D_SECURE, Guest, Operator
from tests.journeys.opened import OpenHouse, eventually

PASSWORD = "quiet morning light 27"

Somebody = Callable[[], str]


def _stock(house: OpenHouse, slug: str) -> dict[str, int]:
    """Units of a piece by what has become of them."""
    found = house.rows(
        "SELECT count(*) FILTER (WHERE run IS NULL) AS free, count(*) FILTER (WHERE held_until IS NOT NULL) AS held,"
        " count(*) FILTER (WHERE order_id IS NOT NULL) AS sold FROM inventory.units"
        " JOIN catalog.variants ON variants.id = units.variant_id JOIN catalog.products ON products.id = variants.product_id"
        " WHERE products.slug = :slug",
        slug=slug,
    )[0]
    return {"free": found.free, "held": found.held, "sold": found.sold}


def _orders(house: OpenHouse, guest: Guest) -> list[str]:
    return sorted(set(re.findall(r"/orders/(ord_\w+)", guest.get("/orders").text)))


def test_from_the_invitation_to_an_owned_piece(house: OpenHouse, somebody: Somebody) -> None:
    email = somebody()
    guest = Guest(house)
    page = guest.join_with_password("Chen Yulan", email, PASSWORD)
    assert "Your application is with us" in page.text
    assert guest.get("/pieces").url.path == "/join/application"
    Operator(house).approve(email)
    house.mail(email, "application")
    page = guest.submit(guest.get("/join/fee"), "/join/fee")
    welcome = guest.settle(guest.pay(page), "/join/welcome")
    assert "Welcome, Chen Yulan" in welcome.text
    assert re.search(r"M-\d{7}", welcome.text)
    house.mail(email, "membership")

    before = _stock(house, "ruban-twilly")
    guest.put_in_bag("ruban-twilly")
    page = guest.settle(guest.pay(guest.to_payment()), "/orders/ord_")
    assert "Thank you. It is yours." in page.text
    assert "2,000 points from this order" in page.text
    assert _stock(house, "ruban-twilly") == before | {"free": before["free"] - 1, "sold": before["sold"] + 1}
    assert "Your bag is empty" in guest.get("/bag").text
    order = _orders(house, guest)[0]
    (captured,) = [
        each
        for each in house.psp("GET", "/control/journal")["data"]
        if each["effect"] == "capture" and _is_for(house, each, order)
    ]
    assert captured["amount"] == 200_000
    letter = house.mail(email, "order")
    assert "Ruban" in letter["text"]
    assert "2,000" in guest.get("/account/points").text


def _is_for(house: OpenHouse, effect: dict[str, str], order_id: str) -> bool:
    rows = house.rows(
        "SELECT intents.psp_id FROM payments.intents JOIN orders.orders ON orders.run = intents.run WHERE orders.id = :id",
        id=order_id,
    )
    return effect["intent"] == rows[0].psp_id


@pytest.fixture(scope="module")
def member(house: OpenHouse) -> Guest:
    """The demo house's member, signed in."""
    guest = Guest(house)
    login = house.logins["member"]
    assert guest.sign_in(login["e-mail"], login["password"]).url.path == "/"
    return guest


def _nothing_held(house: OpenHouse, slug: str, before: dict[str, int]) -> None:
    eventually(lambda: _stock(house, slug) == before, f"{before} again, not {_stock(house, slug)}")


def test_a_declined_card_sells_and_charges_nothing(house: OpenHouse, member: Guest) -> None:
    before, orders = _stock(house, "herbier-square"), _orders(house, member)
    member.put_in_bag("herbier-square")
    page = member.settle(member.pay(member.to_payment(), DECLINED), "/checkout")
    page = eventually(
        lambda: (
            page
            if "Nothing has been charged" in page.text
            else member.get("/checkout?problem=payment_failed")
        ),
        "why",
    )
    assert "The payment did not go through." in page.text
    _nothing_held(house, "herbier-square", before)
    assert _orders(house, member) == orders
    assert "Your bag is empty" not in member.get("/bag").text


def test_a_3d_secure_challenge_leads_to_an_order(house: OpenHouse, member: Guest) -> None:
    before = _stock(house, "ruban-twilly")
    member.put_in_bag("ruban-twilly")
    challenge = member.pay(member.to_payment(), THREE_D_SECURE)
    page = member.submit(challenge, "/challenge", code="123456")
    member.settle(page, "/orders/ord_")
    assert _stock(house, "ruban-twilly")["sold"] == before["sold"] + 1


def test_closing_the_tab_after_paying_still_buys(house: OpenHouse, member: Guest) -> None:
    orders = _orders(house, member)
    member.put_in_bag("ruban-twilly")
    answer = member.pay(member.to_payment(), follow=False)
    assert answer.status_code == 303
    fresh = eventually(lambda: set(_orders(house, member)) - set(orders), "the order of a closed tab")
    assert len(fresh) == 1
    eventually(lambda: "Being prepared" in member.get(f"/orders/{next(iter(fresh))}").text, "the order paid")


def test_abandoning_the_payment_gives_everything_back(house: OpenHouse, member: Guest) -> None:
    before, orders = _stock(house, "ruban-twilly"), _orders(house, member)
    member.put_in_bag("ruban-twilly")
    page = member.to_payment()
    assert _stock(house, "ruban-twilly")["held"] == before["held"] + 1
    member.submit(page, "/cancel")
    _nothing_held(house, "ruban-twilly", before)
    assert _orders(house, member) == orders


def test_paying_twice_from_two_tabs_is_one_order_each_key(house: OpenHouse, member: Guest) -> None:
    orders = _orders(house, member)
    member.put_in_bag("ruban-twilly")
    member.to_payment()
    review = member.get("/checkout")
    first = member.submit(review, "/checkout/pay")
    second = member.submit(review, "/checkout/pay")
    assert first.url == second.url
    member.settle(member.pay(first), "/orders/ord_")
    assert len(_orders(house, member)) == len(orders) + 1


def test_a_declined_application_says_why_and_opens_nothing(house: OpenHouse, somebody: Somebody) -> None:
    email = somebody()
    guest = Guest(house)
    guest.join_with_password("Paul Aubry", email, PASSWORD)
    page = Operator(house).decline(email, "")
    assert "Give a reason" in page.text
    Operator(house).decline(email, "One of your references could not be reached.")
    assert "One of your references could not be reached." in guest.get("/join/application").text
    assert guest.get("/join/fee").url.path == "/join/application"
    house.mail(email, "application")


def test_recovery_ends_every_session(house: OpenHouse, somebody: Somebody) -> None:
    email = somebody()
    guest = Guest(house)
    guest.become_member("Nadia Bayt", email, PASSWORD)
    other = Guest(house)
    assert other.sign_in(email, PASSWORD).url.path == "/"
    stranger = Guest(house)
    page = stranger.submit(stranger.get("/recover"), "/recover", email=email)
    assert "If the address belongs to an account" in page.text
    letter = house.mail(email, "Return to your account")
    link = re.search(r"https?://\S+/recover\?token=\S+", letter["text"])
    assert link
    page = stranger.get(link.group(0))
    token = link.group(0).partition("token=")[2]
    page = stranger.submit(page, f"/recover/{token}", password="another quiet evening 31")
    assert page.url.path == "/account/security"
    assert other.get("/account").url.path == "/"
    assert guest.get("/account").url.path == "/"
    assert "E-mail and password do not match." in Guest(house).sign_in(email, PASSWORD).text


def test_signing_out_everywhere_is_immediate(house: OpenHouse) -> None:
    login = house.logins["member"]
    here, there = Guest(house), Guest(house)
    for each in (here, there):
        assert each.sign_in(login["e-mail"], login["password"]).url.path == "/"
    page = here.submit(here.get("/account/security"), "/account/sessions/end-all")
    assert page.url.path == "/account/security"
    eventually(lambda: there.get("/account").url.path == "/", "the other device signed out", seconds=6)
    assert here.get("/account").url.path == "/account"


def test_the_audit_log_names_who_approved(house: OpenHouse, somebody: Somebody) -> None:
    email = somebody()
    Guest(house).join_with_password("Hélène Aubry", email, PASSWORD)
    operator = Operator(house)
    page = operator.approve(email)
    application = page.url.path.rpartition("/")[2]

    def approved() -> httpx.Response | None:
        found = operator.get("/office/audit", params={"q": application})
        return found if "Sun Li" in found.text else None

    assert application in eventually(approved, "the audit row").text
