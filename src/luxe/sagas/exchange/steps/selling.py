"""The replacement: an order of its own, written before its difference is captured, and sold once it is."""

from __future__ import annotations

from luxe.kernel import clock
from luxe.kernel.errors import Gone
from luxe.sagas.exchange.steps.asking import JOURNEY, PAY_WITHIN, SPARE, ExchangeRun, held, let_go
from luxe.sagas.exchange.steps.paying import difference, is_exchanged
from luxe.sagas.exchange.steps.terms import agreed
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.orders.contract import Order
from luxe.services.orders.contract import Port as OrdersPort

PLACE_WITHIN = JOURNEY + PAY_WITHIN + SPARE / 2
"""The rest is left to capture and to commit in."""


async def place(run: ExchangeRun) -> Order | None:
    """Writes the replacement's order; or sets aside all that goes back, where there is none."""
    orders = run.house.port(OrdersPort)
    if not is_exchanged(run):
        await orders.settle_for_money(run=run.id)
        return None
    if clock.now() >= held(run).at + PLACE_WITHIN:
        raise Gone("this hold has ended", code="hold_expired")
    terms = agreed(run)
    return await orders.place_replacement(
        run=run.id,
        payment_run=difference(run).payment_run,
        taxes=terms.taxes,
        deliver_on=terms.deliver_on,
    )


async def cancel_order(run: ExchangeRun) -> None:
    if is_exchanged(run):
        orders = run.house.port(OrdersPort)
        await orders.cancel(run=difference(run).payment_run, reason="the exchange did not take place")
        await orders.drop_replacement(run=run.id)


async def commit(run: ExchangeRun) -> int:
    """Sells the unit and marks the replacement paid; returns the points earned, on the difference alone. Where money goes
    back the unit is free again."""
    if not is_exchanged(run):
        await let_go(run)
        return 0
    order, paid = run.results["place"], difference(run)
    serials: dict[str, list[str]] = {}
    for unit in await run.house.port(InventoryPort).commit(run=run.id, order_id=order["id"]):
        serials.setdefault(unit.variant_id, []).append(unit.serial)
    orders, earned = run.house.port(OrdersPort), 0
    if paid.intent_id:
        replacement = await orders.order(order_id=order["id"])
        earned = await run.house.port(LoyaltyPort).settle(
            run=paid.payment_run,
            account_id=run.input.account_id,
            reference=order["id"],
            net_paid=replacement.draft.goods_paid,
            multiplier_percent=agreed(run).multiplier_percent,
        )
    await orders.mark_paid(
        run=paid.payment_run, intent_id=paid.intent_id, points_earned=earned, serials=serials
    )
    return earned
