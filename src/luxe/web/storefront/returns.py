"""Returns of a member: asking, thinking better of it, and the label to send it back with."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound, Refusal
from luxe.kernel.house import House
from luxe.sagas.return_item.contract import RETURN_DAYS, Window
from luxe.services.orders.contract import Exchange, Order, Return, UnitRef
from luxe.web.site import Visitor, WebRequest, fields, see
from luxe.web.storefront.addresses import address_lines
from luxe.web.storefront.barcodes import code39
from luxe.web.storefront.exchange_words import exchange_line
from luxe.web.storefront.guard import member
from luxe.web.views import Choice, page
from luxe.web.words import decision_text, return_text

SETTLES_WITHIN = 5.0
WITHDRAWABLE = ("requested", "approved")
_UNIT = "unit_"
_JOINT = "|"


def window_text(visitor: Visitor, order: Order, window: Window) -> str:
    """Until when pieces may go back, or that it is too late or there is none left."""
    _ = visitor.words.gettext
    if window.units and window.until:
        date = i18n.format_date(window.until, visitor.locale, visitor.zone)
        return _("You may return it until %(date)s.") % {"date": date}
    if order.state in ("paid", "shipped"):
        tier = visitor.membership.tier if visitor.membership else "silver"
        days = i18n.format_number(RETURN_DAYS[tier], visitor.locale)
        return _("Once it is with you, you may return it for %(days)s days.") % {"days": days}
    return _("There is nothing to return here. Your advisor still listens.")


def return_choices(order: Order, window: Window) -> list[Choice]:
    """Each unit that may go back, by piece and serial number."""
    titles = {line.variant_id: line.title for line in order.draft.lines}
    return [
        Choice(
            value=f"{unit.variant_id}{_JOINT}{unit.serial}", label=f"{titles[unit.variant_id]}, {unit.serial}"
        )
        for unit in window.units
    ]


def return_rows(
    visitor: Visitor, order: Order, returns: list[Return], exchanges: Sequence[Exchange]
) -> list[Any]:
    here = f"/orders/{order.id}/returns"
    wanted = {each.returned.id: exchange_line(visitor, each) for each in exchanges}
    return [
        page(
            number=each.number,
            state=return_text(visitor.words, each.state),
            date=i18n.format_date(each.requested_at, visitor.locale, visitor.zone),
            pieces=_pieces(order, each),
            decision=decision_text(visitor.words, each.decision),
            exchange=wanted.get(each.id),
            label_url=f"{here}/{each.id}/label" if each.state == "approved" else None,
            withdraw_url=f"{here}/{each.id}/withdraw" if each.state in WITHDRAWABLE else None,
        )
        for each in returns
    ]


def _pieces(order: Order, known: Return) -> list[str]:
    titles = {line.variant_id: line.title for line in order.draft.lines}
    return [f"{titles[unit.variant_id]}, {unit.serial}" for unit in known.units]


@post("/orders/{order_id:str}/returns", include_in_schema=False)
async def ask(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    here = f"/orders/{order_id}"
    if not typed.get("idempotency_key"):
        return see(here)
    named = [value.partition(_JOINT) for name, value in typed.items() if name.startswith(_UNIT)]
    try:
        begun = await site.return_item.start(
            key=typed["idempotency_key"],
            account_id=visitor.id,
            order_id=order_id,
            units=[UnitRef(variant_id=variant_id, serial=serial) for variant_id, _, serial in named],
            reason=typed.get("reason", ""),
        )
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        return see(f"{here}?problem={refusal.code}")
    view = await site.return_item.watch(run=begun.run, account_id=visitor.id, seconds=SETTLES_WITHIN)
    return see(f"{here}?problem={view.problem_code}" if view.state == "refused" else here)


@post("/orders/{order_id:str}/returns/{return_id:str}/withdraw", include_in_schema=False)
async def withdraw(
    order_id: str, return_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    here = f"/orders/{order_id}"
    try:
        await site.orders.withdraw_return(return_id=return_id, account_id=visitor.id)
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        return see(f"{here}?problem={refusal.code}")
    return see(here)


@get("/orders/{order_id:str}/returns/{return_id:str}/label", include_in_schema=False)
async def label(
    order_id: str, return_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[str] | Redirect:
    """A page to print and to put into the box; only for a return that was approved."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    order = await site.orders.order(order_id=order_id, account_id=visitor.id)
    known = await site.orders.return_of(return_id=return_id, account_id=visitor.id)
    if known.order_id != order.id or known.state != "approved":
        raise NotFound("there is no label for this", code="return_unknown")
    view = page(
        number=known.number,
        barcode=code39(known.number),
        order_number=order.number,
        order_url=f"/orders/{order.id}",
        house_name=site.settings.house_name,
        sender=address_lines(visitor, order.draft.address),
        pieces=_pieces(order, known),
        date=i18n.format_date(known.changed_at, visitor.locale, visitor.zone),
    )
    return await site.page(request, visitor, "storefront/account/return_label.html", view)
