"""The forms of checkout: each keeps what was chosen and leads on; the last one starts the purchase."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from litestar import Response, post
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.sagas.checkout.contract import CheckoutInput, CheckoutLine
from luxe.services.orders.contract import Address
from luxe.services.promotions.contract import Gift
from luxe.web.onward import onward
from luxe.web.progress import SETTLES_WITHIN
from luxe.web.site import Visitor, WebRequest, fields, see
from luxe.web.storefront.addresses import address_errors, typed_address
from luxe.web.storefront.card import within
from luxe.web.storefront.checkout import Standing, checkout_page, seen_text, standing, ways_of
from luxe.web.storefront.checkout_return import forget_all, where
from luxe.web.storefront.chosen import chosen_by, keep
from luxe.web.storefront.deliveries import hours_of
from luxe.web.storefront.guard import member
from luxe.web.storefront.open_payment import digest, still_open
from luxe.web.views import Form
from luxe.web.words import code_text


@post("/checkout/address", include_in_schema=False)
async def choose_address(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    chosen = chosen_by(request, site, visitor)
    address_id = typed.get("address", "new")
    if address_id == "new":
        try:
            address_id = (
                await site.orders.save_address(account_id=visitor.id, address=typed_address(typed))
            ).id
        except Refusal as refusal:
            form = address_errors(visitor, typed, refusal)
            return await checkout_page(request, site, visitor, step="address", form=form)
    if address_id != chosen.address_id:
        chosen = msgspec.structs.replace(chosen, deliver_on=None, delivery="", slot="", hours="")
    return keep(site, msgspec.structs.replace(chosen, address_id=address_id))


@post("/checkout/delivery", include_in_schema=False)
async def choose_delivery(
    request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    chosen = chosen_by(request, site, visitor)
    found = {way.value: way for way in await ways_of(site, visitor, await standing(request, site, visitor))}
    way = found.get(typed.get("delivery", ""))
    if way is None:
        form = Form(data=typed, errors={"delivery": visitor.words.gettext("Choose a day.")})
        return await checkout_page(request, site, visitor, step="delivery", form=form)
    changed = msgspec.structs.replace(
        chosen,
        deliver_on=way.day,
        delivery=way.method,
        slot=way.slot.id if way.slot else "",
        hours=hours_of(way.slot),
        gift_wrap=typed.get("wrapping") == "gift",
        gift_note=typed.get("gift_note", "").strip()[:300],
    )
    return keep(site, changed)


@post("/checkout/points", include_in_schema=False)
async def choose_points(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    text = typed.get("points", "").strip() or "0"
    stands = await standing(request, site, visitor)
    offer = await site.loyalty.redeemable(account_id=visitor.id, total=stands.inside.quote.total)
    if not text.isdecimal() or int(text) > offer.points:
        form = Form(data=typed, errors={"points": code_text(visitor.words, "points_invalid")})
        return await checkout_page(request, site, visitor, step="points", form=form)
    return keep(site, msgspec.structs.replace(chosen_by(request, site, visitor), points=int(text)))


@post("/checkout/pay", include_in_schema=False)
async def pay(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    """The form brings back what the page said was to be paid: anything else is shown anew before it is charged."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    key = typed.get("idempotency_key", "")
    stands = await standing(request, site, visitor)
    chosen = stands.chosen
    if not stands.inside.buyable or not key:
        return see("/bag")
    if chosen.next_step != "review" or stands.address is None or chosen.deliver_on is None:
        return see("/checkout")
    if typed.get("bag", "") != str(stands.inside.bag.version):
        return see("/checkout?problem=bag_changed")
    if stands.inside.trouble in ("not_delivered_there", "region_unknown", "method_unavailable"):
        return see("/checkout?step=delivery")
    if typed.get("expected") != seen_text(stands.inside.quote.payable):
        return see("/checkout?problem=price_changed")
    wanted = _wanted(visitor, stands, stands.address.address, chosen.deliver_on, typed.get("method", ""))
    mark = digest(wanted)
    methods = await site.payments.methods(country=wanted.address.country, currency=wanted.currency)
    if pay_at := await still_open(site, visitor.id, chosen.run, same=mark == chosen.digest):
        return await onward(request, site, visitor, see(within(methods, wanted.method, chosen.run) or pay_at))
    try:
        run = (await site.checkout.start(key=key, input=wanted)).run
    except Refusal as refusal:
        return see(f"/checkout?problem={refusal.code}")
    view = await site.checkout.watch(run=run, account_id=visitor.id, seconds=SETTLES_WITHIN)
    leads = (
        (view.pay_at and within(methods, wanted.method, run))
        or view.pay_at
        or where(view)
        or f"/checkout/return?run={run}"
    )
    answer = keep(site, msgspec.structs.replace(chosen, run=run, digest=mark), leads)
    if view.state == "done":
        forget_all(site, visitor, answer)
    return await onward(request, site, visitor, answer)


def _wanted(
    visitor: Visitor, stands: Standing, address: Address, deliver_on: date, method: str
) -> CheckoutInput:
    """With the codes that take something off, and the gift cards that pay something."""
    quote, chosen = stands.inside.quote, stands.chosen
    return CheckoutInput(
        account_id=visitor.id,
        lines=[
            CheckoutLine(variant_id=line.variant_id, quantity=line.quantity) for line in stands.inside.buyable
        ],
        currency=visitor.currency,
        address=address,
        deliver_on=deliver_on,
        points=quote.points,
        expected=quote.payable,
        locale=visitor.locale,
        gift_message=chosen.gift_note,
        gift_wrap=chosen.gift_wrap,
        method=method if quote.payable.minor else "",
        delivery=chosen.delivery,
        slot=chosen.slot,
        codes=[each.code for each in quote.discounts],
        gifts=[Gift(code=each.code, amount=each.amount) for each in quote.gifts if each.amount.minor],
    )
