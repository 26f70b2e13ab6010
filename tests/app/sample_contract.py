"""A contract with one of every kind of value, to see what it becomes in gRPC. Its service is called App."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

import msgspec

from luxe.kernel.money import Money


class Line(msgspec.Struct, frozen=True, kw_only=True):
    price: Money
    count: int = 1
    note: str | None = None


class App(msgspec.Struct, frozen=True, kw_only=True):
    """Named like the service, as `Membership` is."""

    state: Literal["open", "closed"]
    placed_at: datetime | None
    day: date
    rate: Decimal
    share: float
    lines: list[Line]
    tags: frozenset[str]
    titles: dict[str, str]
    by_sku: dict[str, Line]
    loose: dict[str, Any] | list[int]
    grid: list[list[int]]


class Port(Protocol):
    async def place_order(self, *, lines: list[Line], gift: bool = False) -> App: ...

    async def find(self, *, key: str) -> App | None: ...

    async def forget(self, *, key: str) -> None: ...
