"""The door of the checkout saga."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.saga_runs import RunsPort
from luxe.kernel.verbs import phased, query
from luxe.services.fulfilment.contract import DeliveryMethod, Tax
from luxe.services.orders.contract import Address, PriceReason
from luxe.services.promotions.contract import Discount, Gift, RejectedCode


class CheckoutLine(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    quantity: int


class CheckoutInput(msgspec.Struct, frozen=True, kw_only=True):
    """`expected` is the payable total that the member saw; another one is refused (`price_changed`) before anything is held.
    It may be nought where gift cards pay for everything: then no payment is opened. `codes` are vouchers'; each has to take
    something off. `gifts` say how much is paid with which card. `method` is an id of payments' `methods`, or empty: then
    the payer chooses on the provider's page. `delivery` is an id of fulfilment's methods (empty: the standard one), `slot`
    an appointment where the method needs one."""

    account_id: str
    lines: list[CheckoutLine]
    currency: str
    address: Address
    deliver_on: date
    points: int
    expected: Money
    locale: str
    gift_message: str = ""
    gift_wrap: bool = False
    method: str = ""
    codes: list[str] = []
    gifts: list[Gift] = []
    delivery: str = ""
    slot: str = ""


class QuoteInput(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may want to buy. `codes` are vouchers' and gift cards' alike. `country` is that of delivery; empty as
    long as nobody has said it. `points` is how many are to be used at most."""

    account_id: str
    lines: list[CheckoutLine]
    currency: str
    country: str = ""
    region: str = ""
    postcode: str = ""
    codes: list[str] = []
    points: int = 0
    delivery: str = ""


class QuotedPiece(msgspec.Struct, frozen=True, kw_only=True):
    """Why a line costs what it does: `before`, which is `unit` times `quantity`, less the `reasons` is `after`."""

    variant_id: str
    quantity: int
    unit: Money
    before: Money
    reasons: list[PriceReason]
    after: Money


class CardPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a gift card would pay (nothing, if those before it pay for everything) of what is on it."""

    code: str
    available: Money
    amount: Money


class CheckoutQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkout of the same would cost now. `total` = goods − discount + delivery + tax_added, and `payable` is what
    is left of it after points and gift cards; `points` is how many of them can be used. Lines without a price in the
    currency are in `unpriced`, and in no sum. What depends on the destination (ways of delivery, duties, taxes) is known
    once its country is."""

    lines: list[QuotedPiece]
    unpriced: list[str]
    goods: Money
    discount: Money
    discounts: list[Discount]
    rejected: list[RejectedCode]
    delivery: Money
    total: Money
    points: int
    points_worth: Money
    gifts: list[CardPart]
    gift_worth: Money
    payable: Money
    delivery_methods: list[DeliveryMethod] = []
    delivery_method: str = ""
    taxes: list[Tax] = []
    tax_included: Money | None = None
    tax_added: Money | None = None


class CheckoutView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: running | undoing | done | refused | stuck | ended. `pay_at` is the PSP's page while it waits for payment.
    `order_id` is set once the order is placed."""

    run: str
    state: str
    step: str
    pay_at: str
    order_id: str
    problem_code: str
    problem: str


class Port(RunsPort, Protocol):
    """Refusals by code: `bag_empty`, `checkout_invalid`, `price_changed`, `sold_out`, `momentarily_held`, `points_short`,
    `address_incomplete`, `run_unknown`, `key_reused`, `code_rejected` (with `rejected`), `gift_short`, `too_many_attempts`;
    a run that is refused later carries the code in `problem_code` (also `payment_failed`, `payment_expired`,
    `method_unavailable`, `not_delivered_there`, `region_unknown`, `slot_missing`, `slot_unknown`, `slot_full`)."""

    @phased
    async def quote(self, *, input: QuoteInput) -> CheckoutQuote:
        """By the same rules as a checkout; holds nothing. Wrong codes are counted against the account
        (`too_many_attempts`)."""
        ...

    async def start(self, *, key: str, input: CheckoutInput) -> CheckoutView: ...

    @query
    async def view(self, *, run: str, account_id: str) -> CheckoutView: ...

    @phased
    async def watch(
        self, *, run: str, account_id: str, seconds: float, ended: bool = False, unlike: str = ""
    ) -> CheckoutView:
        """The run once it has ended or (unless `ended`) waits for payment, or as it stands after `seconds`, ten at most.
        One that waits for payment and still is as the entity tag `unlike` says is waited for."""
        ...

    async def returned(self, *, run: str, account_id: str) -> None:
        """The member is back from the PSP's page: ask how it went instead of waiting for the webhook."""
        ...

    async def abandon(self, *, run: str, account_id: str) -> None:
        """The member gives up before paying: hold and points are given back at once."""
        ...

    @query
    async def stuck(self) -> list[CheckoutView]: ...
