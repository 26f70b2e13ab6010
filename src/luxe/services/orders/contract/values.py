"""What orders know: an order and its lines, what went back of it, returns, addresses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from luxe.kernel.money import Money

MAX_ADDRESSES = 20

OrderState = Literal[
    "placed",
    "paid",
    "cancelling",
    "cancelled",
    "partly_shipped",
    "shipped",
    "delivered",
    "partly_returned",
    "returned",
]
"""`cancelling`: closed to shipping, while what was paid goes back. `partly_shipped`: some of its units have left the house.
`returned`: all its units have come back."""
RefundKind = Literal["cancellation", "goodwill", "price_correction", "return", "edit", "exchange"]
"""`edit`: pieces were taken out of the order before they left the house, and it costs so much less."""
RefundState = Literal["pending", "done", "dropped", "kept"]
"""`kept`: it stays where it is, for the replacement of a unit that was exchanged."""
ReturnState = Literal[
    "requested", "approved", "declined", "withdrawn", "inspected", "refunded", "refused", "exchanged"
]
"""`inspected`: here and looked at; then `refunded`, or `exchanged`, or `refused` if nothing of it was accepted."""
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


class PriceReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a line cost less: `name` is a voucher's, `percent` its percentage if it has one, `amount` what it took off the
    line."""

    name: str
    amount: Money
    percent: int | None = None


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """Title, brand and label as they were when bought. `total` is before any discount, and less the `reasons` is what
    the line cost. `available_on` is the day that was promised for units that had not arrived when they were bought.
    `serials` are set once units are committed."""

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
    reasons: list[PriceReason] = []
    available_on: date | None = None

    @property
    def after(self) -> Money:
        """What the line cost after its discounts."""
        return self.total - sum((each.amount for each in self.reasons), Money.zero(self.total.currency))


class OrderDiscount(msgspec.Struct, frozen=True, kw_only=True):
    """What a voucher took off the order; by line it stands in the lines' reasons."""

    name: str
    amount: Money


class GiftPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a gift card paid. `ending` is the end of its code; the whole of it is as good as money."""

    ending: str
    amount: Money


class OrderTax(msgspec.Struct, frozen=True, kw_only=True):
    """A tax on a line, or on delivery if `variant_id` is empty. `rate` is a decimal percentage. An included tax is part of
    the price, the others are added to it."""

    variant_id: str
    kind: str
    name: str
    rate: str
    base: Money
    amount: Money
    included: bool


class DeliveryStep(msgspec.Struct, frozen=True, kw_only=True):
    """What the order's way of delivery costs for goods worth so much and more, after discounts."""

    from_value: Money
    price: Money


class OrderDraft(msgspec.Struct, frozen=True, kw_only=True):
    """`payable` = goods − discount + delivery + tax_added − points_worth − gift_worth: what the payment provider is to
    collect, and nothing at all where gift cards pay for everything. Sums that are None are nought. `delivery_steps` are there where
    the price of delivery depends on the value of the goods."""

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
    discount: Money | None = None
    discounts: list[OrderDiscount] = []
    gift_worth: Money | None = None
    gifts: list[GiftPart] = []
    delivery_method: str = ""
    slot: str = ""
    taxes: list[OrderTax] = []
    tax_included: Money | None = None
    tax_added: Money | None = None
    delivery_steps: list[DeliveryStep] = []

    @property
    def paid(self) -> Money:
        """What is paid for the order in all: with the payment provider, and with gift cards, which are money too."""
        return self.payable + self.gift_worth if self.gift_worth else self.payable

    @property
    def goods_paid(self) -> Money:
        """What is paid for goods, after discounts and net of points and of tax that is added: points are earned on it, and
        it counts towards a tier. A gift card is a means of payment, so what it paid is in it."""
        paid = self.goods - self.points_worth
        return max(paid - self.discount if self.discount else paid, Money.zero(paid.currency))


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`what`: placed | paid | points_earned | cancelling | reopened | cancelled | partly_shipped | shipped | delivered |
    refunded | edited | edit_undone | partly_returned | returned, and `return_` with a return's state. `note` is the reason, the number of points
    earned, or that of the shipment."""

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


class KeptPart(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back of another order's payment, where it was kept for this order; its parts as a refund's."""

    run: str
    payment_run: str
    amount: Money
    goods: Money
    gift: Money | None = None

    @property
    def by_provider(self) -> Money:
        return self.amount - self.gift if self.gift else self.amount


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back of an order's payment. `run` is the saga run that gives it back, `payment_run` the checkout run
    that was paid. `goods` is the part of `amount` that was paid for pieces rather than for delivery and tax; points follow
    it: `points_back` that had been spent, `points_taken` that had been earned, both known once it is `done`. `gift` is the
    part of `amount` that goes back to gift cards; all else goes back by the payment provider. `kept` goes back beside it,
    if the order is the replacement of another's unit."""

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
    gift: Money | None = None
    kept: KeptPart | None = None

    @property
    def by_provider(self) -> Money:
        return self.amount - self.gift if self.gift else self.amount

    @property
    def of_the_order(self) -> bool:
        """Whether it is taken from what the order costs; an edit's is not, for the order itself costs so much less."""
        return self.kind != "edit"


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
