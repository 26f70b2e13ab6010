"""Invoices and credit notes, as they were issued."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from luxe.kernel.money import Money
from luxe.services.orders.contract.values import Address

BillKind = Literal["invoice", "credit_note"]
Means = Literal["payment", "gift_card", "points"]


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """Who sells: `address` in lines, `tax_id` and `register` as the law of the place wants them printed, or empty."""

    name: str
    address: list[str]
    tax_id: str = ""
    register: str = ""
    contact: str = ""


class BillDiscount(msgspec.Struct, frozen=True, kw_only=True):
    reason: str
    amount: Money


class BillLine(msgspec.Struct, frozen=True, kw_only=True):
    """A piece as it was sold, before the discounts in `reasons`, or as it came back. A credit note has no `total` for it:
    its sum says what goes back."""

    sku: str
    brand: str
    title: str
    label: str
    quantity: int
    serials: list[str]
    unit: Money | None
    total: Money | None
    reasons: list[BillDiscount] = []


class BillTax(msgspec.Struct, frozen=True, kw_only=True):
    """A tax of the whole bill. `rate` is a decimal percentage; an included one is part of the total, the others were added."""

    name: str
    rate: str
    base: Money
    amount: Money
    included: bool


class BillMeans(msgspec.Struct, frozen=True, kw_only=True):
    """What the total was paid with, or goes back to: `points` of them, or a gift card whose code has this `ending`."""

    kind: Means
    amount: Money
    points: int = 0
    ending: str = ""


class BillContent(msgspec.Struct, frozen=True, kw_only=True):
    """`total` = goods − discounts + delivery + the taxes that were added, and the sum of `means`. A credit note names the
    `invoice` that it corrects and why (`cause` is a refund's kind), and has no `goods` and `delivery`."""

    seller: Seller
    buyer: str
    address: Address
    order_number: str
    ordered_at: datetime
    lines: list[BillLine]
    goods: Money | None
    discounts: list[BillDiscount]
    delivery: Money | None
    deliver_on: date | None
    taxes: list[BillTax]
    total: Money
    means: list[BillMeans]
    invoice: str = ""
    cause: str = ""
    reason: str = ""


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """`number` is gapless in its series and year (UTC): `INV-2026-000042`. `locale` is the language that it was written in.
    `refund_id` is the refund that a credit note is about."""

    id: str
    kind: BillKind
    number: str
    order_id: str
    account_id: str
    refund_id: str
    locale: str
    issued_at: datetime
    content: BillContent


class PrintedBill(msgspec.Struct, frozen=True, kw_only=True):
    """The same bytes each time."""

    number: str
    pdf: bytes


class PrintedSlip(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into the box; no price stands on it."""

    order_number: str
    pdf: bytes
