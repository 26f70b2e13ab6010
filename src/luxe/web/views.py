"""The parts that view models are made of. Everything in them is ready to print: strings in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import msgspec


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A page's or component's view model."""


class Link(View, frozen=True):
    """`count` is what waits behind the link, in the office."""

    label: str
    url: str
    current: bool = False
    count: int = 0


class Pill(View, frozen=True):
    value: str
    label: str
    current: bool = False
    disabled: bool = False


class Choice(View, frozen=True):
    value: str
    label: str
    current: bool = False


class RadioCard(View, frozen=True):
    value: str
    label: str
    detail: str = ""
    aside: str = ""
    current: bool = False
    disabled: bool = False


class Source(View, frozen=True):
    type: str
    srcset: str


class Picture(View, frozen=True):
    src: str
    sources: list[Source]
    width: int
    height: int
    colour: str
    alt: str


class Price(View, frozen=True):
    text: str
    before: str | None = None
    note: str | None = None


class Tile(View, frozen=True):
    url: str
    house: str
    name: str
    price: Price
    picture: Picture | None
    second: Picture | None = None
    badges: list[str] = []
    reason: str | None = None


class Line(View, frozen=True):
    """A read-only line of a summary or an order. `reasons` say why it costs less than its price."""

    name: str
    house: str
    url: str
    detail: str
    quantity_text: str
    price: Price
    picture: Picture | None
    note: str | None = None
    reasons: list[str] = []


class Total(View, frozen=True):
    label: str
    value: str
    note: str = ""
    sum: bool = False


class Event(View, frozen=True):
    title: str
    date: str
    detail: str = ""
    state: str = "done"


class PageLink(View, frozen=True):
    text: str
    url: str
    current: bool = False


class Pages(View, frozen=True):
    previous_url: str | None
    next_url: str | None
    items: list[PageLink] = []


class Notice(View, frozen=True):
    text: str
    url: str = ""
    link: str = ""


class Form(View, frozen=True):
    """What was typed, what is wrong with it by field, and a sentence about the whole."""

    data: Mapping[str, str] = {}
    errors: Mapping[str, str] = {}
    summary: str | None = None


class Card(View, frozen=True):
    """The membership card as an object."""

    tier: str
    tier_name: str
    name: str
    number: str
    since: str


class Progress(View, frozen=True):
    """`counted` and `pending` are percentages of the way to the goal."""

    title: str
    counted_text: str
    pending_text: str
    goal_text: str
    remaining_text: str
    counted: int
    pending: int
    note: str = ""


class Chrome(View, frozen=True):
    """What stands around every page."""

    locale: str
    direction: str
    tier: str | None
    nonce: str
    path: str
    member: str | None
    bag_count: int
    navigation: list[Link]
    languages: list[Pill]
    currencies: list[Pill]
    notices: list[Notice]


def page(**fields: object) -> SimpleNamespace:
    """A page's view model from names and values; a template that asks for another name fails."""
    return SimpleNamespace(**fields)
