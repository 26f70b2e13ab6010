"""What each step of a checkout does and how it is undone. Every effect carries the run's id."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, Conflict, Gone
from luxe.kernel.money import Money
from luxe.kernel.saga import Run, Wait
from luxe.sagas.checkout.contract import CheckoutInput
from luxe.services.bag.contract import Port as BagPort
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.catalog.contract import VariantLine
from luxe.services.inventory.contract import HoldLine
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import OrderDraft, OrderLine
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.payments.contract import Intent
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.pricing.contract import Port as PricingPort
from luxe.services.pricing.contract import Quote, QuoteLine

PURPOSE = "checkout"
PAY_WITHIN = timedelta(minutes=15)
HOLD_SECONDS = 3 * 24 * 3600
"""The run itself lets go when the time to pay is over. The units stay put for as long as a run that is past that may
take, even if the PSP takes days to answer a capture: a paid unit is never sold to somebody else."""
PLACE_WITHIN = timedelta(seconds=HOLD_SECONDS) - timedelta(hours=12)
"""Half a day is left to capture and to commit in."""
ASK_AGAIN = timedelta(seconds=60)

CheckoutRun = Run[CheckoutInput]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `hold`."""

    draft: OrderDraft
    multiplier_percent: int


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `authorise`; `pay_at` is shown while the step waits."""

    intent_id: str
    pay_at: str


async def hold(run: CheckoutRun) -> Held:
    """Prices the lines, and holds stock and points for them. Nothing is held unless the price is what the member saw."""
    wanted = run.input
    quote = await run.house.port(PricingPort).quote(
        lines=[QuoteLine(variant_id=line.variant_id, quantity=line.quantity) for line in wanted.lines],
        currency=wanted.currency,
    )
    shown = await run.house.port(CatalogPort).lines(
        variant_ids=[line.variant_id for line in wanted.lines], locale=wanted.locale
    )
    _check_sellable(quote, shown, wanted)
    draft = _draft(wanted, quote, shown, await _worth(run))
    if draft.payable != wanted.expected:
        raise Conflict(
            "the price has changed", code="price_changed", payable=msgspec.to_builtins(draft.payable)
        )
    membership = await run.house.port(MembershipPort).membership_of(account_id=wanted.account_id)
    if membership is None or membership.state != "active":
        raise Conflict("only members buy here", code="not_a_member")
    await run.house.port(InventoryPort).hold(
        run=run.id,
        lines=[HoldLine(variant_id=line.variant_id, quantity=line.quantity) for line in wanted.lines],
        seconds=HOLD_SECONDS,
        country=wanted.address.country,
    )
    if wanted.points:
        await run.house.port(LoyaltyPort).hold(
            run=run.id, account_id=wanted.account_id, points=wanted.points, total=quote.total
        )
    return Held(draft=draft, multiplier_percent=membership.points_multiplier_percent)


async def let_go(run: CheckoutRun) -> None:
    await run.house.port(InventoryPort).release(run=run.id)
    if run.input.points:
        await run.house.port(LoyaltyPort).release(run=run.id)


async def authorise(run: CheckoutRun) -> Payment:
    """Opens the payment and waits until the PSP says it is authorised; asks the PSP when it stays silent."""
    if "abandoned" in run.signals:
        raise Conflict("you left the payment", code="abandoned")
    if "authorised" in run.signals and "payment" not in run.signals and "authorise" in run.results:
        return msgspec.convert(run.results["authorise"], Payment)
    deadline = run.started_at + PAY_WITHIN
    payments = run.house.port(PaymentsPort)
    if "authorise" not in run.results:
        intent = await payments.open(
            run=run.id,
            account_id=run.input.account_id,
            purpose=PURPOSE,
            amount=run.input.expected,
            description=", ".join(line.title for line in _held(run).draft.lines)[:200],
            return_path=f"/checkout/return?run={run.id}",
            locale=run.input.locale,
        )
    else:
        intent = await payments.refresh(run=run.id)
    payment = Payment(intent_id=intent.id, pay_at=intent.hosted_url)
    if intent.state == "authorised":
        return payment
    _refuse_if_over(intent, overdue=clock.now() >= deadline)
    raise Wait(min(deadline, clock.now() + ASK_AGAIN), payment)


async def cancel_payment(run: CheckoutRun) -> None:
    await run.house.port(PaymentsPort).cancel(run=run.id)


async def place(run: CheckoutRun) -> str:
    """Writes the order, unless its units could lapse before they are paid; returns its id."""
    if clock.now() >= run.started_at + PLACE_WITHIN:
        raise Gone("this hold has ended", code="hold_expired")
    order = await run.house.port(OrdersPort).place(run=run.id, draft=_held(run).draft)
    return order.id


async def cancel_order(run: CheckoutRun) -> None:
    await run.house.port(OrdersPort).cancel(run=run.id, reason="the payment did not go through")


async def capture(run: CheckoutRun) -> None:
    await run.house.port(PaymentsPort).capture(run=run.id)


async def check_nothing_is_captured(run: CheckoutRun) -> None:
    """A run whose authorisation lapsed between `place` and `capture` can be undone by hand; one that was paid cannot."""
    intent = await run.house.port(PaymentsPort).refresh(run=run.id)
    if intent.captured.minor:
        raise Conflict("the payment has been captured", code="past_pivot")


async def commit(run: CheckoutRun) -> int:
    """Sells the units, settles the points, marks the order paid and clears the bag; returns the points earned."""
    held = _held(run)
    order_id: str = run.results["place"]
    serials: dict[str, list[str]] = {}
    for unit in await run.house.port(InventoryPort).commit(run=run.id, order_id=order_id):
        serials.setdefault(unit.variant_id, []).append(unit.serial)
    earned = await run.house.port(LoyaltyPort).settle(
        run=run.id,
        account_id=run.input.account_id,
        reference=order_id,
        net_paid=held.draft.payable - held.draft.delivery,
        multiplier_percent=held.multiplier_percent,
    )
    await run.house.port(OrdersPort).mark_paid(
        run=run.id, intent_id=run.results["authorise"]["intent_id"], points_earned=earned, serials=serials
    )
    await run.house.port(BagPort).take_out(
        account_id=run.input.account_id, variant_ids=[line.variant_id for line in run.input.lines]
    )
    return earned


def _held(run: CheckoutRun) -> Held:
    return msgspec.convert(run.results["hold"], Held)


async def _worth(run: CheckoutRun) -> Money:
    """What the points that are to be spent take off."""
    points, currency = run.input.points, run.input.currency
    if not points:
        return Money.zero(currency)
    return (await run.house.port(LoyaltyPort).worth(points=points, currency=currency)).worth


def _check_sellable(quote: Quote, shown: list[VariantLine], wanted: CheckoutInput) -> None:
    on_sale = {line.variant_id for line in shown if line.on_sale}
    missing = sorted({line.variant_id for line in wanted.lines} - on_sale | set(quote.unpriced))
    if missing:
        raise Conflict("a piece is no longer for sale", code="not_for_sale", variant_ids=missing)


def _refuse_if_over(intent: Intent, overdue: bool) -> None:
    if intent.state in ("failed", "voided"):
        raise Conflict("the payment did not go through", code="payment_failed", failure=intent.failure)
    if overdue or intent.state == "expired":
        raise Conflict("the time to pay has passed", code="payment_expired")
    if intent.state == "captured":
        raise BadRequest("this payment was captured before its order stood", code="payment_failed")


def _draft(wanted: CheckoutInput, quote: Quote, shown: list[VariantLine], worth: Money) -> OrderDraft:
    by_variant = {line.variant_id: line for line in shown}
    return OrderDraft(
        account_id=wanted.account_id,
        lines=[
            OrderLine(
                variant_id=line.variant_id,
                product_id=piece.product_id,
                sku=piece.sku,
                brand=piece.brand,
                title=piece.title,
                label=piece.label,
                picture_url=piece.picture.url if piece.picture else "",
                quantity=line.quantity,
                unit=line.unit,
                total=line.total,
            )
            for line in quote.lines
            for piece in (by_variant[line.variant_id],)
        ],
        goods=quote.goods,
        delivery=quote.delivery,
        points=wanted.points,
        points_worth=worth,
        payable=quote.total - worth,
        address=wanted.address,
        deliver_on=wanted.deliver_on,
        gift_message=wanted.gift_message,
        gift_wrap=wanted.gift_wrap,
    )
