"""The door of bag. It keeps what a member wants, and what they wait for; prices and stock are others' and are asked anew."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import query, single

MAX_QUANTITY = 10
MAX_LINES = 50
MAX_WISHES = 500
MAX_WAITS = 100


class BagLine(msgspec.Struct, frozen=True, kw_only=True):
    """`seen` is the price of one piece when the member last saw the line, if that is known."""

    variant_id: str
    quantity: int
    added_at: datetime
    seen: Money | None = None


class Bag(msgspec.Struct, frozen=True, kw_only=True):
    """`version` grows with each change."""

    account_id: str
    lines: list[BagLine]
    version: int


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """A member wants to be told when a sold-out piece is back. `told_at` is when they last were, unless it is gone again."""

    variant_id: str
    product_id: str
    asked_at: datetime
    told_at: datetime | None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    people: int


class PieceIsBack(Fact, frozen=True, kw_only=True):
    """A piece that was sold out can be had again, and this member wanted to know. Told in the order of asking."""

    about: ClassVar[str] = "variant_id"
    variant_id: str
    product_id: str
    account_id: str


class Port(Protocol):
    """Refusals by code: `variant_unknown` (or no longer on sale), `quantity_invalid` (1 to 10), `bag_full`,
    `bag_changed` (with `quantity`: how many there are now), `product_unknown`, `wishes_full`, `piece_available`
    (there is nothing to wait for), `waits_full`."""

    @query
    async def bag(self, *, account_id: str) -> Bag: ...

    @query
    async def count(self, *, account_id: str) -> int:
        """Pieces in the bag."""
        ...

    async def put(self, *, account_id: str, variant_id: str, quantity: int, was: int | None = None) -> Bag:
        """Sets a line's quantity; 0 removes it. With `was` given, only if there are that many now: of two devices that
        change a line at once, the second is told."""
        ...

    async def add(
        self,
        *,
        account_id: str,
        variant_id: str,
        quantity: int = 1,
        key: str = "",
        seen: Money | None = None,
    ) -> Bag:
        """Adds to a line; the same key adds once (a bag remembers its last hundred keys)."""
        ...

    async def note_seen(self, *, account_id: str, prices: dict[str, Money]) -> None:
        """The member has seen these prices, by variant id; lines that are gone meanwhile are passed over."""
        ...

    @single
    async def take_out(self, *, account_id: str, variant_ids: list[str]) -> None:
        """Removes lines that were bought; harmless if they are gone."""
        ...

    @query
    async def wishes(self, *, account_id: str) -> list[str]:
        """Product ids, newest first."""
        ...

    async def wish(self, *, account_id: str, product_id: str, wanted: bool) -> None: ...

    async def wait_for(self, *, account_id: str, variant_id: str, wanted: bool) -> None:
        """The member is told once each time that a sold-out piece comes back, until they buy it or want it no more.
        Again it has the same effect."""
        ...

    @query
    async def waits(self, *, account_id: str) -> list[Wait]:
        """Newest first."""
        ...

    @query
    async def waiting(self, *, variant_ids: list[str]) -> list[Waiting]:
        """How many people wait for each, in the order asked for."""
        ...
