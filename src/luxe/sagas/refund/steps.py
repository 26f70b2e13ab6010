"""What each step of a partial refund does and how it is undone. Every effect carries the run's id."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from luxe.kernel import clock
from luxe.kernel.errors import Conflict
from luxe.kernel.saga import Run, Wait
from luxe.sagas.refund.contract import RefundInput
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.loyalty.contract import Reversal
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.orders.contract import Refund
from luxe.services.payments.contract import Port as PaymentsPort

ASK_SOONEST = timedelta(seconds=10)
ASK_LATEST = timedelta(hours=1)
RESUMED = "resumed"
"""How often a person has resumed the run."""

RefundRun = Run[RefundInput]


async def set_aside(run: RefundRun) -> Refund:
    """Nobody else can give the same money back."""
    wanted = run.input
    return await run.house.port(OrdersPort).set_aside(
        run=run.id, order_id=wanted.order_id, amount=wanted.amount, kind=wanted.kind, reason=wanted.reason
    )


async def drop(run: RefundRun) -> None:
    await run.house.port(OrdersPort).drop_refund(run=run.id)


async def refund(run: RefundRun) -> None:
    """Back to where it was paid from. Some ways of paying take their time: then the provider is asked again."""
    due = _due(run)
    for key in _keys(run):
        given = await run.house.port(PaymentsPort).refund(
            run=due.payment_run, key=key, amount=due.amount, reason=due.kind
        )
        if given.state == "pending":
            raise Wait(_ask_again(run))
        if given.state == "succeeded":
            return
    raise Conflict("the payment provider refused the refund", code="refund_failed")


async def check_nothing_went_back(run: RefundRun) -> None:
    """A refund that was refused for good moved nothing; one that is under way cannot be undone."""
    given = await run.house.port(PaymentsPort).refunds(run=_due(run).payment_run)
    if any(each.key in _keys(run) and each.state != "failed" for each in given):
        raise Conflict("money has gone back", code="past_pivot")


async def reverse_points(run: RefundRun) -> Reversal:
    """Points that were spent on the order come back, those that it earned go: in proportion to the pieces' part of it."""
    due = _due(run)
    return await run.house.port(LoyaltyPort).reverse(run=due.payment_run, key=run.id, refunded=due.goods)


async def finish(run: RefundRun) -> None:
    moved = msgspec.convert(run.results["points"], Reversal)
    await run.house.port(OrdersPort).finish_refund(
        run=run.id, points_back=moved.given_back, points_taken=moved.taken_back
    )


def _due(run: RefundRun) -> Refund:
    return msgspec.convert(run.results["set_aside"], Refund)


def _keys(run: RefundRun) -> list[str]:
    """A refund that was refused stays refused; each time that a person resumes the run it may be tried once more."""
    return [run.id, *(f"{run.id} {number}" for number in range(1, run.signals.get(RESUMED, 0) + 1))]


def _ask_again(run: RefundRun) -> datetime:
    """Less and less often."""
    now = clock.now()
    return now + min(max((now - run.started_at) / 4, ASK_SOONEST), ASK_LATEST)
