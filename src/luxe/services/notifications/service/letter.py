"""A letter: finished text in one language; how it looks is the templates' business."""

from __future__ import annotations

import msgspec

from luxe.kernel.house import House
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.identity.contract import Account
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.notifications.service.words import Words
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.promotions.contract import Port as PromotionsPort


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    brand: str
    title: str
    detail: str
    price: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """`why` says why it was sent; `action` is the next step and `link` its address. `quote` is somebody's own words."""

    words: Words
    to: str
    subject: str
    heading: str
    greeting: str
    paragraphs: list[str]
    action: str
    link: str
    why: str
    quote: str = ""
    facts: list[tuple[str, str]] = []
    pieces: list[Piece] = []
    sums: list[tuple[str, str]] = []
    closing: str = ""


class Sources:
    """What a letter is written from: other services hold what a mail's row does not."""

    def __init__(self, house: House) -> None:
        self.identity = house.port(IdentityPort)
        self.membership = house.port(MembershipPort)
        self.orders = house.port(OrdersPort)
        self.catalog = house.port(CatalogPort)
        self.promotions = house.port(PromotionsPort)
        self.house_name = house.settings.house_name
        self._origin = house.settings.public_url.rstrip("/")

    def page(self, path: str) -> str:
        return self._origin + path


def greeting(words: Words, account: Account) -> str:
    return words.say("Dear %(name)s,", name=account.name)
