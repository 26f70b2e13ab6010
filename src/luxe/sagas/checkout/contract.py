"""The door of the checkout saga."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.saga_runs import RunsPort
from luxe.kernel.verbs import phased, query
from luxe.services.orders.contract import Address


class CheckoutLine(msgspec.Struct, frozen=True, kw_only=True):
    variant_id: str
    quantity: int


class CheckoutInput(msgspec.Struct, frozen=True, kw_only=True):
    """`expected` is the payable total that the member saw; another one is refused (`price_changed`) before anything is held."""

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
    """Refusals by code: `bag_empty`, `price_changed`, `sold_out`, `momentarily_held`, `points_short`, `address_incomplete`,
    `run_unknown`, `key_reused`; a run that is refused later carries the code in `problem_code`
    (also `payment_failed`, `payment_expired`)."""

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
