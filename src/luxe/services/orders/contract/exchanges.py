"""Exchanges: a unit comes back, and another piece goes out instead of money."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.verbs import query
from luxe.services.orders.contract.values import Order, OrderTax, Return, UnitRef

NOT_KEPT = "The piece that you asked for is sold out."
"""Why an exchange is declined where its piece could not be kept. Letters and pages know it and say it in their language."""


class WantedPiece(msgspec.Struct, frozen=True, kw_only=True):
    """The piece that is wanted instead, as it was when it was asked for. `price` is its list price then."""

    variant_id: str
    product_id: str
    sku: str
    brand: str
    title: str
    label: str
    picture_url: str
    category: str
    price: Money


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """A return of one unit for a piece instead of money. `owed` is what was still to be paid for it, `pay_until` until when;
    `replacement` is the order that it became, or None: as long as it is not settled, or where money went back instead."""

    returned: Return
    order_number: str
    wanted: WantedPiece
    owed: Money | None
    pay_until: datetime | None
    replacement_id: str
    replacement_number: str


class UnitDestination(msgspec.Struct, frozen=True, kw_only=True):
    country: str
    region: str
    postcode: str


class ExchangeTerms(msgspec.Struct, frozen=True, kw_only=True):
    """`credit` is what was paid for the unit that came back, with the tax on it. For another variant of the same product
    at the same price it is worth that price, whatever it cost after discounts and points; for any other piece what was
    paid for it. `short` is what is missing of the wanted piece's price, without tax; `surplus` the part of the credit that
    goes back. One of the two is nothing."""

    credit: Money
    short: Money
    surplus: Money
    destination: UnitDestination


class ExchangingPort(Protocol):
    """The part of the Port that exchanges units. What stays of the credit is kept for the replacement in the first order's
    payment: nobody can give it back otherwise, and it goes back with the replacement's own payment when that is returned or
    cancelled. Its own refusals: `exchanged_before` (a replacement is not exchanged again), `wanted_invalid`,
    `exchange_unknown`."""

    async def request_exchange(
        self, *, run: str, order_id: str, account_id: str, unit: UnitRef, wanted: WantedPiece, reason: str
    ) -> Return:
        """As `request_return`, for one unit; decided, withdrawn and inspected like any other return."""
        ...

    async def drop_exchange(self, *, run: str) -> None:
        """Undoes `request_exchange`: what the inspection refused is refused, what was approved is declined, for its piece
        could not be kept, and all else is withdrawn; harmless if this run requested nothing."""
        ...

    async def begin_exchange(self, *, run: str) -> ExchangeTerms:
        """Sets aside what was paid for the accepted unit."""
        ...

    async def note_difference(self, *, run: str, owed: Money, until: datetime) -> None:
        """The member is told what is still to be paid. Again it tells nothing."""
        ...

    async def place_replacement(
        self, *, run: str, payment_run: str, taxes: list[OrderTax], deliver_on: date
    ) -> Order:
        """Writes the order of the wanted piece, and keeps for it what of the credit does not go back. `taxes` are on what is
        short. The order's run is `payment_run`: nothing else pays for it."""
        ...

    async def drop_replacement(self, *, run: str) -> None:
        """Undoes `place_replacement`, together with `cancel` and `drop_refund`; harmless if this run placed none."""
        ...

    async def settle_for_money(self, *, run: str) -> None:
        """There is no exchange: all that was paid for the unit is set aside to go back, as with any return."""
        ...

    async def finish_exchange(self, *, run: str, points_back: int, points_taken: int) -> None:
        """The replacement is paid, and what goes back is on its way."""
        ...

    @query
    async def exchange_of(self, *, run: str) -> Exchange: ...

    @query
    async def exchanges(self, *, order_id: str = "", return_ids: list[str] | None = None) -> list[Exchange]:
        """Of an order, whether a unit of it came back or it is the replacement; or of these returns. Oldest first."""
        ...
