"""What is changed about an order after it was bought, and what is noted about it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.verbs import query
from luxe.services.orders.contract.values import (
    Address,
    Order,
    OrderDiscount,
    OrderDraft,
    PriceReason,
    Refund,
    RefundState,
    UnitRef,
)

MAX_NOTES = 100
LONGEST_NOTE = 1_000

NoteSide = Literal["member", "house"]
"""The member's own notes are seen by both sides, the house's by the house alone."""


class AddressEdit(msgspec.Struct, frozen=True, kw_only=True):
    """An order goes elsewhere than it was to, because `actor` said so."""

    id: str
    order_id: str
    at: datetime
    actor: str
    before: Address
    after: Address


class OrderNote(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    order_id: str
    at: datetime
    actor: str
    side: NoteSide
    text: str


class KeptLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it is to be: `quantity` is at least one, and `reasons` are what discounts take off it then."""

    variant_id: str
    quantity: int
    reasons: list[PriceReason] = []


class EditPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What an order would be without some of its pieces. `amount` is what goes back of the payment, `gift` the part of it
    that goes to gift cards, and `goods` what had been paid for the pieces, net of points: points follow it. `units` are
    those that would be free again."""

    before: OrderDraft
    after: OrderDraft
    amount: Money
    goods: Money
    gift: Money
    units: list[UnitRef]


class EditBegun(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has set aside, and which units it is to free."""

    refund: Refund
    units: list[UnitRef]


class EditedPiece(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    sku: str
    brand: str
    title: str
    label: str
    before: int
    after: int


class LineEdit(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces that were taken out of an order, because `actor` said so. `amount` is what goes back for them."""

    id: str
    order_id: str
    run: str
    at: datetime
    actor: str
    reason: str
    state: RefundState
    pieces: list[EditedPiece]
    units: list[UnitRef]
    amount: Money
    before: OrderDraft
    after: OrderDraft


class EditingPort(Protocol):
    """The part of the Port that changes what was bought, while it has not left the house. Its own refusals:
    `nothing_to_change`, `edit_empties_order` (cancel it instead), `edit_owes` (with `short`: what is left would cost more
    than was paid), `points_cover_goods` (points paid for all pieces, so nothing can be shared out), `line_unknown`,
    `quantity_invalid`, `pieces_left` (they have left the house), `order_changed`, `refund_changed` (with `amount`),
    `edit_under_way`."""

    async def change_address(self, *, order_id: str, address: Address, account_id: str = "") -> Order:
        """A paid order goes elsewhere, as long as nothing of it has left the house, within its country. With an account
        given, only that account's own order. Again it has the same answer."""
        ...

    @query
    async def edits(self, *, order_id: str) -> list[AddressEdit]:
        """Oldest first."""
        ...

    @query
    async def plan_edit(
        self, *, order_id: str, lines: list[KeptLine], discounts: list[OrderDiscount]
    ) -> EditPlan:
        """What `begin_edit` would do at this moment; nothing is changed."""
        ...

    async def begin_edit(
        self,
        *,
        run: str,
        order_id: str,
        lines: list[KeptLine],
        discounts: list[OrderDiscount],
        reason: str,
        spare: list[UnitRef] | None = None,
        expected: Money | None = None,
    ) -> EditBegun:
        """The order is these lines from now on, at the price that they have without the others, and the difference is set
        aside to be given back by this run. Units in `spare` are taken only where no others are left. Until the run has
        finished or dropped it nothing of the order is shipped, given back or edited. The same run has the same answer."""
        ...

    @query
    async def begun_edit(self, *, run: str) -> EditBegun | None:
        """What `begin_edit` has answered to this run; None if it edited nothing, or has dropped it."""
        ...

    async def drop_edit(self, *, run: str) -> None:
        """Undoes `begin_edit`: the order is what it was; harmless if this run edited nothing."""
        ...

    async def finish_edit(self, *, run: str, points_back: int, points_taken: int) -> None:
        """The money is on its way and the units are free. Where all that is left had been shipped, the order is."""
        ...

    @query
    async def line_edits(self, *, order_id: str) -> list[LineEdit]:
        """Oldest first, but for those that were dropped."""
        ...

    async def add_note(self, *, key: str, order_id: str, text: str, account_id: str = "") -> OrderNote:
        """By the member whose account is given, or by the house. The same key adds once."""
        ...

    @query
    async def notes(self, *, order_id: str, side: NoteSide | None = None) -> list[OrderNote]:
        """Oldest first; those of one side only, if one is given."""
        ...
