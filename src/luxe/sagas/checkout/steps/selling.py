"""The order: written before it is paid, and everything that was held for it settled once it is."""

from __future__ import annotations

from luxe.kernel import clock
from luxe.kernel.errors import Gone
from luxe.sagas.checkout.steps.holding import PLACE_WITHIN, CheckoutRun, has_codes, held
from luxe.services.bag.contract import Port as BagPort
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.promotions.contract import Port as PromotionsPort


async def place(run: CheckoutRun) -> str:
    """Writes the order, unless its units could lapse before they are paid; returns its id."""
    if clock.now() >= run.started_at + PLACE_WITHIN:
        raise Gone("this hold has ended", code="hold_expired")
    order = await run.house.port(OrdersPort).place(run=run.id, draft=held(run).draft)
    return order.id


async def cancel_order(run: CheckoutRun) -> None:
    await run.house.port(OrdersPort).cancel(run=run.id, reason="the payment did not go through")


async def commit(run: CheckoutRun) -> int:
    """Sells the units, spends what was held of codes, gift cards and points, marks the order paid and clears the bag;
    returns the points earned: on what was paid for goods after discounts and net of points, by gift card or not."""
    has = held(run)
    order_id: str = run.results["place"]
    serials: dict[str, list[str]] = {}
    for unit in await run.house.port(InventoryPort).commit(run=run.id, order_id=order_id):
        serials.setdefault(unit.variant_id, []).append(unit.serial)
    if run.input.slot:
        await run.house.port(FulfilmentPort).confirm(run=run.id, order_id=order_id)
    if has_codes(run):
        await run.house.port(PromotionsPort).settle(run=run.id)
    earned = await run.house.port(LoyaltyPort).settle(
        run=run.id,
        account_id=run.input.account_id,
        reference=order_id,
        net_paid=has.draft.goods_paid,
        multiplier_percent=has.multiplier_percent,
    )
    await run.house.port(OrdersPort).mark_paid(
        run=run.id, intent_id=run.results["authorise"]["intent_id"], points_earned=earned, serials=serials
    )
    await run.house.port(BagPort).take_out(
        account_id=run.input.account_id, variant_ids=[line.variant_id for line in run.input.lines]
    )
    return earned
