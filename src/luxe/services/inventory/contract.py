"""The door of inventory. Stock is one row a unit; a hold takes units with SKIP LOCKED, all lines or none."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.verbs import query


class HoldLine(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    quantity: int


class HeldUnit(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: str
    variant_id: str
    serial: str
    location: str


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    run: str
    units: list[HeldUnit]
    expires_at: datetime


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """`on_hand` counts units in the house that are not sold; `held` those among them that somebody is buying."""

    variant_id: str
    on_hand: int
    held: int
    available: int


class StockChanged(Fact, frozen=True, kw_only=True):
    """The last free unit was sold, the first came free, or units were received or counted; ask `availability` for the
    number, which may have moved on. A sale that leaves others to be had is no such fact."""

    about: ClassVar[str] = "variant_id"
    variant_id: str


class Port(Protocol):
    """Refusals by code: `sold_out` (with `variant_ids`), `momentarily_held` (all units are being bought; may come free),
    `quantity_invalid`, `hold_expired`, `stock_in_use` (a count below what is held or sold)."""

    @query
    async def availability(self, *, variant_ids: list[str]) -> list[Availability]:
        """In the order asked for; variants never stocked have zeros."""
        ...

    async def hold(self, *, run: str, lines: list[HoldLine], seconds: int) -> Hold:
        """Takes units for a run until a time; the same run gets the same hold. Raises `hold_expired` after its release."""
        ...

    async def extend(self, *, run: str, seconds: int) -> None:
        """Moves the end of a hold to so many seconds from now. Raises `hold_expired` if it was given back."""
        ...

    async def release(self, *, run: str) -> None:
        """Gives a run's held units back; harmless if it holds none or they are sold. The run can hold nothing after it."""
        ...

    async def commit(self, *, run: str, order_id: str) -> list[HeldUnit]:
        """Sells the run's units to an order; again it has the same answer. Raises `hold_expired` if they were given back."""
        ...

    async def receive(
        self, *, variant_id: str, quantity: int, reason: str, key: str, location: str = "main"
    ) -> Availability:
        """Adds units; the same key has one effect."""
        ...

    async def count(
        self, *, variant_id: str, quantity: int, reason: str, location: str = "main"
    ) -> Availability:
        """Sets how many unsold units there are, adding or writing off; the same count again changes nothing."""
        ...

    async def expire_holds(self) -> int:
        """Frees units whose hold has run out; returns how many."""
        ...
