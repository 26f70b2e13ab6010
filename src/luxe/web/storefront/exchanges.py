"""Exchanges of a member: choosing another piece, and paying what it costs more or taking the money."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.sagas.exchange.contract import JOURNEY_DAYS, ExchangeableUnit, ExchangeChoice
from luxe.services.orders.contract import UnitRef
from luxe.web.onward import onward
from luxe.web.site import Visitor, WebRequest, fields, see
from luxe.web.storefront.exchange_words import piece_text
from luxe.web.storefront.guard import member
from luxe.web.views import Form, page
from luxe.web.words import code_text

SETTLES_WITHIN = 5.0
_JOINT = "|"


@get("/orders/{order_id:str}/exchange", include_in_schema=False)
async def choose(
    order_id: str, request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    """Each piece that may go back, with the variants that it could be exchanged for."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    order = await site.orders.order(order_id=order_id, account_id=visitor.id)
    units = await site.exchange.options(order_id=order.id, account_id=visitor.id, locale=visitor.locale)
    view = page(
        number=order.number,
        order_url=f"/orders/{order.id}",
        url=f"/orders/{order.id}/exchange",
        days=i18n.format_number(JOURNEY_DAYS, visitor.locale),
        units=[_unit(visitor, each) for each in units],
        form=Form(summary=code_text(visitor.words, problem)) if problem else Form(),
    )
    status = 422 if problem else 200
    return await site.page(request, visitor, "storefront/account/exchange.html", view, status=status)


@post("/orders/{order_id:str}/exchange", include_in_schema=False)
async def ask(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    here = f"/orders/{order_id}/exchange"
    chosen = typed.get("wanted", "").split(_JOINT)
    if not typed.get("idempotency_key"):
        return see(here)
    if len(chosen) != 3:
        return see(f"{here}?problem=wanted_unknown")
    variant_id, serial, wanted = chosen
    try:
        begun = await site.exchange.start(
            key=typed["idempotency_key"],
            account_id=visitor.id,
            order_id=order_id,
            unit=UnitRef(variant_id=variant_id, serial=serial),
            variant_id=wanted,
            reason=typed.get("reason", ""),
            locale=visitor.locale,
        )
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        return see(f"{here}?problem={refusal.code}")
    view = await site.exchange.watch(run=begun.run, account_id=visitor.id, seconds=SETTLES_WITHIN)
    return see(f"{here}?problem={view.problem_code}" if view.state == "refused" else f"/orders/{order_id}")


@get("/exchanges/{run:str}", include_in_schema=False)
async def difference(
    run: str, request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    """What is still to be paid, and until when; once there is nothing to pay any more, the order."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    view = await site.exchange.view(run=run, account_id=visitor.id)
    if view.state != "running" or view.step != "difference" or view.owed is None or view.pay_until is None:
        return Redirect(f"/orders/{view.replacement_id or view.order_id}", status_code=303)
    known = await site.orders.exchange_of(run=run)
    shown = page(
        number=known.returned.number,
        order_number=known.order_number,
        order_url=f"/orders/{view.order_id}",
        piece=piece_text(known.wanted.title, known.wanted.label),
        owed=i18n.format_money(view.owed, visitor.locale),
        until=i18n.format_date(view.pay_until, visitor.locale, visitor.zone),
        pay_url=f"/exchanges/{run}/pay",
        money_url=f"/exchanges/{run}/refund",
        form=Form(summary=code_text(visitor.words, problem)) if problem else Form(),
    )
    status = 422 if problem else 200
    return await site.page(
        request, visitor, "storefront/account/exchange_difference.html", shown, status=status
    )


@post("/exchanges/{run:str}/pay", include_in_schema=False)
async def pay(run: str, request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    """To the provider's page. A second click leads to the same one."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    try:
        await site.exchange.pay(run=run, account_id=visitor.id)
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        return see(f"/exchanges/{run}")
    view = await site.exchange.watch(run=run, account_id=visitor.id, seconds=SETTLES_WITHIN)
    return await onward(request, site, visitor, see(view.pay_at or f"/exchanges/{run}"))


@post("/exchanges/{run:str}/refund", include_in_schema=False)
async def take_money(
    run: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    try:
        await site.exchange.take_money(run=run, account_id=visitor.id)
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        return see(f"/exchanges/{run}")
    view = await site.exchange.watch(run=run, account_id=visitor.id, seconds=SETTLES_WITHIN)
    return see(f"/orders/{view.order_id}")


@get("/exchanges/{run:str}/paid", include_in_schema=False)
async def paid(run: str, request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    """Back from the provider's page: to the replacement, or to where it can be tried again."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    await site.exchange.returned(run=run, account_id=visitor.id)
    view = await site.exchange.watch(run=run, account_id=visitor.id, seconds=SETTLES_WITHIN)
    if view.replacement_id:
        return Redirect(f"/orders/{view.replacement_id}", status_code=303)
    failed = view.step == "difference" and view.state == "running" and not view.pay_at
    return Redirect(f"/exchanges/{run}{'?problem=payment_failed' if failed else ''}", status_code=303)


def _unit(visitor: Visitor, unit: ExchangeableUnit) -> object:
    joined = _JOINT.join((unit.unit.variant_id, unit.unit.serial))
    choices = [each for each in unit.choices if each.price is not None]
    return page(
        house=unit.brand,
        name=piece_text(unit.title, unit.label),
        serial=unit.unit.serial,
        choices=[
            page(
                value=f"{joined}{_JOINT}{each.variant_id}",
                label=each.label,
                price=i18n.format_money(each.price, visitor.locale) if each.price else "",
                note=_note(visitor, each),
                disabled=each.available < 1,
            )
            for each in choices
        ],
    )


def _note(visitor: Visitor, choice: ExchangeChoice) -> str:
    _ = visitor.words.gettext
    if choice.available < 1:
        return _("Sold out")
    return _("Last piece") if choice.available == 1 else _("There at this moment")


handlers = [choose, ask, difference, pay, take_money, paid]
