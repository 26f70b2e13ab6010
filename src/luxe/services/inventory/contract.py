"""The door of inventory. Stock is one row a unit; a hold takes units with SKIP LOCKED, all lines or none.

A unit's life: free → held (by a run) → sold (to an order) → shipped; taken back it is free again or written off.
A unit that is on its way between two locations is neither free nor held; one that is still to come can be held and sold.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.verbs import query, single


class HoldLine(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    quantity: int


class HeldUnit(msgspec.Struct, frozen=True, kw_only=True):
    """`expected_on` is the day by which a unit that has not arrived yet is promised; none for one that is here."""

    unit_id: str
    variant_id: str
    serial: str
    location: str
    expected_on: date | None = None


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    run: str
    units: list[HeldUnit]
    expires_at: datetime


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """`on_hand` counts units of the house that have arrived and are not sold, `in_transit` those among them that move
    between two locations; `expected` unsold units still to come; `held` units of both kinds that somebody is buying.
    `available` can be bought now: on_hand + expected - held - in_transit. `available_on` is the day by which the next
    of them will be there, none if one is there already or none is available."""

    variant_id: str
    on_hand: int
    held: int
    available: int
    in_transit: int = 0
    expected: int = 0
    available_on: date | None = None


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A place that has units. `kind`: warehouse | boutique | brand. `country` is ISO 3166 alpha-2, or empty."""

    code: str
    name: str
    kind: str = "warehouse"
    country: str = ""
    active: bool = True


class LocationStock(msgspec.Struct, frozen=True, kw_only=True):
    """Unsold units of a variant at a location. Units in transit count where they left from."""

    variant_id: str
    location: str
    free: int
    held: int
    in_transit: int
    expected: int


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: free | held | sold | shipped | in_transit | expected (free to be held, but still to come).
    `lead_days` is set for a unit that is made to order: it is promised so many days after it is taken."""

    unit_id: str
    variant_id: str
    serial: str
    location: str
    state: str
    lot: str
    received_at: datetime
    expected_on: date | None
    lead_days: int | None
    order_id: str
    transfer_id: str


class UnitPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Unit]
    next: str | None


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """Why the number of units at a location changed, by whom. For every variant and location the sum of `quantity`
    is the number of its units there, sold ones included. `kind`: receive | expect | arrive | count | found | lost |
    damaged | not_coming | transfer | moved | returned_damaged."""

    seq: int
    at: datetime
    actor: str
    kind: str
    variant_id: str
    location: str
    quantity: int
    reason: str
    lot: str


class MovementPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Movement]
    next: str | None


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: in_transit | received | cancelled. `quantity` left the origin, `arrived` of them are at the destination,
    `in_transit` are on their way; after a cancellation the rest is back at the origin."""

    id: str
    variant_id: str
    origin: str
    destination: str
    state: str
    quantity: int
    arrived: int
    in_transit: int
    reason: str
    sent_at: datetime
    ended_at: datetime | None


class TransferPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Transfer]
    next: str | None


class RestockLine(msgspec.Struct, frozen=True, kw_only=True):
    """`condition`: saleable | damaged."""

    variant_id: str
    serials: list[str]
    condition: str = "saleable"


class StockChanged(Fact, frozen=True, kw_only=True):
    """The last free unit was sold, the first came free, or units were received or counted; ask `availability` for the
    number, which may have moved on. A sale that leaves others to be had is no such fact."""

    about: ClassVar[str] = "variant_id"
    variant_id: str


class StockRanLow(Fact, frozen=True, kw_only=True):
    """So many unsold units are left, which is the variant's threshold or fewer. Told once, until there are more again."""

    about: ClassVar[str] = "variant_id"
    variant_id: str
    left: int


class SoldUnitsArrived(Fact, frozen=True, kw_only=True):
    """Units that were sold before they had arrived are here, and can be shipped to these orders."""

    about: ClassVar[str] = "variant_id"
    variant_id: str
    order_ids: list[str]


class Port(Protocol):
    """Refusals by code: `sold_out` (with `variant_ids`: fewer unsold units than wanted exist), `momentarily_held`
    (enough exist, but others are buying them; may come free), `quantity_invalid`, `hold_expired`, `stock_in_use` (fewer
    free units than are to go), `serial_taken` and `serial_invalid` (with `serials`), `location_unknown`,
    `location_inactive`, `location_in_use`, `location_invalid`, `cause_invalid`, `date_invalid`, `not_expected`,
    `transfer_unknown`, `transfer_ended`, `not_in_transit`, `not_of_this_order`, `already_shipped`, `not_arrived`.

    A `serial` names a unit by its maker's number, or by the number that the house gave it when it was promised."""

    @query
    async def availability(self, *, variant_ids: list[str]) -> list[Availability]:
        """In the order asked for; variants never stocked have zeros."""
        ...

    @query
    async def stock(self, *, variant_ids: list[str]) -> list[LocationStock]:
        """By variant and location, both in order; only where there are unsold units."""
        ...

    @query
    async def units(
        self, *, variant_id: str = "", serial: str = "", order_id: str = "", cursor: str = "", limit: int = 50
    ) -> UnitPage:
        """The unsold units of a variant, those of an order, or the one of a serial number; oldest first."""
        ...

    @query
    async def movements(self, *, variant_id: str, cursor: str = "", limit: int = 50) -> MovementPage:
        """Newest first."""
        ...

    @query
    async def locations(self) -> list[Location]:
        """By code."""
        ...

    async def put_location(self, *, location: Location) -> Location:
        """Adds or changes. One that has units to be sold or shipped cannot be made inactive (`location_in_use`)."""
        ...

    @single
    async def hold(self, *, run: str, lines: list[HoldLine], seconds: int, country: str = "") -> Hold:
        """Takes units for a run until a time; the same run gets the same hold. Raises `hold_expired` after its release.
        `country` is that of delivery, for allocation policies that ask."""
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

    async def ship(
        self,
        *,
        order_id: str,
        key: str,
        serials: list[str] | None = None,
        unit_ids: list[str] | None = None,
    ) -> list[HeldUnit]:
        """Marks units of an order as shipped: those named, or else all that are not yet, of which there may be none.
        The same key has the same answer."""
        ...

    async def restock(
        self, *, key: str, order_id: str, lines: list[RestockLine], reason: str
    ) -> list[HeldUnit]:
        """Takes sold units of an order back, shipped or not: saleable ones are free again where they came from (at `main`
        if that location is closed), damaged ones are written off. The same key has one effect and the same answer."""
        ...

    async def receive(
        self,
        *,
        variant_id: str,
        quantity: int,
        reason: str,
        key: str,
        location: str = "main",
        serials: list[str] | None = None,
        lot: str = "",
        note: str = "",
    ) -> Availability:
        """Adds units, with the brand's serial numbers (all or none) and lot; the same key has one effect."""
        ...

    async def expect(
        self,
        *,
        variant_id: str,
        quantity: int,
        reason: str,
        key: str,
        location: str = "main",
        on: date | None = None,
        lead_days: int = 0,
    ) -> Availability:
        """Promises units that can be sold at once: they arrive on a day (preorder), or so many days after each is sold
        (made to order). One of both is given, else `date_invalid`. The same key has one effect."""
        ...

    async def arrive(
        self,
        *,
        variant_id: str,
        quantity: int,
        reason: str,
        key: str,
        location: str = "main",
        serials: list[str] | None = None,
        lot: str = "",
        note: str = "",
    ) -> Availability:
        """Expected units of a location are here: sold ones first, then held ones, then free ones, each in order of its day.
        Raises `not_expected` if fewer are expected there. The same key has one effect."""
        ...

    async def count(
        self, *, variant_id: str, quantity: int, reason: str, location: str = "main"
    ) -> Availability:
        """Sets how many unsold units are at a location, adding or writing off; the same count again changes nothing.
        Units that are expected or in transit are not counted."""
        ...

    async def adjust(
        self,
        *,
        variant_id: str,
        quantity: int,
        cause: str,
        reason: str,
        key: str,
        location: str = "main",
        serials: list[str] | None = None,
    ) -> Availability:
        """`cause`: found (adds), lost or damaged (writes free units off, the named ones or the newest), not_coming
        (takes free expected units back, the latest first). The same key has one effect."""
        ...

    async def transfer(
        self,
        *,
        key: str,
        variant_id: str,
        quantity: int,
        origin: str,
        destination: str,
        reason: str,
        serials: list[str] | None = None,
    ) -> Transfer:
        """Sends free units, the named ones or the oldest, to another location: nobody can buy them until they arrive.
        The same key has the same answer."""
        ...

    async def receive_transfer(self, *, transfer_id: str, serials: list[str] | None = None) -> Transfer:
        """All that is still on its way, or the named units, are at the destination and free; harmless after the last."""
        ...

    async def cancel_transfer(self, *, transfer_id: str, reason: str) -> Transfer:
        """What is still on its way is back at the origin and free; harmless when repeated."""
        ...

    @query
    async def transfers(self, *, state: str = "", cursor: str = "", limit: int = 50) -> TransferPage:
        """Newest first."""
        ...

    async def set_low_stock(self, *, variant_id: str, at: int | None) -> None:
        """From how many unsold units on a variant is low; none restores the house's setting."""
        ...

    async def expire_holds(self) -> int:
        """Frees units whose hold has run out; returns how many."""
        ...
