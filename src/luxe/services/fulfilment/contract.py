"""The door of fulfilment: what delivery costs and when it comes, duties and taxes, appointments, shipments."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import phased, query

MethodId = Literal["standard", "express", "white_glove", "collect"]
TaxKind = Literal["vat", "gst", "sales_tax", "consumption_tax", "cross_border", "duty"]
Table = Literal["delivery", "taxes", "closed_days"]
ShipmentState = Literal[
    "packed",
    "called_off",
    "handed_over",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "exception",
    "returned_to_sender",
    "lost",
]


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """`country` ISO 3166-1 alpha-2; `region` as people write it (a name, or its code without the country)."""

    country: str
    region: str = ""
    postcode: str = ""


class GoodsLine(msgspec.Struct, frozen=True, kw_only=True):
    """`total` is what the line costs after discounts."""

    variant_id: str
    category: str
    quantity: int
    total: Money


class DeliveryMethod(msgspec.Struct, frozen=True, kw_only=True):
    """`earliest` and `latest` are days at the destination. With `needs_slot` the day is that of a chosen slot."""

    id: MethodId
    price: Money
    earliest: date
    latest: date
    needs_slot: bool


class DeliveryStep(msgspec.Struct, frozen=True, kw_only=True):
    """What a method costs for goods worth so much and more."""

    from_value: Money
    price: Money


class Tax(msgspec.Struct, frozen=True, kw_only=True):
    """One tax on one line, or on delivery if `variant_id` is empty. `rate` is a decimal percentage (`8.875`). An included
    tax is part of the price, the others are added to it. Where a tax is rounded per order, its lines sum to that."""

    variant_id: str
    kind: TaxKind
    name: str
    rate: str
    base: Money
    amount: Money
    included: bool


class Charges(msgspec.Struct, frozen=True, kw_only=True):
    """`methods` are all that go there, by price; `method` is the wanted one (or else `standard`, or the first), `delivery`
    its price. `tax_included` and `tax_added` sum the taxes of either sort: to pay are goods + delivery + tax_added.
    `steps` say what the wanted method costs for goods of other value, where that matters."""

    methods: list[DeliveryMethod]
    method: str
    delivery: Money
    taxes: list[Tax]
    tax_included: Money
    tax_added: Money
    steps: list[DeliveryStep] = []


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A time of day (`10:00`, at the place) on which somebody comes; `left` appointments can still be made."""

    id: str
    method: MethodId
    place: str
    day: date
    starts: str
    ends: str
    left: int


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """How many appointments a place has in a time of day. `place` is a country, or country and region (`CN-Shanghai`).
    `taken` counts those that are reserved or confirmed."""

    id: str
    method: MethodId
    place: str
    day: date
    starts: str
    ends: str
    capacity: int
    taken: int = 0


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: reserved | confirmed. `order_id` is set once it is confirmed."""

    run: str
    slot_id: str
    method: MethodId
    place: str
    day: date
    starts: str
    ends: str
    state: str
    order_id: str
    at: datetime


class Replaced(msgspec.Struct, frozen=True, kw_only=True):
    """What a new table changed: rows that it has, and how many of them came or went."""

    rows: int
    added: int
    removed: int


class PackedUnit(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    serial: str


class ShipmentEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a shipment, who said so and when it happened. `moved` is False for news that came too late to change
    its state; `heard_at` is when the house learnt of it."""

    at: datetime
    heard_at: datetime
    state: ShipmentState
    place: str
    note: str
    actor: str
    moved: bool


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """`number` stands on the parcel: `SH-` and eight characters. `booking`: none (no carrier is needed) | wanted (its outcome
    is unknown yet) | booked | refused (`problem` says why) | cancelled. `events` are in the order in which they were heard."""

    id: str
    number: str
    order_id: str
    order_number: str
    account_id: str
    method: str
    state: ShipmentState
    units: list[PackedUnit]
    booking: str
    carrier: str
    tracking_number: str
    tracking_url: str
    problem: str
    packed_by: str
    packed_at: datetime
    changed_at: datetime
    events: list[ShipmentEvent] = []


class ShipmentPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Shipment]
    next: str | None


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """The carrier's label, a PDF in base64."""

    file_name: str
    pdf: str


class ShipmentMoved(Fact, frozen=True, kw_only=True):
    """A shipment came into `state`."""

    about: ClassVar[str] = "shipment_id"
    shipment_id: str
    number: str
    order_id: str
    order_number: str
    account_id: str
    state: str
    method: str
    carrier: str
    tracking_number: str
    note: str


class Port(Protocol):
    """Refusals by code: `not_delivered_there`, `method_unavailable`, `region_unknown` (a tax depends on a region that is
    not one of the country's), `slot_unknown`, `slot_full`, `slot_other` (the run has another one), `reservation_over`
    (released, or lapsed and taken by others), `reservation_confirmed`, `capacity_invalid`, `capacity_taken`, `table_unknown`, `table_invalid` (with `errors`),
    `shipment_unknown`, `shipment_state`, `unit_unknown`, `unit_packed` (it is in another shipment), `nothing_to_pack`, `units_mixed`,
    `not_booked`, `key_reused`, `signature_invalid`, `event_malformed`, and those of orders and inventory."""

    @query
    async def quote(
        self,
        *,
        destination: Destination,
        currency: str,
        tier: str,
        lines: list[GoodsLine],
        method: str = "",
        bought_this_year: Money | None = None,
    ) -> Charges:
        """What delivery there costs, when it comes, and the duties and taxes. Sends no SQL: the tables are kept for some
        seconds. `bought_this_year` is what this person has imported into CN by e-commerce since 1 January."""
        ...

    @query
    async def slots(self, *, destination: Destination, method: str, currency: str, day: date) -> list[Slot]:
        """Those of the day at the destination that have room, by time."""
        ...

    async def reserve(self, *, run: str, slot_id: str, seconds: int = 3 * 24 * 3600) -> Slot:
        """Keeps an appointment for a run until a time. The same run has the same one."""
        ...

    async def release(self, *, run: str) -> None:
        """Undoes `reserve`; harmless if nothing was reserved, and then remembered, so that it cannot arrive afterwards."""
        ...

    async def confirm(self, *, run: str, order_id: str) -> Slot:
        """The order is paid: the appointment stands. Again it has the same answer."""
        ...

    @query
    async def capacities(self, *, first: date, last: date) -> list[Capacity]:
        """By day, place and time."""
        ...

    async def put_capacity(
        self, *, method: str, place: str, day: date, starts: str, ends: str, capacity: int
    ) -> Capacity:
        """Sets how many appointments there are; not below what is taken (`capacity_taken`)."""
        ...

    @query
    async def appointments(self, *, first: date, last: date) -> list[Appointment]:
        """Those that stand, by day, place and time."""
        ...

    @query
    async def sheet(self, *, table: str) -> str:
        """A table of the house as CSV: `delivery`, `taxes` or `closed_days`. Anything else is `table_unknown`."""
        ...

    async def replace_sheet(self, *, table: str, sheet: str, operator_id: str) -> Replaced:
        """Puts the rows of a CSV text in the place of the whole table: `table_invalid` with `errors` (field, row, column, message)
        and then nothing has changed. What is quoted some seconds later is by the new table."""
        ...

    @phased
    async def ship(
        self, *, key: str, order_id: str, units: list[PackedUnit] | None, method: str, operator_id: str
    ) -> Shipment:
        """Packs units of a paid order, all that are in no shipment if none are named, and books the carrier. The same key
        packs once. Of two that pack the same unit one is refused."""
        ...

    @phased
    async def book(self, *, shipment_id: str) -> Shipment:
        """Asks the carrier again, by the same key, where its answer was lost or was no."""
        ...

    async def hand_over(self, *, shipment_id: str) -> Shipment:
        """The carrier has it: its units leave the house, and the order is (partly) shipped. Orders refuse for an order that
        was cancelled meanwhile. Again it has the same answer."""
        ...

    @phased
    async def call_off(self, *, shipment_id: str, reason: str) -> Shipment:
        """A packed shipment does not go after all: its label is cancelled, its units can be packed again."""
        ...

    async def move(self, *, shipment_id: str, state: str, note: str) -> Shipment:
        """What an operator has learnt of a shipment that has been handed over; `shipment_state` where the table has no such
        move. The last delivered shipment of an order delivers it."""
        ...

    @phased
    async def hear(self, *, body: str, signature: str) -> None:
        """News from the carrier. Each is heard once, late ones change nothing."""
        ...

    @phased
    async def ask(self, *, shipment_id: str) -> Shipment:
        """Reads from the carrier what has become of a shipment."""
        ...

    @query
    async def shipment(self, *, shipment_id: str, account_id: str = "") -> Shipment:
        """By id or number; with an account given, only that account's own."""
        ...

    @query
    async def shipments(
        self,
        *,
        order_id: str = "",
        state: str = "",
        troubled: bool = False,
        cursor: str = "",
        limit: int = 25,
    ) -> ShipmentPage:
        """Newest first; `troubled` are those that somebody must look at."""
        ...

    @query
    async def label(self, *, shipment_id: str) -> Label:
        """`not_booked` where there is none."""
        ...
