"""What orders know: an order and its lines, what went back of it, returns, addresses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from luxe.kernel.money import Money

MAX_ADDRESSES = 20

OrderState = Literal[
    "placed", "paid", "cancelling", "cancelled", "shipped", "delivered", "partly_returned", "returned"
]
"""`cancelling`: closed to shipping, while what was paid goes back. `returned`: all its units have come back."""
RefundKind = Literal["cancellation", "goodwill", "price_correction", "return"]
RefundState = Literal["pending", "done", "dropped"]
ReturnState = Literal["requested", "approved", "declined", "withdrawn", "inspected", "refunded", "refused"]
"""`inspected`: here and looked at; then `refunded`, or `refused` if nothing of it was accepted."""
Condition = Literal["saleable", "damaged"]


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """`country` ISO 3166-1 alpha-2; `region` and `postcode` as the country has them. The phone is for the carrier."""

    name: str
    line1: str
    city: str
    country: str
    phone: str
    line2: str = ""
    region: str = ""
    postcode: str = ""


class SavedAddress(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    address: Address
    used_at: datetime


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """Title, brand and label as they were when bought. `serials` are set once units are committed."""

    variant_id: str
    product_id: str
    sku: str
    brand: str
    title: str
    label: str
    picture_url: str
    quantity: int
    unit: Money
    total: Money
    serials: list[str] = []


class OrderDraft(msgspec.Struct, frozen=True, kw_only=True):
    """`payable` = goods + delivery − points_worth."""

    account_id: str
    lines: list[OrderLine]
    goods: Money
    delivery: Money
    points: int
    points_worth: Money
    payable: Money
    address: Address
    deliver_on: date
    gift_message: str = ""
    gift_wrap: bool = False


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`what`: placed | paid | points_earned | cancelling | reopened | cancelled | shipped | delivered | refunded |
    partly_returned | returned, and `return_` with a return's state. `note` is the reason, or the number of points earned."""

    at: datetime
    what: str
    actor: str
    note: str


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """`number` is what people say on the phone: `LX-` and eight characters."""

    id: str
    number: str
    state: OrderState
    draft: OrderDraft
    run: str
    points_earned: int
    placed_at: datetime
    paid_at: datetime | None
    timeline: list[TimelineEntry]


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back of an order's payment. `run` is the saga run that gives it back, `payment_run` the checkout run
    that was paid. `goods` is the part of `amount` that was paid for pieces rather than delivery; points follow it:
    `points_back` that had been spent, `points_taken` that had been earned, both known once it is `done`."""

    id: str
    order_id: str
    run: str
    payment_run: str
    kind: RefundKind
    state: RefundState
    amount: Money
    goods: Money
    reason: str
    points_back: int
    points_taken: int
    at: datetime
    done_at: datetime | None


class UnitRef(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    serial: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What the inspection found of one unit. A refused unit goes back to the member; a damaged one is not sold again."""

    variant_id: str
    serial: str
    accepted: bool
    condition: Condition = "saleable"


class ReturnUnit(msgspec.Struct, frozen=True, kw_only=True):
    """`accepted` and `condition` are None and empty until it was inspected."""

    variant_id: str
    serial: str
    accepted: bool | None
    condition: str


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """`number` is what stands on the label: `RT-` and eight characters. `decision` is why it was declined."""

    id: str
    number: str
    order_id: str
    account_id: str
    run: str
    state: ReturnState
    reason: str
    decision: str
    units: list[ReturnUnit]
    requested_at: datetime
    changed_at: datetime


class ReturnPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Return]
    next: str | None


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Order]
    next: str | None
