"""The door of the exchange saga."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.saga_runs import RunsPort
from luxe.kernel.verbs import phased, query
from luxe.services.orders.contract import UnitRef, WantedPiece

LONGEST_REASON = 500
JOURNEY_DAYS = 30
"""For so long after the approval the wanted piece is kept while the other one travels. What comes later is refunded."""
PAY_DAYS = 7
"""For so long a difference can be paid; then what was paid for the first piece goes back."""


class ExchangeInput(msgspec.Struct, frozen=True, kw_only=True):
    order_id: str
    account_id: str
    unit: UnitRef
    wanted: WantedPiece
    country: str
    reason: str
    locale: str


class ExchangeChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A variant that a unit could be exchanged for. `available` counts units that can be had now."""

    variant_id: str
    label: str
    price: Money | None
    available: int


class ExchangeableUnit(msgspec.Struct, frozen=True, kw_only=True):
    """`choices` are the other variants of its product, in their order; the same one may be asked for too."""

    unit: UnitRef
    brand: str
    title: str
    label: str
    picture_url: str
    choices: list[ExchangeChoice]


class ExchangeView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: running | undoing | done | refused | stuck | ended. `owed` is the difference, once it is known that there is
    one, `pay_until` until when it can be paid, and `pay_at` the provider's page while one waits for it. `order_id` is the
    first order's, `replacement_id` that of the order that the piece became; none if money went back instead."""

    run: str
    state: str
    step: str
    order_id: str
    return_id: str
    owed: Money | None
    pay_until: datetime | None
    pay_at: str
    replacement_id: str
    problem_code: str
    problem: str


class Port(RunsPort, Protocol):
    """Refusals by code: `order_unknown`, `order_state`, `return_window_over` (with `until`), `unit_unknown`,
    `unit_returned`, `exchanged_before`, `wanted_unknown` (it is not for sale, or has no price in the order's currency),
    `sold_out`, `reason_missing`, `reason_too_long`, `run_unknown`, `key_reused`, `nothing_to_pay`. A run ends refused with
    `return_declined`, `return_withdrawn`, `return_refused` (the inspection did not accept it: nothing is held any more) or
    what inventory said of the wanted piece when the exchange was approved."""

    @phased
    async def options(self, *, order_id: str, account_id: str, locale: str) -> list[ExchangeableUnit]:
        """The units that may be asked to go back now, each with what it could be exchanged for."""
        ...

    async def start(
        self,
        *,
        key: str,
        account_id: str,
        order_id: str,
        unit: UnitRef,
        variant_id: str,
        reason: str,
        locale: str,
    ) -> ExchangeView:
        """A member asks for another piece instead of a unit of theirs. The same account and key is the same run."""
        ...

    @query
    async def view(self, *, run: str, account_id: str = "") -> ExchangeView:
        """With an account given, only a run that this account started."""
        ...

    @phased
    async def watch(self, *, run: str, seconds: float, account_id: str = "") -> ExchangeView:
        """The run once it waits for a person or has ended, or as it stands after `seconds`, ten at most. One whose payment
        is about to be opened waits for nobody."""
        ...

    async def pay(self, *, run: str, account_id: str) -> ExchangeView:
        """The member wants to pay the difference: a payment is opened, once. After one that failed another can be."""
        ...

    async def take_money(self, *, run: str, account_id: str) -> ExchangeView:
        """The member wants no difference to pay, but back what was paid for the first piece."""
        ...

    async def returned(self, *, run: str, account_id: str) -> None:
        """The member is back from the provider's page: ask how it went instead of waiting for the webhook."""
        ...
