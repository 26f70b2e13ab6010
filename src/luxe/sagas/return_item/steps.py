"""What each step of a return does and how it is undone. Every effect carries the run's id."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from luxe.kernel import clock
from luxe.kernel.errors import Conflict
from luxe.kernel.saga import Run, Wait
from luxe.kernel.saga_again import Answer, carry_through, keys_of
from luxe.sagas.return_item.contract import ReturnInput
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.inventory.contract import RestockLine
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.loyalty.contract import Reversal
from luxe.services.orders.contract import KeptPart, Refund, Return
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.promotions.contract import Port as PromotionsPort

LOOK_AGAIN = timedelta(days=1)
"""A fact wakes the run at once; should one be lost, nothing is lost but a day."""
ReturnRun = Run[ReturnInput]
_NOTHING = Reversal(taken_back=0, given_back=0)


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `points`; `kept` are those of another order's payment."""

    taken_back: int
    given_back: int
    kept: Reversal = _NOTHING


async def request(run: ReturnRun) -> Return:
    """Written down; an operator decides."""
    wanted = run.input
    return await run.house.port(OrdersPort).request_return(
        run=run.id,
        order_id=wanted.order_id,
        account_id=wanted.account_id,
        units=wanted.units,
        reason=wanted.reason,
    )


async def drop(run: ReturnRun) -> None:
    await run.house.port(OrdersPort).drop_return(run=run.id)


async def await_decision(run: ReturnRun) -> None:
    """Until an operator has approved it. What orders know counts; their facts only wake the run."""
    known = await _known(run)
    _refuse_if_over(known)
    if known.state == "requested":
        raise Wait(clock.now() + LOOK_AGAIN)


async def await_inspection(run: ReturnRun) -> Return:
    """Until the units are here and looked at; the member may still think better of it, and the operator too."""
    known = await _known(run)
    _refuse_if_over(known)
    if known.state == "approved":
        raise Wait(clock.now() + LOOK_AGAIN)
    return known


async def set_aside(run: ReturnRun) -> Refund | None:
    """What was paid for the accepted units, net of points; nothing if none was accepted."""
    return await run.house.port(OrdersPort).set_return_aside(run=run.id)


async def drop_refund(run: ReturnRun) -> None:
    await run.house.port(OrdersPort).drop_refund(run=run.id)


async def refund(run: ReturnRun) -> None:
    """The provider gives back what it had collected. Some ways of paying take their time: then it is asked again."""
    for part in _parts(run):
        if part.by_provider.minor:
            await _ask_provider(run, part)


async def _ask_provider(run: ReturnRun, part: Refund | KeptPart) -> None:
    async def ask(key: str) -> Answer:
        given = await run.house.port(PaymentsPort).refund(
            run=part.payment_run, key=key, amount=part.by_provider, reason="return"
        )
        return given.state

    if not await carry_through(run, ask):
        raise Conflict("the payment provider refused the refund", code="refund_failed")


async def check_nothing_went_back(run: ReturnRun) -> None:
    """A refund that was refused for good moved nothing; one that is under way cannot be undone."""
    for part in _parts(run):
        given = await run.house.port(PaymentsPort).refunds(run=part.payment_run)
        if any(each.key in keys_of(run) and each.state != "failed" for each in given):
            raise Conflict("money has gone back", code="past_pivot")


async def refill_gift_cards(run: ReturnRun) -> None:
    """What gift cards had paid goes back to them."""
    for part in _parts(run):
        if part.gift and part.gift.minor:
            await run.house.port(PromotionsPort).give_back(run=part.payment_run, key=run.id, amount=part.gift)


async def reverse_points(run: ReturnRun) -> Moved:
    """Points that were spent on the units come back, those that they earned go."""
    moved = [
        await run.house.port(LoyaltyPort).reverse(run=part.payment_run, key=run.id, refunded=part.goods)
        for part in _parts(run)
    ]
    own, kept = [*moved, _NOTHING, _NOTHING][:2]
    return Moved(taken_back=own.taken_back, given_back=own.given_back, kept=kept)


async def restock(run: ReturnRun) -> None:
    """Accepted units are free again, or written off if they are damaged. Refused ones never were ours again."""
    lines = [
        RestockLine(variant_id=unit.variant_id, serials=[unit.serial], condition=unit.condition)
        for unit in _inspected(run).units
        if unit.accepted
    ]
    if lines:
        await run.house.port(InventoryPort).restock(
            key=run.id, order_id=run.input.order_id, lines=lines, reason="the member returned it"
        )


async def finish(run: ReturnRun) -> None:
    moved = msgspec.convert(run.results["points"], Moved)
    await run.house.port(OrdersPort).finish_return(
        run=run.id,
        points_back=moved.given_back,
        points_taken=moved.taken_back,
        kept_back=moved.kept.given_back,
        kept_taken=moved.kept.taken_back,
    )


async def _known(run: ReturnRun) -> Return:
    return await run.house.port(OrdersPort).return_of(run=run.id)


def _refuse_if_over(known: Return) -> None:
    if known.state in ("declined", "withdrawn"):
        raise Conflict(f"the return was {known.state}", code=f"return_{known.state}")


def _inspected(run: ReturnRun) -> Return:
    return msgspec.convert(run.results["inspection"], Return)


def _parts(run: ReturnRun) -> list[Refund | KeptPart]:
    """What goes back of the order's own payment, and what was kept for it of another's."""
    due = msgspec.convert(run.results["set_aside"], Refund | None)
    if due is None:
        return []
    return [due] if due.kept is None else [due, due.kept]
