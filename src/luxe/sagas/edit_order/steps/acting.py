"""An order is changed, and what was paid for the pieces that it loses goes back."""

from __future__ import annotations

import msgspec

from luxe.kernel.errors import Conflict
from luxe.kernel.saga import Run
from luxe.kernel.saga_again import Answer, carry_through, keys_of
from luxe.sagas.edit_order.contract import EditInput
from luxe.sagas.edit_order.steps.wishes import check_unpacked, packed_units, wish_of
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.inventory.contract import RestockLine
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.loyalty.contract import Reversal
from luxe.services.orders.contract import EditBegun
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.promotions.contract import Port as PromotionsPort

EditRun = Run[EditInput]


async def change(run: EditRun) -> EditBegun:
    """From here on the order is what it is to be, and the difference is set aside for this run."""
    wanted, orders = run.input, run.house.port(OrdersPort)
    known = await orders.begun_edit(run=run.id)
    if known is not None:
        return known
    order = await orders.order(order_id=wanted.order_id)
    packed = await packed_units(run.house, order)
    if wanted.account_id:
        check_unpacked(order, wanted.lines, packed)
    wish = await wish_of(run.house, order, wanted.lines)
    return await orders.begin_edit(
        run=run.id,
        order_id=order.id,
        lines=wish.lines,
        discounts=wish.discounts,
        reason=wanted.reason,
        spare=packed,
        expected=wanted.expected,
    )


async def drop(run: EditRun) -> None:
    await run.house.port(OrdersPort).drop_edit(run=run.id)


async def refund(run: EditRun) -> None:
    """The provider gives back what it had collected. Some ways of paying take their time: then it is asked again."""
    due = _begun(run).refund
    if not due.by_provider.minor:
        return

    async def ask(key: str) -> Answer:
        given = await run.house.port(PaymentsPort).refund(
            run=due.payment_run, key=key, amount=due.by_provider, reason=due.kind
        )
        return given.state

    if not await carry_through(run, ask):
        raise Conflict("the payment provider refused the refund", code="refund_failed")


async def check_nothing_went_back(run: EditRun) -> None:
    """A refund that was refused for good moved nothing; one that is under way cannot be undone."""
    due = _begun(run).refund
    given = await run.house.port(PaymentsPort).refunds(run=due.payment_run)
    if any(each.key in keys_of(run) and each.state != "failed" for each in given):
        raise Conflict("money has gone back", code="past_pivot")
    if not due.by_provider.minor:
        raise Conflict("gift cards and points may have come back", code="past_pivot")


async def refill_gift_cards(run: EditRun) -> None:
    """What gift cards had paid goes back to them."""
    due = _begun(run).refund
    if due.gift and due.gift.minor:
        await run.house.port(PromotionsPort).give_back(run=due.payment_run, key=run.id, amount=due.gift)


async def reverse_points(run: EditRun) -> Reversal:
    """Points that were spent on the pieces come back, those that they earned go. Where nothing was paid for them, discounts
    or delivery alone have changed, and points stay."""
    due = _begun(run).refund
    if not due.goods.minor:
        return Reversal(taken_back=0, given_back=0)
    return await run.house.port(LoyaltyPort).reverse(run=due.payment_run, key=run.id, refunded=due.goods)


async def restock(run: EditRun) -> None:
    serials: dict[str, list[str]] = {}
    for unit in _begun(run).units:
        serials.setdefault(unit.variant_id, []).append(unit.serial)
    if serials:
        await run.house.port(InventoryPort).restock(
            key=run.id,
            order_id=run.input.order_id,
            lines=[RestockLine(variant_id=each, serials=listed) for each, listed in serials.items()],
            reason="it was taken out of the order",
        )


async def finish(run: EditRun) -> None:
    moved = msgspec.convert(run.results["points"], Reversal)
    await run.house.port(OrdersPort).finish_edit(
        run=run.id, points_back=moved.given_back, points_taken=moved.taken_back
    )


def _begun(run: EditRun) -> EditBegun:
    return msgspec.convert(run.results["change"], EditBegun)
