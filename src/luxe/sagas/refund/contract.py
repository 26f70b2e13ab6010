"""The door of the refund saga."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.saga_runs import RunsPort
from luxe.kernel.verbs import phased, query

LONGEST_REASON = 500

Kind = Literal["goodwill", "price_correction"]


class RefundInput(msgspec.Struct, frozen=True, kw_only=True):
    order_id: str
    amount: Money
    kind: Kind
    reason: str


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: running | undoing | done | refused | stuck | ended."""

    run: str
    state: str
    step: str
    order_id: str
    amount: Money
    problem_code: str
    problem: str


class Port(RunsPort, Protocol):
    """Refusals by code: `order_unknown`, `order_state`, `refund_invalid` (not above zero, or in another currency),
    `refund_too_much` (with `left`), `reason_missing`, `reason_too_long`, `key_reused`. A run that is refused
    later carries the code in `problem_code`."""

    async def start(
        self, *, key: str, by: str, order_id: str, amount: Money, kind: Kind, reason: str
    ) -> RefundView:
        """`by` is the operator who gives it back. The same `by` and `key` is the same run."""
        ...

    @query
    async def view(self, *, run: str) -> RefundView: ...

    @phased
    async def watch(self, *, run: str, seconds: float) -> RefundView:
        """The run once it has ended, or as it stands after `seconds`, ten at most."""
        ...
