"""Starting and watching checkouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from luxe.kernel import clock, context
from luxe.kernel.errors import BadRequest, NotFound, PayloadInvalid
from luxe.kernel.house import House
from luxe.kernel.saga import Engine
from luxe.kernel.saga_people import RunDesk
from luxe.kernel.saga_store import RunRow, in_state
from luxe.kernel.saga_watch import LONGEST, rests
from luxe.sagas.checkout.contract import (
    CheckoutInput,
    CheckoutLine,
    CheckoutQuote,
    CheckoutView,
    QuoteInput,
)
from luxe.sagas.checkout.flow import flow
from luxe.sagas.checkout.steps import price, quoted, sealed
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import Port as OrdersPort

LONGEST_CODE = 60
MAX_CODES = 10
MAX_GIFT_MESSAGE = 300
MAX_QUANTITY = 100

Errors = list[dict[str, str]]


class Checkout(RunDesk):
    """Runs of the checkout flow."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.db = house.database("checkout")
        self.membership = house.port(MembershipPort)
        self.loyalty = house.port(LoyaltyPort)
        self.orders = house.port(OrdersPort)
        self.engine = Engine(flow, house)

    async def start(self, *, key: str, input: CheckoutInput) -> CheckoutView:
        if not input.lines:
            raise BadRequest("the bag is empty", code="bag_empty")
        _check(input)
        address = await self.orders.check_address(address=input.address)
        checked = sealed(self.house.settings, msgspec.structs.replace(input, address=address))
        return _seen(await self.engine.start(key=key, owner=input.account_id, input=checked))

    async def quote(self, *, input: QuoteInput) -> CheckoutQuote:
        _demand_good(_line_errors(input.lines) + _code_errors(input.codes))
        membership = None
        if input.codes or input.country:
            membership = await self.membership.membership_of(account_id=input.account_id)
        tier = membership.tier if membership is not None else ""
        asked = msgspec.structs.replace(input, points=0)
        priced = await price(self.house, asked, tier, context.current().locale)
        points = 0
        if input.points:
            offer = await self.loyalty.redeemable(account_id=input.account_id, total=priced.total)
            points = max(min(input.points, offer.points), 0)
            spent = await self.loyalty.worth(points=points, currency=input.currency)
            priced = msgspec.structs.replace(priced, worth=spent.worth)
        return quoted(priced, points)

    async def view(self, *, run: str, account_id: str) -> CheckoutView:
        return _seen_by(account_id, await self.engine.find(run))

    async def watch(
        self, *, run: str, account_id: str, seconds: float, ended: bool = False, unlike: str = ""
    ) -> CheckoutView:
        row = await self.engine.wait(
            run,
            lambda row: row.owner != account_id or rests(_seen(row), ended, unlike),
            min(seconds, LONGEST),
        )
        return _seen_by(account_id, row)

    async def returned(self, *, run: str, account_id: str) -> None:
        await self.view(run=run, account_id=account_id)
        await self.engine.signal(run, "returned", clock.now().isoformat())

    async def authorised(self, *, run: str) -> None:
        """Payments says that this run's payment stands."""
        await self.engine.signal(run, "authorised", True)

    async def failed(self, *, run: str, failure: str) -> None:
        await self.engine.signal(run, "payment", failure)

    async def abandon(self, *, run: str, account_id: str) -> None:
        await self.view(run=run, account_id=account_id)
        await self.engine.signal(run, "abandoned", True)

    async def stuck(self) -> list[CheckoutView]:
        return [_seen(row) for row in await in_state(self.db.tx, self.db.metadata, "stuck", limit=100)]

    def subject(self, results: Mapping[str, Any], input: Mapping[str, Any]) -> str:
        """The order, once it is placed."""
        return results.get("place", "")


def _check(input: CheckoutInput) -> None:
    found = []
    if input.points < 0:
        found.append({"field": "points", "message": "points cannot be negative"})
    if len(input.gift_message) > MAX_GIFT_MESSAGE:
        found.append({"field": "gift_message", "message": f"at most {MAX_GIFT_MESSAGE} characters"})
    found += _line_errors(input.lines)
    found += _code_errors(input.codes)
    if len(input.gifts) > MAX_CODES or any(
        gift.amount.minor <= 0 or gift.amount.currency != input.currency for gift in input.gifts
    ):
        message = f"at most {MAX_CODES}, each with an amount above nothing in {input.currency}"
        found.append({"field": "gifts", "message": message})
    if input.expected.minor < 0:
        found.append({"field": "expected", "message": "never below nothing"})
    if input.deliver_on < clock.now().date():
        found.append({"field": "deliver_on", "message": "this date has passed"})
    _demand_good(found)


def _line_errors(lines: Sequence[CheckoutLine]) -> Errors:
    found = []
    if any(not 1 <= line.quantity <= MAX_QUANTITY for line in lines):
        found.append({"field": "lines", "message": f"a quantity is 1 to {MAX_QUANTITY}"})
    if len({line.variant_id for line in lines}) != len(lines):
        found.append({"field": "lines", "message": "each variant has one line"})
    return found


def _code_errors(codes: Sequence[str]) -> Errors:
    if len(codes) > MAX_CODES or any(not 0 < len(code) <= LONGEST_CODE for code in codes):
        message = f"at most {MAX_CODES} of at most {LONGEST_CODE} characters"
        return [{"field": "codes", "message": message}]
    return []


def _demand_good(found: Errors) -> None:
    if found:
        raise PayloadInvalid("the checkout is not complete", code="checkout_invalid", errors=found)


def _seen_by(account_id: str, row: RunRow | None) -> CheckoutView:
    if row is None or row.owner != account_id:
        raise NotFound("no such checkout", code="run_unknown")
    return _seen(row)


def _seen(row: RunRow) -> CheckoutView:
    problem = row.problem or {}
    waiting = (
        row.state == "running" and row.cursor < len(flow.steps) and flow.steps[row.cursor].name == "authorise"
    )
    return CheckoutView(
        run=row.id,
        state=row.state,
        step=flow.steps[min(row.cursor, len(flow.steps) - 1)].name,
        pay_at=row.results["authorise"]["pay_at"] if waiting and "authorise" in row.results else "",
        order_id=row.results.get("place", ""),
        problem_code=problem.get("code", ""),
        problem=problem.get("detail", ""),
    )
