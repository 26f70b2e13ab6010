"""What each step of a cancellation does and how it is undone. Every effect carries the run's id."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from luxe.kernel import clock
from luxe.kernel.errors import Conflict
from luxe.kernel.saga import Run, Wait
from luxe.sagas.cancel.contract import CancelInput
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.inventory.contract import RestockLine
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.loyalty.contract import Reversal
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.orders.contract import Refund
from luxe.services.payments.contract import Port as PaymentsPort

ASK_SOONEST = timedelta(seconds=10)
ASK_LATEST = timedelta(hours=1)
RESUMED = "resumed"
"""How often a person has resumed the run."""

CancelRun = Run[CancelInput]


async def close(run: CancelRun) -> Refund:
    """From here on nobody ships the order; all that is left of its payment is set aside for this run."""
    return await run.house.port(OrdersPort).begin_cancelling(
        run=run.id, order_id=run.input.order_id, reason=run.input.reason
    )


async def reopen(run: CancelRun) -> None:
    await run.house.port(OrdersPort).reopen(run=run.id)


async def refund(run: CancelRun) -> None:
    """Back to where it was paid from. Some ways of paying take their time: then the provider is asked again."""
    due = _due(run)
    if not due.amount.minor:
        return
    for key in _keys(run):
        given = await run.house.port(PaymentsPort).refund(
            run=due.payment_run, key=key, amount=due.amount, reason=due.kind
        )
        if given.state == "pending":
            raise Wait(_ask_again(run))
        if given.state == "succeeded":
            return
    raise Conflict("the payment provider refused the refund", code="refund_failed")


async def check_nothing_went_back(run: CancelRun) -> None:
    """A refund that was refused for good moved nothing; one that is under way cannot be undone."""
    given = await run.house.port(PaymentsPort).refunds(run=_due(run).payment_run)
    if any(each.key in _keys(run) and each.state != "failed" for each in given):
        raise Conflict("money has gone back", code="past_pivot")


async def reverse_points(run: CancelRun) -> Reversal:
    """Points that were spent on the order come back, those that it earned go."""
    due = _due(run)
    return await run.house.port(LoyaltyPort).reverse(run=due.payment_run, key=run.id, refunded=due.goods)


async def restock(run: CancelRun) -> None:
    order = await run.house.port(OrdersPort).order(order_id=run.input.order_id)
    lines = [
        RestockLine(variant_id=line.variant_id, serials=line.serials)
        for line in order.draft.lines
        if line.serials
    ]
    await run.house.port(InventoryPort).restock(
        key=run.id, order_id=order.id, lines=lines, reason="the order was cancelled"
    )


async def finish(run: CancelRun) -> None:
    moved = msgspec.convert(run.results["points"], Reversal)
    await run.house.port(OrdersPort).finish_cancelling(
        run=run.id, points_back=moved.given_back, points_taken=moved.taken_back
    )


def _due(run: CancelRun) -> Refund:
    return msgspec.convert(run.results["close"], Refund)


def _keys(run: CancelRun) -> list[str]:
    """A refund that was refused stays refused; each time that a person resumes the run it may be tried once more."""
    return [run.id, *(f"{run.id} {number}" for number in range(1, run.signals.get(RESUMED, 0) + 1))]


def _ask_again(run: CancelRun) -> datetime:
    """Less and less often."""
    now = clock.now()
    return now + min(max((now - run.started_at) / 4, ASK_SOONEST), ASK_LATEST)
