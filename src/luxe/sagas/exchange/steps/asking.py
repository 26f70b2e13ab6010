"""From the wish to the inspection: written down, decided, the wanted piece held, the other one looked at."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from luxe.kernel import clock
from luxe.kernel.errors import Conflict
from luxe.kernel.saga import Run, Wait
from luxe.sagas.exchange.contract import JOURNEY_DAYS, PAY_DAYS, ExchangeInput
from luxe.services.inventory.contract import HoldLine
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.orders.contract import Return

LOOK_AGAIN = timedelta(days=1)
"""A fact wakes the run at once; should one be lost, nothing is lost but a day."""
JOURNEY = timedelta(days=JOURNEY_DAYS)
PAY_WITHIN = timedelta(days=PAY_DAYS)
SPARE = timedelta(days=5)
"""The unit stays put for as long as the provider may take to answer a capture."""
HOLD_SECONDS = int((JOURNEY + PAY_WITHIN + SPARE).total_seconds())

ExchangeRun = Run[ExchangeInput]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `hold`: since when, and the day by which the unit is promised if it is still to come."""

    at: datetime
    expected_on: date | None = None


def held(run: ExchangeRun) -> Held:
    return msgspec.convert(run.results["hold"], Held)


async def request(run: ExchangeRun) -> Return:
    """Written down; an operator decides."""
    wanted = run.input
    return await run.house.port(OrdersPort).request_exchange(
        run=run.id,
        order_id=wanted.order_id,
        account_id=wanted.account_id,
        unit=wanted.unit,
        wanted=wanted.wanted,
        reason=wanted.reason,
    )


async def drop(run: ExchangeRun) -> None:
    await run.house.port(OrdersPort).drop_exchange(run=run.id)


async def await_decision(run: ExchangeRun) -> None:
    """Until an operator has approved it. What orders know counts; their facts only wake the run."""
    known = await _known(run)
    _refuse_if_over(known)
    if known.state == "requested":
        raise Wait(clock.now() + LOOK_AGAIN)


async def hold(run: ExchangeRun) -> Held:
    """Nobody else gets the piece while the other one travels, and while a difference can be paid."""
    taken = await run.house.port(InventoryPort).hold(
        run=run.id,
        lines=[HoldLine(variant_id=run.input.wanted.variant_id, quantity=1)],
        seconds=HOLD_SECONDS,
        country=run.input.country,
    )
    return Held(at=clock.now(), expected_on=taken.units[0].expected_on)


async def let_go(run: ExchangeRun) -> None:
    await run.house.port(InventoryPort).release(run=run.id)


async def await_inspection(run: ExchangeRun) -> Return:
    """Until the unit is here and looked at; the member may still think better of it, and the operator too. After the time
    for its journey the wanted piece is not kept any longer."""
    known = await _known(run)
    _refuse_if_over(known)
    if known.state == "approved":
        if is_late(run):
            await let_go(run)
        raise Wait(clock.now() + LOOK_AGAIN)
    if not all(unit.accepted for unit in known.units):
        raise Conflict("the inspection did not accept it", code="return_refused")
    return known


def is_late(run: ExchangeRun) -> bool:
    return clock.now() > held(run).at + JOURNEY


async def _known(run: ExchangeRun) -> Return:
    return await run.house.port(OrdersPort).return_of(run=run.id)


def _refuse_if_over(known: Return) -> None:
    if known.state in ("declined", "withdrawn"):
        raise Conflict(f"the return was {known.state}", code=f"return_{known.state}")
