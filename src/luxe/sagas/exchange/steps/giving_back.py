"""What goes back: the surplus of an exchange, or everything where there was none; and the piece that came back."""

from __future__ import annotations

import msgspec

from luxe.kernel.errors import Conflict
from luxe.kernel.saga_again import Answer, carry_through
from luxe.sagas.exchange.steps.asking import ExchangeRun
from luxe.sagas.exchange.steps.paying import is_exchanged
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.inventory.contract import RestockLine
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.loyalty.contract import Reversal
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.orders.contract import Refund, Return
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.promotions.contract import Port as PromotionsPort


async def refund(run: ExchangeRun) -> Refund | None:
    """The provider gives back what it had collected. Some ways of paying take their time: then it is asked again."""
    given = await run.house.port(OrdersPort).refunds(order_id=run.input.order_id)
    due = next((each for each in given if each.run == run.id), None)
    if due is None or not due.by_provider.minor:
        return due

    async def ask(key: str) -> Answer:
        told = await run.house.port(PaymentsPort).refund(
            run=due.payment_run, key=key, amount=due.by_provider, reason=due.kind
        )
        return told.state

    if not await carry_through(run, ask):
        raise Conflict("the payment provider refused the refund", code="refund_failed")
    return due


async def refill_gift_cards(run: ExchangeRun) -> None:
    """What gift cards had paid goes back to them."""
    due = _due(run)
    if due is not None and due.gift and due.gift.minor:
        await run.house.port(PromotionsPort).give_back(run=due.payment_run, key=run.id, amount=due.gift)


async def reverse_points(run: ExchangeRun) -> Reversal:
    """Points follow what goes back. Those of what is kept for the replacement stay where they are."""
    due = _due(run)
    if due is None:
        return Reversal(taken_back=0, given_back=0)
    return await run.house.port(LoyaltyPort).reverse(run=due.payment_run, key=run.id, refunded=due.goods)


async def restock(run: ExchangeRun) -> None:
    """The unit that came back is free again, or written off if it is damaged."""
    found = msgspec.convert(run.results["inspection"], Return)
    lines = [
        RestockLine(variant_id=unit.variant_id, serials=[unit.serial], condition=unit.condition)
        for unit in found.units
    ]
    await run.house.port(InventoryPort).restock(
        key=run.id, order_id=run.input.order_id, lines=lines, reason="the member exchanged it"
    )


async def finish(run: ExchangeRun) -> None:
    moved = msgspec.convert(run.results["points"], Reversal)
    orders = run.house.port(OrdersPort)
    settle = orders.finish_exchange if is_exchanged(run) else orders.finish_return
    await settle(run=run.id, points_back=moved.given_back, points_taken=moved.taken_back)


def _due(run: ExchangeRun) -> Refund | None:
    return msgspec.convert(run.results["refund"], Refund | None)
