"""The door of the return saga."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from luxe.kernel.saga_runs import RunsPort
from luxe.kernel.verbs import phased, query
from luxe.services.orders.contract import UnitRef

RETURN_DAYS: Mapping[str, int] = {"silver": 14, "gold": 30, "black": 60}
"""By tier, counted from the delivery. Who is no member any more has what a silver member has."""
LONGEST_REASON = 500


class ReturnInput(msgspec.Struct, frozen=True, kw_only=True):
    order_id: str
    account_id: str
    units: list[UnitRef]
    reason: str


class ReturnView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: running | undoing | done | refused | stuck | ended. `return_id` is set once the return is written down;
    how it stands then, orders say."""

    run: str
    state: str
    step: str
    order_id: str
    return_id: str
    problem_code: str
    problem: str


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Until when units of a delivered order may be asked to go back; None for one that is not delivered.
    `units` may be asked for now: nothing of them is on its way back, and the window is open."""

    until: datetime | None
    units: list[UnitRef]


class Port(RunsPort, Protocol):
    """Refusals by code: `order_unknown`, `order_state`, `return_window_over` (with `until`), `units_missing`,
    `unit_unknown`, `unit_returned`, `reason_missing`, `reason_too_long`, `run_unknown`, `key_reused`. A run whose return is
    declined or withdrawn ends refused, with `return_declined` or `return_withdrawn`."""

    async def start(
        self, *, key: str, account_id: str, order_id: str, units: list[UnitRef], reason: str
    ) -> ReturnView:
        """A member asks for units of an order of theirs to go back. The same account and key is the same run."""
        ...

    @query
    async def view(self, *, run: str, account_id: str = "") -> ReturnView:
        """With an account given, only a run that this account started."""
        ...

    @phased
    async def watch(self, *, run: str, seconds: float, account_id: str = "") -> ReturnView:
        """The run once it waits for a person or has ended, or as it stands after `seconds`, ten at most."""
        ...

    @query
    async def window(self, *, order_id: str, account_id: str) -> Window: ...
