"""The door of orders."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import query

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


class OrderPlaced(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str


class OrderPaid(Fact, frozen=True, kw_only=True):
    """`qualifying` is what was paid for goods, net of points."""

    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str
    qualifying: Money
    points_earned: int


class OrderCancelled(Fact, frozen=True, kw_only=True):
    """`refunded` is what went back of a paid order; an unpaid one has none."""

    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str
    reason: str
    refunded: Money | None = None


class OrderShipped(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str


class OrderDelivered(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str


class OrderRefunded(Fact, frozen=True, kw_only=True):
    """Money is on its way back, whatever for. `qualifying` is the part that had been paid for goods, net of points."""

    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str
    refund_id: str
    kind: str
    amount: Money
    qualifying: Money
    points_back: int
    points_taken: int


class ReturnMoved(Fact, frozen=True, kw_only=True):
    """A return came into `state`. `run` is the saga run that sees it through."""

    about: ClassVar[str] = "return_id"
    return_id: str
    order_id: str
    account_id: str
    number: str
    run: str
    state: str
    reason: str


class Port(Protocol):
    """Refusals by code: `order_unknown`, `order_state`, `address_incomplete` (with `errors`: field, code
    `missing | malformed | too_long | unknown`, message), `draft_invalid` (with `errors`), `run_reused`,
    `serial_sold` (a serial number is in one order at most), `refund_too_much` (with `left`), `refund_invalid`,
    `refund_under_way` (an order is not closed while money goes back), `return_unknown`, `return_state`, `unit_unknown`,
    `unit_returned` (it is in another return), `units_missing`, `findings_incomplete`, `run_over`."""

    async def place(self, *, run: str, draft: OrderDraft) -> Order:
        """Writes the order, unpaid; the same run has one order."""
        ...

    async def mark_paid(
        self, *, run: str, intent_id: str, points_earned: int, serials: dict[str, list[str]]
    ) -> Order:
        """`serials` by variant id. Again it has the same answer."""
        ...

    async def cancel(self, *, run: str, reason: str) -> None:
        """Cancels an unpaid order; harmless if the run placed none."""
        ...

    async def begin_cancelling(self, *, run: str, order_id: str, reason: str) -> Refund:
        """Closes a paid order to shipping, and sets aside all that is left of its payment to be given back by this run.
        Only one run can, and none once the order is shipped."""
        ...

    async def reopen(self, *, run: str) -> None:
        """Undoes `begin_cancelling`; harmless if this run closed nothing."""
        ...

    async def finish_cancelling(self, *, run: str, points_back: int, points_taken: int) -> None:
        """The money is on its way and the units are free: the order that this run closed is cancelled."""
        ...

    async def set_aside(
        self, *, run: str, order_id: str, amount: Money, kind: RefundKind, reason: str
    ) -> Refund:
        """Sets a part of what is left of an order's payment aside, to be given back by this run."""
        ...

    async def drop_refund(self, *, run: str) -> None:
        """Undoes `set_aside`; harmless if this run set nothing aside."""
        ...

    async def finish_refund(self, *, run: str, points_back: int, points_taken: int) -> None:
        """What this run set aside is on its way."""
        ...

    async def ship(self, *, order_id: str) -> Order:
        """A paid order leaves the house, with all its units (inventory may refuse: `not_arrived`). Of shipping and
        cancelling at once exactly one succeeds. Again it has the same answer."""
        ...

    async def deliver(self, *, order_id: str) -> Order:
        """A shipped order is with its member. Again it has the same answer."""
        ...

    @query
    async def refunds(self, *, order_id: str) -> list[Refund]:
        """Oldest first, but for those that were dropped."""
        ...

    @query
    async def order(self, *, order_id: str, account_id: str = "") -> Order:
        """By id or number; with an account given, only that account's own."""
        ...

    @query
    async def order_of_run(self, *, run: str) -> Order | None: ...

    @query
    async def orders(self, *, account_id: str = "", cursor: str = "", limit: int = 25) -> OrderPage:
        """Newest first; every account's if none is given."""
        ...

    async def request_return(
        self, *, run: str, order_id: str, account_id: str, units: list[UnitRef], reason: str
    ) -> Return:
        """A member wants units of a delivered order to go back; each is in one return at a time."""
        ...

    async def drop_return(self, *, run: str) -> None:
        """Undoes `request_return`: withdraws what is not settled; harmless if this run requested nothing."""
        ...

    async def withdraw_return(self, *, return_id: str, account_id: str) -> Return:
        """The member keeps the units after all. Again it has the same answer."""
        ...

    async def decide_return(self, *, return_id: str, approve: bool, reason: str) -> Return:
        """Approves a request, or declines it (or an approved one that never arrived) with a reason. Again it has the same
        answer."""
        ...

    async def inspect_return(self, *, return_id: str, findings: list[Finding]) -> Return:
        """The units of an approved return are here: one finding for each. Again it has the same answer."""
        ...

    async def set_return_aside(self, *, run: str) -> Refund | None:
        """Sets aside what was paid for the accepted units, net of points, to be given back by this run; with the last unit
        of the order all that is left, delivery included. None if none was accepted."""
        ...

    async def finish_return(self, *, run: str, points_back: int, points_taken: int) -> None:
        """The money is on its way and the units are where they belong."""
        ...

    @query
    async def return_of(self, *, return_id: str = "", run: str = "", account_id: str = "") -> Return:
        """By id or run; with an account given, only that account's own."""
        ...

    @query
    async def returns(
        self, *, order_id: str = "", account_id: str = "", state: str = "", cursor: str = "", limit: int = 25
    ) -> ReturnPage:
        """Newest first."""
        ...

    async def check_address(self, *, address: Address) -> Address:
        """The address with its spaces trimmed and its country in capitals, or `address_incomplete`."""
        ...

    async def save_address(self, *, account_id: str, address: Address) -> SavedAddress:
        """Keeps a checked address, or notes that a kept one was used again. The twenty latest used stay."""
        ...

    @query
    async def addresses(self, *, account_id: str) -> list[SavedAddress]:
        """Latest used first."""
        ...

    async def forget_address(self, *, account_id: str, address_id: str) -> None: ...
