"""Every page of strangers, guests, members and operators, in three languages and at two widths."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import msgspec
import pytest

from tests.browser.conftest import PASSWORD, Opener
from tests.browser.eye import DIRECTION, Eye
from tests.browser.person import Person
from tests.journeys.guest import Guest, Operator
from tests.journeys.opened import OpenHouse
from tests.web.design.camera import NARROW

PIECE = "ruban-twilly"
NAMES = (
    "LUXE", "English", "CNY", "EUR", "USD", "JPY", "CN", "SKU", "LX", "SER-RUB-COG", "Chrome", "Linux", "visa",
    "Chen Yulan", "Lin Weiran", "Sun Li", "Anfu Road", "Shanghai", "Person", "Member", "business", "zzzz",
    "nobody", "Ruban, long and narrow", "Arcade", "Cognac", "Alipay", "WeChat Pay", "UnionPay", "PayPal",
    "Apple Pay", "Google Pay", "iDEAL", "Klarna", "Konbini", "KakaoPay", "Pix", "mada",
)  # fmt: skip
"""What stays as it is: the house, currencies, ways to pay, codes, what people called themselves and typed, and the piece that was
bought in English, which the order keeps as it was sold."""

STRANGER = (
    "/", "/?invitation=WRONG", "/sign-in", "/recover", "/recover?sent=true", "/recover?token=wrong",
    "/verify-email?token=wrong", "/privacy", "/withdrawal", "/terms", "/advisor", "/office/sign-in",
)  # fmt: skip
MEMBER = (
    "/", "/pieces", "/pieces?house=serradine&flag=available&sort=price_up", "/pieces?price_from=99999999",
    "/pieces/silk", "/houses", "/houses/serradine", "/search", "/search?q=Serradine", "/search?q=zzzz",
    "/piece/arcade-28", f"/piece/{PIECE}?problem=sold_out", "/bag", "/checkout?step=address",
    "/checkout?step=delivery", "/checkout?step=points", "/checkout?problem=payment_failed", "/orders", "/account",
    "/account/points", "/account/addresses", "/account/security", "/account/preferences", "/account/privacy",
    "/join/welcome", "/privacy", "/withdrawal", "/terms", "/advisor", "/nothing-here",
)  # fmt: skip
OFFICE = (
    "/office", "/office/applications", "/office/applications?shown=approved", "/office/applications?shown=declined",
    "/office/orders", "/office/orders?q=nobody", "/office/runs", "/office/runs?shown=done", "/office/runs?shown=ended&saga=join", "/office/cases", "/office/cases?shown=resolved",
    "/office/invitations", "/office/audit",
    "/office/audit?q=nobody", "/office/nothing-here",
)  # fmt: skip
REFUSED = {
    "/?invitation=WRONG": 422, "/verify-email?token=wrong": 410, "/nothing-here": 404, "/office/nothing-here": 404,
}  # fmt: skip


class People(msgspec.Struct, frozen=True):
    """One house's people, each at another place of the way; `links` are pages that exist because of them."""

    unverified: Guest
    applying: Guest
    waiting: Guest
    declined: Guest
    approved: Guest
    member: Guest
    newcomer: Guest
    payer: Guest
    links: dict[str, tuple[str, ...]]


def _somebody(house: OpenHouse, until: Callable[[Guest, str], object]) -> tuple[Guest, str]:
    guest, email = Guest(house), f"{secrets.token_hex(5)}@luxe.example"
    until(guest, email)
    return guest, email


def _make_account(guest: Guest, email: str) -> None:
    page = guest.get(guest.house.logins["a guest"]["where"])
    guest.submit(page, "/join/account", name="Chen Yulan", email=email, password=PASSWORD, terms="yes")


def _apply(guest: Guest, email: str) -> None:
    guest.join_with_password("Chen Yulan", email, PASSWORD)


def _join(guest: Guest, email: str) -> None:
    guest.become_member("Chen Yulan", email, PASSWORD)


def _buy(guest: Guest, email: str) -> None:
    _join(guest, email)
    guest.put_in_bag(PIECE)
    guest.settle(guest.pay(guest.to_payment()), "/orders/ord_")
    guest.put_in_bag(PIECE)
    page = guest.get("/checkout?step=address")
    saved = page.text.partition('name="address" value="')[2].partition('"')[0]
    guest.submit(page, "/checkout/address", address=saved)
    guest.submit(guest.get("/checkout?step=delivery"), "/checkout/delivery", gift_note="")
    guest.submit(guest.get("/checkout?step=points"), "/checkout/points", points="0")


@pytest.fixture(scope="module")
def people(house: OpenHouse) -> People:
    operator = Operator(house)
    unverified, _ = _somebody(house, _make_account)
    applying, email = _somebody(house, _make_account)
    letter = house.mail(email, "mail")["text"]
    applying.get(f"/verify-email?token={letter.partition('/verify-email?token=')[2].split()[0]}")
    waiting, waiting_email = _somebody(house, _apply)
    declined, declined_email = _somebody(house, _apply)
    operator.decline(declined_email, "123")
    approved, approved_email = _somebody(house, _apply)
    operator.approve(approved_email)
    member, member_email = _somebody(house, _buy)
    order = house.rows(
        "SELECT orders.id FROM orders.orders JOIN identity.accounts ON accounts.id = account_id WHERE email = :email",
        email=member_email,
    )[0].id
    office = (
        operator.application_of(waiting_email).url.path,
        f"/office/orders/{order}",
        f"/office/runs/{house.rows('SELECT run FROM orders.orders WHERE id = :order', order=order)[0].run}",
    )
    newcomer, _ = _somebody(house, _join)
    payer, _ = _somebody(house, _join)
    payer.put_in_bag(PIECE)
    intent = str(payer.to_payment().url).rpartition("/")[2]
    run = house.rows("SELECT run FROM payments.intents WHERE psp_id = :intent", intent=intent)[0].run
    links = {
        "member": (f"/orders/{order}", f"/orders/{order}?fresh=yes"),
        "office": office,
        "waiting": (f"/checkout/return?run={run}",),
    }
    return People(unverified, applying, waiting, declined, approved, member, newcomer, payer, links)


class Walk:
    """One browser of one language, in which one after another is at home."""

    def __init__(self, person: Person, locale: str) -> None:
        self.person = person
        makers = [row.name for row in person.house.rows("SELECT name FROM brands.brands")]
        self.eye = Eye(person.page, locale, [*NAMES, *makers], person.faults)
        self.locale = locale

    def as_(self, guest: Guest | None) -> None:
        self.person.context.clear_cookies()
        if guest is not None:
            self.person.carry(guest)
        self.person.speak(self.locale)

    def see(self, *paths: str) -> None:
        """Each page is where it says, answers as it should, and stands up to the eye."""
        for path in paths:
            answer = self.person.page.goto(path)
            assert answer is not None
            assert (self.person.path(), answer.status) == (path, REFUSED.get(path, 200))
            self.eye.look(path)


@pytest.fixture(params=DIRECTION)
def walk(request: pytest.FixtureRequest, person: Opener) -> Walk:
    return Walk(person(reduced_motion="reduce"), request.param)


def _forget_refusals(person: Person) -> None:
    """The browser writes into the console that a page was refused, which is what was asked for."""
    person.faults[:] = [each for each in person.faults if "the server responded with a status of" not in each]


def test_pages_before_membership(walk: Walk, people: People, house: OpenHouse) -> None:
    walk.as_(None)
    walk.see(*STRANGER)
    page = walk.person.page
    page.goto("/sign-in")
    walk.person.fill(email="nobody@luxe.example", password="not the word for it")
    walk.person.submit("/sign-in")
    walk.eye.look("a refused sign-in")
    page.goto(house.logins["a guest"]["where"])
    assert walk.person.path() == "/join/account"
    walk.eye.look("/join/account")
    for guest, path in (
        (people.unverified, "/join/verify"),
        (people.applying, "/join/application"),
        (people.waiting, "/join/application"),
        (people.declined, "/join/application"),
        (people.approved, "/join/application"),
        (people.approved, "/join/fee"),
        (people.approved, "/join/fee?problem=payment_failed"),
    ):
        walk.as_(guest)
        walk.see(path)
    _forget_refusals(walk.person)


def test_pages_of_members(walk: Walk, people: People) -> None:
    walk.as_(people.member)
    walk.see(*MEMBER, *people.links["member"])
    _forget_refusals(walk.person)


def test_what_opens_over_a_page(walk: Walk, people: People) -> None:
    """Menu, preferences, search as one types, and filters, on the phone."""
    walk.as_(people.member)
    page = walk.person.page
    page.set_viewport_size({"width": NARROW, "height": 844})
    for sheet in ("menu", "preferences", "search", "filters"):
        page.goto("/pieces")
        page.locator(f"#{sheet}").evaluate("sheet => sheet.showPopover()")
        if sheet == "search":
            page.locator("#suggestions .suggestion").first.wait_for()
            page.keyboard.type("ruban")
            page.locator("#suggestions .suggestion-pieces").wait_for()
        walk.eye.look(f"the open {sheet}")


def test_empty_and_waiting_pages(walk: Walk, people: People, house: OpenHouse) -> None:
    """A bag with nothing in it, no orders yet; and the page that waits for the payment provider."""
    walk.as_(people.newcomer)
    walk.see("/bag", "/orders", "/account", "/account/points")
    walk.as_(people.payer)
    walk.see(*people.links["waiting"])


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/account/nothing", "/piece/a/b", "/office/nothing", "/bag/lines", "/sign-out", "/static"],
)
def test_a_wrong_address_is_answered_by_the_house(house: OpenHouse, people: People, path: str) -> None:
    """Strangers are led to the door, wherever they try; members are told that there is nothing."""
    stranger = Guest(house).get(path)
    assert (stranger.url.path, stranger.status_code) == ("/", 200)
    answer = people.member.get(path)
    assert (answer.url.path, answer.status_code) == (path, 404)
    assert "There is nothing here" in answer.text


def test_pages_of_the_office(walk: Walk, people: People, house: OpenHouse) -> None:
    walk.as_(Operator(house))
    walk.see(*OFFICE, *people.links["office"])
    _forget_refusals(walk.person)
