"""Orders of a member: the list, and one with its timeline."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.sagas.return_item.contract import Window
from luxe.services.fulfilment.contract import Shipment
from luxe.services.orders.contract import Exchange, Order, OrderDraft, OrderLine, Refund, Return
from luxe.web.parcels import parcels
from luxe.web.site import Visitor, WebRequest, fields, see
from luxe.web.storefront.addresses import address_lines
from luxe.web.storefront.bills import links_to_bills
from luxe.web.storefront.checkout_return import forget_all
from luxe.web.storefront.codes import card_text
from luxe.web.storefront.contents import promise_text, reason_texts, why_text
from luxe.web.storefront.deliveries import way_name, way_text
from luxe.web.storefront.exchange_words import came_for, exchange_url
from luxe.web.storefront.guard import member
from luxe.web.storefront.order_edits import edits_view
from luxe.web.storefront.pictures import less_text
from luxe.web.storefront.returns import return_choices, return_rows, window_text
from luxe.web.storefront.tiers import tier_progress
from luxe.web.taxes import tax_rows, total_note
from luxe.web.views import Event, Form, Line, Link, Pages, Picture, Price, Source, Total, page
from luxe.web.words import code_text, event_text, refund_text

SETTLES_WITHIN = 5.0
"""Seconds that a page waits for a cancellation to end; a payment provider that answers takes far less."""
_PICTURE_WIDTHS = (160, 320, 480)


def line_picture(line: OrderLine) -> Picture | None:
    """The picture as it was when the piece was bought."""
    if not line.picture_url:
        return None
    sources = [
        Source(type=type_, srcset=", ".join(f"{line.picture_url}/{w}.{ending} {w}w" for w in _PICTURE_WIDTHS))
        for ending, type_ in (("avif", "image/avif"), ("webp", "image/webp"))
    ]
    return Picture(
        src=f"{line.picture_url}/320.jpg",
        sources=sources,
        width=320,
        height=400,
        colour="#f3f1ed",
        alt=line.title,
    )


def order_state(visitor: Visitor, order: Order) -> str:
    _ = visitor.words.gettext
    texts = {
        "placed": _("Waiting for payment"),
        "paid": _("Being prepared"),
        "cancelling": _("Being cancelled"),
        "cancelled": _("Cancelled"),
        "partly_shipped": _("A part is on its way"),
        "shipped": _("On its way"),
        "delivered": _("With you"),
        "partly_returned": _("Partly returned"),
        "returned": _("Returned"),
    }
    return texts[order.state]


def order_row(visitor: Visitor, order: Order) -> Any:
    first = order.draft.lines[0]
    return page(
        url=f"/orders/{order.id}",
        number=order.number,
        date=i18n.format_date(order.placed_at, visitor.locale, visitor.zone),
        state=order_state(visitor, order),
        total_text=i18n.format_money(order.draft.payable, visitor.locale),
        pieces_text=", ".join(line.title for line in order.draft.lines),
        picture=line_picture(first),
    )


@get("/orders", include_in_schema=False)
async def listing(
    request: WebRequest, principal: Principal, house: House, cursor: str = ""
) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    paged = await site.orders.orders(account_id=visitor.id, cursor=cursor, limit=20)
    pages = None
    if paged.next or cursor:
        pages = Pages(
            previous_url="/orders" if cursor else None,
            next_url=f"/orders?cursor={paged.next}" if paged.next else None,
        )
    view = page(orders=[order_row(visitor, each) for each in paged.items], pages=pages)
    return await site.page(request, visitor, "storefront/account/orders.html", view)


@get("/orders/{order_id:str}", include_in_schema=False)
async def one(
    order_id: str,
    request: WebRequest,
    principal: Principal,
    house: House,
    fresh: str = "",
    problem: str = "",
) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    order = await site.orders.order(order_id=order_id, account_id=visitor.id)
    refunds = await site.orders.refunds(order_id=order.id)
    form = Form(summary=code_text(visitor.words, problem)) if problem else Form()
    returns = await site.orders.returns(order_id=order.id, limit=100)
    exchanges = await site.orders.exchanges(order_id=order.id)
    window = await site.return_item.window(order_id=order.id, account_id=visitor.id)
    bills = links_to_bills(visitor, order, await site.orders.bills(order_id=order.id))
    sent = await site.fulfilment.shipments(order_id=order.id, limit=100)
    edits = await edits_view(site, visitor, order)
    view = _view(
        visitor, order, refunds, returns.items, window, form, bool(fresh), bills, sent.items, edits, exchanges
    )
    status = 422 if problem else 200
    answer = await site.page(request, visitor, "storefront/account/order.html", view, status=status)
    if fresh:
        forget_all(site, visitor, answer)
    return answer


@post("/orders/{order_id:str}/cancel", include_in_schema=False)
async def cancel(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    """The member sees the order cancelled; where money takes its time to go back, that it is being cancelled."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    here = f"/orders/{order_id}"
    if not typed.get("idempotency_key"):
        return see(here)
    try:
        begun = await site.cancel.start(
            key=typed["idempotency_key"],
            by=visitor.id,
            order_id=order_id,
            reason=typed.get("reason", ""),
            account_id=visitor.id,
        )
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        return see(f"{here}?problem={refusal.code}")
    view = await site.cancel.watch(run=begun.run, account_id=visitor.id, seconds=SETTLES_WITHIN)
    return see(f"{here}?problem={view.problem_code}" if view.state == "refused" else here)


def _view(
    visitor: Visitor,
    order: Order,
    refunds: list[Refund],
    returns: list[Return],
    window: Window,
    form: Form,
    fresh: bool,
    bills: list[Link],
    sent: list[Shipment],
    edits: Any,
    exchanges: list[Exchange],
) -> object:
    _ = visitor.words.gettext
    draft = order.draft

    def money(amount: Any) -> str:
        return i18n.format_money(amount, visitor.locale)

    earned = i18n.format_number(order.points_earned, visitor.locale)
    return page(
        number=order.number,
        placed_on=i18n.format_date(order.placed_at, visitor.locale, visitor.zone),
        state_text=order_state(visitor, order),
        fresh=fresh and order.state == "paid",
        steps=_steps(visitor, order),
        lines=_lines(visitor, draft.lines),
        totals=_totals(visitor, draft),
        points_text=visitor.words.ngettext(
            "%(points)s point from this order", "%(points)s points from this order", order.points_earned
        )
        % {"points": earned},
        points_detail=_points_detail(visitor, refunds),
        progress=tier_progress(visitor),
        address_lines=address_lines(visitor, draft.address),
        delivery_text=way_text(
            visitor, draft.delivery_method, draft.deliver_on, draft.slot.partition("T")[2].replace("/", "–")
        ),
        payment_text=_payment_text(visitor, order, refunds),
        reasons=[
            why_text(visitor, line.title, line.total, line.reasons, line.after)
            for line in draft.lines
            if line.reasons
        ],
        window_text=window_text(visitor, order, window),
        return_url=f"/orders/{order.id}/returns" if window.units else None,
        units=return_choices(order, window),
        returns=return_rows(
            visitor, order, returns, [each for each in exchanges if each.order_number == order.number]
        ),
        exchange_url=exchange_url(order, window, exchanges),
        came_for=came_for(order, exchanges),
        refunds=_refunds(visitor, refunds),
        bills=bills,
        edits=edits,
        parcels=parcels(visitor, sent),
        cancel_url=f"/orders/{order.id}/cancel" if order.state == "paid" else None,
        form=form,
        events_url=None,
    )


def _payment_text(visitor: Visitor, order: Order, refunds: list[Refund]) -> str:
    """What was paid, and with what; what went back since for pieces that were taken out was paid too."""
    _ = visitor.words.gettext
    if not order.paid_at:
        return _("Not paid")
    draft = order.draft
    parts = []
    edited = [each.by_provider for each in refunds if not each.of_the_order]
    collected = sum(edited, draft.payable)
    if collected.minor or not draft.gifts:
        amount = i18n.format_money(collected, visitor.locale)
        parts.append(_("%(amount)s, paid with our payment provider") % {"amount": amount})
    for each in draft.gifts:
        amount = i18n.format_money(each.amount, visitor.locale)
        parts.append(
            _("%(amount)s, paid with the gift card ending in %(ending)s")
            % {"amount": amount, "ending": each.ending}
        )
    return " · ".join(parts)


def _lines(visitor: Visitor, lines: list[OrderLine]) -> list[Line]:
    _ = visitor.words.gettext
    return [
        Line(
            name=line.title,
            house=line.brand,
            url="",
            detail=line.label,
            quantity_text=f"× {line.quantity}" if line.quantity > 1 else "",
            price=Price(text=i18n.format_money(line.after, visitor.locale)),
            picture=line_picture(line),
            note=_line_note(visitor, line),
            reasons=reason_texts(visitor, line.reasons),
        )
        for line in lines
    ]


def _line_note(visitor: Visitor, line: OrderLine) -> str | None:
    """Its serial numbers, and when it was promised if it was still to come."""
    _ = visitor.words.gettext
    numbers = _("No. %(serials)s") % {"serials": ", ".join(line.serials)} if line.serials else ""
    promised = promise_text(visitor, line.available_on) or ""
    return " · ".join(part for part in (numbers, promised) if part) or None


def _totals(visitor: Visitor, draft: OrderDraft) -> list[Total]:
    _ = visitor.words.gettext

    def money(amount: Money) -> str:
        return i18n.format_money(amount, visitor.locale)

    spent = [Total(label=_("Points"), value=less_text(visitor, draft.points_worth))]
    cards = [
        Total(label=card_text(visitor, each.ending), value=less_text(visitor, each.amount))
        for each in draft.gifts
    ]
    return [
        Total(label=_("Pieces"), value=money(draft.goods)),
        *(Total(label=each.name, value=less_text(visitor, each.amount)) for each in draft.discounts),
        Total(
            label=way_name(visitor, draft.delivery_method),
            value=money(draft.delivery) if draft.delivery.minor else _("Included"),
        ),
        *tax_rows(visitor, draft.taxes),
        *(spent if draft.points_worth.minor else []),
        *cards,
        Total(
            label=_("Total"),
            value=money(draft.payable),
            note=total_note(visitor, draft.tax_included, draft.tax_added),
            sum=True,
        ),
    ]


def _refunds(visitor: Visitor, refunds: list[Refund]) -> list[Total]:
    return [
        Total(
            label=refund_text(visitor.words, each.kind),
            value=i18n.format_money(each.amount, visitor.locale),
            note=_refund_note(visitor, each),
        )
        for each in refunds
        if each.amount.minor
    ]


def _refund_note(visitor: Visitor, refund: Refund) -> str:
    """When it went back, and how much of it to gift cards."""
    _ = visitor.words.gettext
    if refund.done_at is None:
        return _("Being given back")
    said = _("Given back on %(date)s") % {
        "date": i18n.format_date(refund.done_at, visitor.locale, visitor.zone)
    }
    if refund.gift is None or not refund.gift.minor:
        return said
    amount = i18n.format_money(refund.gift, visitor.locale)
    return said + " · " + _("%(amount)s of it to your gift cards") % {"amount": amount}


def _points_detail(visitor: Visitor, refunds: list[Refund]) -> str:
    """What refunds have done to the points of this order."""
    _ = visitor.words.gettext
    back, taken = (
        sum(points) for points in ((r.points_back for r in refunds), (r.points_taken for r in refunds))
    )
    said = [
        text % {"points": i18n.format_number(points, visitor.locale)}
        for text, points in (
            (_("%(points)s were taken back with a refund."), taken),
            (_("%(points)s that you had spent came back."), back),
        )
        if points
    ]
    return " ".join(said) or _("They are yours already.")


def _steps(visitor: Visitor, order: Order) -> list[Event]:
    _ = visitor.words.gettext

    def at(moment: datetime) -> str:
        return i18n.format_datetime(moment, visitor.locale, visitor.zone)

    steps = [
        Event(title=event_text(visitor.words, entry.what), date=at(entry.at), state="done")
        for entry in order.timeline
    ]
    if order.state == "cancelling":
        steps.append(
            Event(
                title=_("Being given back"),
                date="",
                detail=_("What you paid is on its way to where you paid it from."),
                state="current",
            )
        )
    if order.state in ("paid", "partly_shipped", "shipped"):
        delivered = i18n.format_date(order.draft.deliver_on, visitor.locale, style="full")
        if order.state == "paid":
            steps.append(
                Event(
                    title=_("Being prepared"),
                    date="",
                    detail=_("Each piece is checked by hand."),
                    state="current",
                )
            )
        steps.append(Event(title=_("With you"), date=delivered, state="waiting"))
    return steps
