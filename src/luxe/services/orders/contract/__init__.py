"""The door of orders: its facts and its Port; the values are in `values.py`."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Protocol

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import phased, query
from luxe.services.orders.contract.bills import (
    Bill,
    BillContent,
    BillDiscount,
    BillKind,
    BillLine,
    BillMeans,
    BillTax,
    PrintedBill,
    PrintedSlip,
    Seller,
)
from luxe.services.orders.contract.edits import (
    LONGEST_NOTE,
    MAX_NOTES,
    AddressEdit,
    EditBegun,
    EditedPiece,
    EditingPort,
    EditPlan,
    KeptLine,
    LineEdit,
    NoteSide,
    OrderNote,
)
from luxe.services.orders.contract.exchanges import (
    NOT_KEPT,
    Exchange,
    ExchangeTerms,
    ExchangingPort,
    UnitDestination,
    WantedPiece,
)
from luxe.services.orders.contract.returns import ReturningPort
from luxe.services.orders.contract.values import (
    MAX_ADDRESSES,
    Address,
    Condition,
    DeliveryStep,
    Finding,
    GiftPart,
    KeptPart,
    Order,
    OrderDiscount,
    OrderDraft,
    OrderLine,
    OrderPage,
    OrderState,
    OrderTax,
    PriceReason,
    Refund,
    RefundKind,
    RefundState,
    Return,
    ReturnPage,
    ReturnState,
    ReturnUnit,
    SavedAddress,
    TimelineEntry,
    UnitRef,
)

__all__ = [
    "LONGEST_NOTE",
    "MAX_ADDRESSES",
    "MAX_NOTES",
    "NOT_KEPT",
    "Address",
    "AddressEdit",
    "Bill",
    "BillContent",
    "BillDiscount",
    "BillKind",
    "BillLine",
    "BillMeans",
    "BillTax",
    "Condition",
    "DeliveryStep",
    "EditBegun",
    "EditPlan",
    "EditedPiece",
    "Exchange",
    "ExchangeOwes",
    "ExchangeTerms",
    "Finding",
    "GiftPart",
    "KeptLine",
    "KeptPart",
    "LineEdit",
    "NoteSide",
    "Order",
    "OrderCancelled",
    "OrderDelivered",
    "OrderDiscount",
    "OrderDraft",
    "OrderEdited",
    "OrderLine",
    "OrderNote",
    "OrderPage",
    "OrderPaid",
    "OrderPlaced",
    "OrderRedirected",
    "OrderRefunded",
    "OrderShipped",
    "OrderState",
    "OrderTax",
    "Port",
    "PriceReason",
    "PrintedBill",
    "PrintedSlip",
    "Refund",
    "RefundKind",
    "RefundState",
    "Return",
    "ReturnMoved",
    "ReturnPage",
    "ReturnState",
    "ReturnUnit",
    "SavedAddress",
    "Seller",
    "TimelineEntry",
    "UnitDestination",
    "UnitRef",
    "WantedPiece",
]


class OrderPlaced(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str


class OrderPaid(Fact, frozen=True, kw_only=True):
    """`qualifying` is what was paid for goods, after discounts and net of points; what gift cards paid is in it."""

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


class OrderEdited(Fact, frozen=True, kw_only=True):
    """Pieces were taken out of it before they left the house; for what went back `OrderRefunded` is told too. What is packed
    of them is packed in vain."""

    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str
    edit_id: str
    refunded: Money
    reason: str


class OrderRedirected(Fact, frozen=True, kw_only=True):
    """It goes to another address than it was to; what is packed of it has the wrong label."""

    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str


class OrderShipped(Fact, frozen=True, kw_only=True):
    """All its units have left the house, the last ones with this shipment; none if it went without."""

    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str
    shipment: str = ""


class OrderDelivered(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "order_id"
    order_id: str
    account_id: str
    number: str


class OrderRefunded(Fact, frozen=True, kw_only=True):
    """Money is on its way back, whatever for. `qualifying` is the part that had qualified (see `OrderPaid`): the parts of
    all refunds of an order never exceed what qualified, and are the whole of it once everything has gone back. `gift` is
    the part of `amount` that went back to gift cards."""

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
    gift: Money | None = None


class ExchangeOwes(Fact, frozen=True, kw_only=True):
    """What came back was accepted, and the piece that is wanted instead costs `owed` more, to be paid `until` then."""

    about: ClassVar[str] = "return_id"
    return_id: str
    order_id: str
    account_id: str
    number: str
    owed: Money
    until: datetime


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


class Port(EditingPort, ReturningPort, ExchangingPort, Protocol):
    """Refusals by code: `order_unknown`, `order_state`, `address_incomplete` (with `errors`: field, code
    `missing | malformed | too_long | unknown`, message), `draft_invalid` (with `errors`), `run_reused`,
    `serial_sold` (a serial number is in one order at most), `refund_too_much` (with `left`), `refund_invalid`,
    `refund_under_way` (an order is not closed while money goes back), `return_unknown`, `return_state`, `unit_unknown`,
    `unit_returned` (it is in another return), `units_missing`, `findings_incomplete`, `run_over`, `not_paid` (there is no
    invoice of an order that was not paid), `bill_unknown`, `country_fixed` and `place_fixed` (an order cannot go there any
    more), `address_changed` (a parcel is for another address), `note_invalid`, `notes_full`."""

    async def place(self, *, run: str, draft: OrderDraft) -> Order:
        """Writes the order, unpaid; the same run has one order, and none once it was cancelled."""
        ...

    async def mark_paid(
        self, *, run: str, intent_id: str, points_earned: int, serials: dict[str, list[str]]
    ) -> Order:
        """`serials` by variant id. Again it has the same answer."""
        ...

    async def cancel(self, *, run: str, reason: str) -> None:
        """Cancels an unpaid order; harmless if the run placed none, and then remembered, so that it cannot be placed
        afterwards."""
        ...

    async def begin_cancelling(self, *, run: str, order_id: str, reason: str) -> Refund:
        """Closes a paid order to shipping, and sets aside all that is left of its payment to be given back by this run.
        Only one run can, and none once the order is shipped."""
        ...

    async def reopen(self, *, run: str) -> None:
        """Undoes `begin_cancelling`; harmless if this run closed nothing."""
        ...

    async def finish_cancelling(
        self, *, run: str, points_back: int, points_taken: int, kept_back: int = 0, kept_taken: int = 0
    ) -> None:
        """The money is on its way and the units are free: the order that this run closed is cancelled. `kept_back` and
        `kept_taken` are points that followed what was kept for it of another order's payment."""
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

    async def ship(
        self,
        *,
        order_id: str,
        key: str = "",
        units: list[UnitRef] | None = None,
        address: Address | None = None,
    ) -> Order:
        """Units of a paid order leave the house: those named, or all that have not left (inventory may refuse:
        `not_arrived`, `already_shipped`). With the last of them the order is shipped, until then partly. `key` is the
        number of the shipment; the same key has one effect. With an `address`, only to that one. Of shipping and cancelling at once exactly one succeeds."""
        ...

    async def deliver(self, *, order_id: str, key: str = "") -> Order:
        """A shipped order is with its member; `key` is the number of its last shipment. Again it has the same answer."""
        ...

    @query
    async def to_ship(self, *, cursor: str = "", limit: int = 25) -> OrderPage:
        """Orders that are paid and have not left the house altogether, the oldest first."""
        ...

    @query
    async def refunds(self, *, order_id: str) -> list[Refund]:
        """Oldest first, but for those that were dropped."""
        ...

    async def issue_bills(self, *, order_id: str, account_id: str = "") -> list[Bill]:
        """The invoice of a paid order and a credit note for each refund of it that is done, oldest first; those that were
        not issued yet are. With an account given, only that account's own order. Again it has the same answer."""
        ...

    @query
    async def bills(self, *, order_id: str, account_id: str = "") -> list[Bill]:
        """What has been issued of an order, oldest first."""
        ...

    @phased
    async def print_bill(self, *, bill_id: str, account_id: str = "") -> PrintedBill:
        """A bill as PDF, as it was written when it was issued. With an account given, only that account's own."""
        ...

    @phased
    async def print_slip(self, *, order_id: str) -> PrintedSlip:
        """The packing slip as PDF, in the buyer's language: for whom, what is in the box, the message of a gift."""
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

    @query
    async def imported(self, *, account_id: str, currency: str, since: datetime, besides: str = "") -> Money:
        """The dutiable value of what an account bought by CN's retail import scheme since then, without taxes and without
        what came back; but for the order of the run `besides`."""
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
