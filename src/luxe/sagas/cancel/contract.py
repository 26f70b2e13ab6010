"""The door of the cancel saga."""

from __future__ import annotations

from typing import Protocol

import msgspec

from luxe.kernel.saga_runs import RunsPort
from luxe.kernel.verbs import phased, query

LONGEST_REASON = 500


class CancelInput(msgspec.Struct, frozen=True, kw_only=True):
    order_id: str
    reason: str


class CancelView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: running | undoing | done | refused | stuck | ended. `order_id` is the order that is cancelled by it."""

    run: str
    state: str
    step: str
    order_id: str
    problem_code: str
    problem: str


class Port(RunsPort, Protocol):
    """Refusals by code: `order_unknown`, `order_state` (only a paid order that has not left the house can be cancelled),
    `reason_missing`, `reason_too_long`, `key_reused`. A run that comes too late, because the order left
    the house or another run closed it first, is refused with `order_state` in `problem_code`."""

    async def start(
        self, *, key: str, by: str, order_id: str, reason: str, account_id: str = ""
    ) -> CancelView:
        """`by` is who asks. A member names the account, and cancels an order of it without having to say why; an operator
        names none, and gives a reason. The same `by` and `key` is the same run."""
        ...

    @query
    async def view(self, *, run: str, account_id: str = "") -> CancelView:
        """With an account given, only a run that this account started."""
        ...

    @phased
    async def watch(self, *, run: str, seconds: float, account_id: str = "") -> CancelView:
        """The run once it has ended, or as it stands after `seconds`, ten at most."""
        ...
