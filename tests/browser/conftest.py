"""One house and one browser for the whole suite; every test has people of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.person import PATIENCE, Person
from tests.journeys.buyer import stocked
from tests.journeys.guest import Guest
from tests.journeys.opened import OpenHouse, opened
from tests.web.design.camera import chromium

PASSWORD = "quiet morning light 27"
expect.set_options(timeout=PATIENCE)

Opener = Callable[..., Person]


@pytest.fixture(scope="package")
def house() -> Iterator[OpenHouse]:
    with opened() as house:
        stocked(house, units=100)
        yield house


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def person(browser: Browser, house: OpenHouse) -> Iterator[Opener]:
    """Makes people; when the test ends, none of their pages may have done anything wrong."""
    people: list[Person] = []

    def make(**options: Any) -> Person:
        people.append(Person(browser, house, **options))
        return people[-1]

    yield make
    for each in people:
        each.context.close()
    faults = [fault for each in people for fault in each.faults]
    assert not faults, "\n".join(faults)


@pytest.fixture
def email() -> str:
    """An address that nobody has used yet."""
    return f"{secrets.token_hex(5)}@luxe.example"


@pytest.fixture
def member(person: Opener, house: OpenHouse, email: str) -> Person:
    """A new member, signed in."""
    guest = Guest(house)
    guest.become_member("Chen Yulan", email, PASSWORD)
    made = person()
    made.carry(guest)
    return made
