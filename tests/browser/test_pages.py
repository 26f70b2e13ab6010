"""Strangers' and the office's pages, in three languages and at two widths: quiet console, nothing from outside, nothing too wide, nothing axe finds serious."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opener
from tests.browser.person import Person
from tests.journeys.opened import OpenHouse
from tests.web.design.camera import NARROW, WIDE

LOCALES = {"en": "ltr", "zh-CN": "ltr", "ar": "rtl"}
OUTSIDE = ("/", "/sign-in", "/recover", "/privacy", "/withdrawal", "/terms", "/office/sign-in")
OFFICE = (
    "/office", "/office/applications", "/office/orders", "/office/runs", "/office/invitations", "/office/audit",
)  # fmt: skip


def _walk(person: Person, locale: str, paths: tuple[str, ...]) -> None:
    person.speak(locale)
    for path in paths:
        person.page.set_viewport_size({"width": WIDE, "height": 900})
        answer = person.page.goto(path)
        assert answer is not None
        assert answer.status == (404 if path.endswith("nothing") else 200), path
        assert person.page.locator("html").get_attribute("dir") == LOCALES[locale]
        person.inspect(f"{path} {locale} {WIDE}")
        person.page.set_viewport_size({"width": NARROW, "height": 844})
        person.inspect(f"{path} {locale} {NARROW}")
    person.faults = [fault for fault in person.faults if "status of 404" not in fault]


@pytest.mark.parametrize("locale", LOCALES)
def test_pages_of_strangers(person: Opener, house: OpenHouse, locale: str) -> None:
    stranger = person(reduced_motion="reduce")
    _walk(stranger, locale, OUTSIDE)
    stranger.page.goto(house.logins["a guest"]["where"])
    assert stranger.path() == "/join/account"
    stranger.inspect(f"/join/account {locale}")


@pytest.mark.parametrize("locale", LOCALES)
def test_pages_of_the_office(person: Opener, locale: str) -> None:
    operator = person(reduced_motion="reduce")
    operator.sign_in("operator")
    _walk(operator, locale, OFFICE)


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_of_the_house_stays_in_english(member: Person, locale: str) -> None:
    """The words that every page carries are the language's own."""
    member.speak(locale)
    member.page.goto("/")
    shown = member.page.locator("h1").inner_text()
    assert (shown == "Made slowly, shown quietly") == (locale == "en")


def test_what_strangers_see_is_not_for_sale(person: Opener) -> None:
    """The door, and no other picture."""
    stranger = person()
    stranger.page.goto("/")
    pictures = stranger.page.locator("main img")
    assert [each.get_attribute("src") for each in pictures.all()] == ["/door/door.webp"]
    assert pictures.first.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")


def test_the_first_page_has_its_pictures(member: Person) -> None:
    member.page.goto("/")
    for name in ("home", "feature"):
        picture = member.page.locator(f'img[src="/editorial/{name}.webp"]')
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
