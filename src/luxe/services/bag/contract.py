"""The door of bag. It keeps what a member wants; prices and stock are others' and are asked anew each time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from luxe.kernel.verbs import query

MAX_QUANTITY = 10
MAX_LINES = 50
MAX_WISHES = 500


class BagLine(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    quantity: int
    added_at: datetime


class Bag(msgspec.Struct, frozen=True, kw_only=True):
    """`version` grows with each change."""

    account_id: str
    lines: list[BagLine]
    version: int


class Port(Protocol):
    """Refusals by code: `variant_unknown` (or no longer on sale), `quantity_invalid` (1 to 10), `bag_full`,
    `product_unknown`, `wishes_full`."""

    @query
    async def bag(self, *, account_id: str) -> Bag: ...

    @query
    async def count(self, *, account_id: str) -> int:
        """Pieces in the bag."""
        ...

    async def put(self, *, account_id: str, variant_id: str, quantity: int) -> Bag:
        """Sets a line's quantity; 0 removes it."""
        ...

    async def add(self, *, account_id: str, variant_id: str, quantity: int = 1, key: str = "") -> Bag:
        """Adds to a line; the same key adds once (a bag remembers its last hundred keys)."""
        ...

    async def take_out(self, *, account_id: str, variant_ids: list[str]) -> None:
        """Removes lines that were bought; harmless if they are gone."""
        ...

    @query
    async def wishes(self, *, account_id: str) -> list[str]:
        """Product ids, newest first."""
        ...

    async def wish(self, *, account_id: str, product_id: str, wanted: bool) -> None: ...
