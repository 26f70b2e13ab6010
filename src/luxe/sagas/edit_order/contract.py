"""The door of the edit_order saga."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.saga_runs import RunsPort
from luxe.kernel.verbs import phased, query

LONGEST_REASON = 500
MOST_LINES = 100

PartKind = Literal["piece", "discount", "delivery", "tax", "points"]


class WantedLine(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a line are to be left; none takes it out. Lines that are not named stay as they are."""

    variant_id: str
    quantity: int


class EditInput(msgspec.Struct, frozen=True, kw_only=True):
    """`account_id` is the member who asks; empty for an operator. `expected` is what they were told would go back."""

    order_id: str
    lines: list[WantedLine]
    reason: str
    account_id: str = ""
    expected: Money | None = None


class PreviewPart(msgspec.Struct, frozen=True, kw_only=True):
    """One reason why the order costs what it does: a line before discounts, a discount, delivery, tax that is added, points.
    What makes the order cheaper is below zero. `quantity_before` and `quantity_after` are those of a line."""

    kind: PartKind
    name: str
    before: Money
    after: Money
    variant_id: str = ""
    quantity_before: int = 0
    quantity_after: int = 0


class EditPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What the order costs before and after, part by part: the parts sum to `paid_before` and `paid_after`, and their
    difference is `refund`. Of it `gift` goes back to gift cards and the rest by the payment provider. `points_back` had been
    spent on the order, `points_taken` were earned with it."""

    order_id: str
    number: str
    parts: list[PreviewPart]
    paid_before: Money
    paid_after: Money
    refund: Money
    gift: Money
    points_back: int
    points_taken: int


class EditView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: running | undoing | done | refused | stuck | ended. `refund` is what goes back, once it is set aside."""

    run: str
    state: str
    step: str
    order_id: str
    refund: Money | None
    problem_code: str
    problem: str


class Port(RunsPort, Protocol):
    """Refusals by code: `order_unknown`, `order_state` (only a paid order, or what has not left of one that is partly
    shipped), `reason_missing`, `reason_too_long`, `key_reused`, `lines_invalid`, `line_unknown`, `quantity_invalid`,
    `nothing_to_change`, `edit_empties_order` (cancel it instead), `edit_owes` (with `short`), `points_cover_goods`,
    `pieces_left`, `line_packed` (a member's, who then asks the house), `refund_under_way`, `refund_changed` (with `amount`). A run
    that comes too late carries the code in `problem_code`."""

    @query
    async def preview(self, *, order_id: str, lines: list[WantedLine], account_id: str = "") -> EditPreview:
        """What would go back, and why. Nothing is changed; raises what `start` does."""
        ...

    async def start(
        self,
        *,
        key: str,
        by: str,
        order_id: str,
        lines: list[WantedLine],
        reason: str,
        account_id: str = "",
        expected: Money | None = None,
    ) -> EditView:
        """`by` is who asks. A member names the account, and edits an order of it without having to say why, as long as
        nothing of those lines is packed; an operator names none, and gives a reason. The same `by` and `key` is the same
        run. With `expected`, only if just that goes back."""
        ...

    @query
    async def view(self, *, run: str, account_id: str = "") -> EditView:
        """With an account given, only a run that this account started."""
        ...

    @phased
    async def watch(self, *, run: str, seconds: float, account_id: str = "") -> EditView:
        """The run once it has ended, or as it stands after `seconds`, ten at most."""
        ...
