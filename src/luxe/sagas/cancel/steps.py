"""What each step of a cancellation does and how it is undone. Every effect carries the run's id."""

from __future__ import annotations

import msgspec

from luxe.kernel.errors import Conflict
from luxe.kernel.saga import Run
from luxe.kernel.saga_again import Answer, carry_through, keys_of
from luxe.sagas.cancel.contract import CancelInput
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.inventory.contract import RestockLine
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.loyalty.contract import Reversal
from luxe.services.orders.contract import KeptPart, Refund
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.promotions.contract import Port as PromotionsPort

CancelRun = Run[CancelInput]
_NOTHING = Reversal(taken_back=0, given_back=0)


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `points`; `kept` are those of another order's payment."""

    taken_back: int
    given_back: int
    kept: Reversal = _NOTHING


async def close(run: CancelRun) -> Refund:
    """From here on nobody ships the order; all that is left of its payment is set aside for this run."""
    return await run.house.port(OrdersPort).begin_cancelling(
        run=run.id, order_id=run.input.order_id, reason=run.input.reason
    )


async def reopen(run: CancelRun) -> None:
    await run.house.port(OrdersPort).reopen(run=run.id)


async def refund(run: CancelRun) -> None:
    """The provider gives back what it had collected. Some ways of paying take their time: then it is asked again."""
    for part in _parts(run):
        if part.by_provider.minor:
            await _ask_provider(run, part)


async def _ask_provider(run: CancelRun, part: Refund | KeptPart) -> None:
    async def ask(key: str) -> Answer:
        given = await run.house.port(PaymentsPort).refund(
            run=part.payment_run, key=key, amount=part.by_provider, reason="cancellation"
        )
        return given.state

    if not await carry_through(run, ask):
        raise Conflict("the payment provider refused the refund", code="refund_failed")


async def check_nothing_went_back(run: CancelRun) -> None:
    """A refund that was refused for good moved nothing; one that is under way cannot be undone."""
    for part in _parts(run):
        given = await run.house.port(PaymentsPort).refunds(run=part.payment_run)
        if any(each.key in keys_of(run) and each.state != "failed" for each in given):
            raise Conflict("money has gone back", code="past_pivot")


async def refill_gift_cards(run: CancelRun) -> None:
    """What gift cards had paid goes back to them."""
    for part in _parts(run):
        if part.gift and part.gift.minor:
            await run.house.port(PromotionsPort).give_back(run=part.payment_run, key=run.id, amount=part.gift)


async def reverse_points(run: CancelRun) -> Moved:
    """Points that were spent on the order come back, those that it earned go."""
    moved = [
        await run.house.port(LoyaltyPort).reverse(run=part.payment_run, key=run.id, refunded=part.goods)
        for part in _parts(run)
    ]
    own, kept = [*moved, _NOTHING][:2]
    return Moved(taken_back=own.taken_back, given_back=own.given_back, kept=kept)


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
    moved = msgspec.convert(run.results["points"], Moved)
    await run.house.port(OrdersPort).finish_cancelling(
        run=run.id,
        points_back=moved.given_back,
        points_taken=moved.taken_back,
        kept_back=moved.kept.given_back,
        kept_taken=moved.kept.taken_back,
    )


def _parts(run: CancelRun) -> list[Refund | KeptPart]:
    """What goes back of the order's own payment, and what was kept for it of another's."""
    due = msgspec.convert(run.results["close"], Refund)
    return [due] if due.kept is None else [due, due.kept]
