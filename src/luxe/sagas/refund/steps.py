"""What each step of a partial refund does and how it is undone. Every effect carries the run's id."""

from __future__ import annotations

import msgspec

from luxe.kernel.errors import Conflict
from luxe.kernel.saga import Run
from luxe.kernel.saga_again import Answer, carry_through, keys_of
from luxe.sagas.refund.contract import RefundInput
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.loyalty.contract import Reversal
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.orders.contract import Refund
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.promotions.contract import Port as PromotionsPort

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
    """The provider gives back what it had collected. Some ways of paying take their time: then it is asked again."""
    due = _due(run)
    if not due.by_provider.minor:
        return

    async def ask(key: str) -> Answer:
        given = await run.house.port(PaymentsPort).refund(
            run=due.payment_run, key=key, amount=due.by_provider, reason=due.kind
        )
        return given.state

    if not await carry_through(run, ask):
        raise Conflict("the payment provider refused the refund", code="refund_failed")


async def check_nothing_went_back(run: RefundRun) -> None:
    """A refund that was refused for good moved nothing; one that is under way cannot be undone."""
    given = await run.house.port(PaymentsPort).refunds(run=_due(run).payment_run)
    if any(each.key in keys_of(run) and each.state != "failed" for each in given):
        raise Conflict("money has gone back", code="past_pivot")


async def refill_gift_cards(run: RefundRun) -> None:
    """What gift cards had paid goes back to them."""
    due = _due(run)
    if due.gift and due.gift.minor:
        await run.house.port(PromotionsPort).give_back(run=due.payment_run, key=run.id, amount=due.gift)


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
