"""The first step: what is to be bought is priced as the member saw it, and everything that it takes is held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from luxe.kernel.errors import Conflict, Refusal
from luxe.kernel.money import Money
from luxe.kernel.saga import Run
from luxe.sagas.checkout.contract import CheckoutInput, QuoteInput
from luxe.sagas.checkout.steps.pricing import Priced, price
from luxe.sagas.checkout.steps.sealing import discreet, ending, opened
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.inventory.contract import HeldUnit, HoldLine
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import (
    DeliveryStep,
    GiftPart,
    OrderDiscount,
    OrderDraft,
    OrderLine,
    OrderTax,
)
from luxe.services.promotions.contract import Port as PromotionsPort

HOLD_SECONDS = 3 * 24 * 3600
"""The run itself lets go when the time to pay is over. The units stay put for as long as a run that is past that may
take, even if the PSP takes days to answer a capture: a paid unit is never sold to somebody else."""
PLACE_WITHIN = timedelta(seconds=HOLD_SECONDS) - timedelta(hours=12)
"""Half a day is left to capture and to commit in."""

CheckoutRun = Run[CheckoutInput]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `hold`."""

    draft: OrderDraft
    multiplier_percent: int


def held(run: CheckoutRun) -> Held:
    return msgspec.convert(run.results["hold"], Held)


def has_codes(run: CheckoutRun) -> bool:
    """Whether promotions have a part in it: no call goes there for a purchase without codes and gift cards."""
    return bool(run.input.codes or run.input.gifts)


async def hold(run: CheckoutRun) -> Held:
    """Prices the lines; holds stock, the codes' uses, money on gift cards and points. Nothing is held unless the price is
    what the member saw."""
    try:
        return await _hold(run, opened(run.house.settings, run.input))
    except Refusal as refusal:
        raise discreet(refusal) from None


async def _hold(run: CheckoutRun, wanted: CheckoutInput) -> Held:
    membership = await run.house.port(MembershipPort).membership_of(account_id=wanted.account_id)
    tier = membership.tier if membership is not None else ""
    priced = await price(run.house, _asked(wanted), tier, wanted.locale, run.id)
    _check_sellable(priced, wanted)
    _check_codes(priced, wanted)
    draft = _draft(wanted, priced)
    if draft.payable != wanted.expected:
        raise Conflict(
            "the price has changed", code="price_changed", payable=msgspec.to_builtins(draft.payable)
        )
    if membership is None or membership.state != "active":
        raise Conflict("only members buy here", code="not_a_member")
    draft = await _with_appointment(run, draft, priced)
    taken = await run.house.port(InventoryPort).hold(
        run=run.id,
        lines=[HoldLine(variant_id=line.variant_id, quantity=line.quantity) for line in wanted.lines],
        seconds=HOLD_SECONDS,
        country=wanted.address.country,
    )
    if has_codes(run):
        await run.house.port(PromotionsPort).hold(
            run=run.id,
            account_id=wanted.account_id,
            tier=tier,
            country=wanted.address.country,
            currency=wanted.currency,
            lines=priced.lines,
            codes=wanted.codes,
            gifts=wanted.gifts,
        )
    if wanted.points:
        await run.house.port(LoyaltyPort).hold(
            run=run.id, account_id=wanted.account_id, points=wanted.points, total=priced.total
        )
    return Held(draft=_promised(draft, taken.units), multiplier_percent=membership.points_multiplier_percent)


async def _with_appointment(run: CheckoutRun, draft: OrderDraft, priced: Priced) -> OrderDraft:
    """Keeps the appointment of a way of delivery that needs one: it says on which day it is."""
    charges, wanted = priced.charges, run.input
    needs = charges is not None and any(
        each.needs_slot for each in charges.methods if each.id == charges.method
    )
    if not needs and not wanted.slot:
        return draft
    if not needs or not wanted.slot:
        raise Conflict("this way of delivery needs an appointment of its own", code="slot_missing")
    slot = await run.house.port(FulfilmentPort).reserve(run=run.id, slot_id=wanted.slot, seconds=HOLD_SECONDS)
    if slot.method != draft.delivery_method:
        raise Conflict("this appointment is for another way of delivery", code="slot_unknown")
    return msgspec.structs.replace(
        draft, slot=f"{slot.day.isoformat()}T{slot.starts}/{slot.ends}", deliver_on=slot.day
    )


async def let_go(run: CheckoutRun) -> None:
    await run.house.port(InventoryPort).release(run=run.id)
    if run.input.slot:
        await run.house.port(FulfilmentPort).release(run=run.id)
    if has_codes(run):
        await run.house.port(PromotionsPort).release(run=run.id)
    if run.input.points:
        await run.house.port(LoyaltyPort).release(run=run.id)


def _asked(wanted: CheckoutInput) -> QuoteInput:
    """With the gift cards' codes too, so that wrong ones are counted like any others."""
    return QuoteInput(
        account_id=wanted.account_id,
        lines=wanted.lines,
        currency=wanted.currency,
        country=wanted.address.country,
        region=wanted.address.region,
        postcode=wanted.address.postcode,
        codes=[*wanted.codes, *(gift.code for gift in wanted.gifts)],
        points=wanted.points,
        delivery=wanted.delivery,
    )


def _check_sellable(priced: Priced, wanted: CheckoutInput) -> None:
    on_sale = {variant_id for variant_id, line in priced.shown.items() if line.on_sale}
    missing = sorted({line.variant_id for line in wanted.lines} - on_sale | set(priced.quote.unpriced))
    if missing:
        raise Conflict("a piece is no longer for sale", code="not_for_sale", variant_ids=missing)


def _check_codes(priced: Priced, wanted: CheckoutInput) -> None:
    if priced.appraisal is None:
        return
    evaluation, cards = priced.appraisal.evaluation, {gift.code for gift in wanted.gifts}
    against = [{"code": each.code, "reason": each.reason} for each in evaluation.rejected]
    against += [
        {"code": each.code, "reason": "code_invalid"} for each in evaluation.discounts if each.code in cards
    ]
    if against:
        raise Conflict("a code is not good for this", code="code_rejected", rejected=against)


def _draft(wanted: CheckoutInput, priced: Priced) -> OrderDraft:
    reasons = priced.reasons()
    gift_worth = sum((gift.amount for gift in wanted.gifts), Money.zero(wanted.currency))
    charges = priced.charges
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
                reasons=reasons.get(line.variant_id, []),
            )
            for line in priced.quote.lines
            for piece in (priced.shown[line.variant_id],)
        ],
        goods=priced.quote.goods,
        delivery=priced.delivery,
        points=wanted.points,
        points_worth=priced.worth,
        payable=priced.total - priced.worth - gift_worth,
        address=wanted.address,
        deliver_on=wanted.deliver_on,
        gift_message=wanted.gift_message,
        gift_wrap=wanted.gift_wrap,
        discount=priced.discount,
        discounts=[
            OrderDiscount(name=each.name, amount=each.amount)
            for each in (priced.appraisal.evaluation.discounts if priced.appraisal else [])
        ],
        gift_worth=gift_worth,
        gifts=[GiftPart(ending=ending(gift.code), amount=gift.amount) for gift in wanted.gifts],
        delivery_method=charges.method if charges else "",
        taxes=[msgspec.convert(tax, OrderTax, from_attributes=True) for tax in charges.taxes]
        if charges
        else [],
        tax_included=charges.tax_included if charges else None,
        tax_added=charges.tax_added if charges else None,
        delivery_steps=msgspec.convert(charges.steps, list[DeliveryStep], from_attributes=True)
        if charges
        else [],
    )


def _promised(draft: OrderDraft, units: Sequence[HeldUnit]) -> OrderDraft:
    """With the day by which the last of a line's units is promised, where one has not arrived yet."""
    days = {
        line.variant_id: [
            unit.expected_on
            for unit in units
            if unit.variant_id == line.variant_id and unit.expected_on is not None
        ]
        for line in draft.lines
    }
    if not any(days.values()):
        return draft
    lines = [
        msgspec.structs.replace(line, available_on=max(days[line.variant_id], default=None))
        for line in draft.lines
    ]
    return msgspec.structs.replace(draft, lines=lines)
