"""Shipments in the office: what is to be packed, what is on its way, and what somebody must look at."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.fulfilment.contract import PackedUnit, Shipment
from luxe.services.orders.contract import Order
from luxe.web.office.desk import cursor_pages, moment, office_page, operator
from luxe.web.parcels import method_text, shipment_text
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Event, Form, Link, page
from luxe.web.words import code_text

_LISTED = ("packed", "handed_over", "in_transit", "out_for_delivery", "delivered")
_METHODS = ("standard", "express", "white_glove", "collect")
_NEXT = {
    "handed_over": ("in_transit", "out_for_delivery", "delivered", "exception", "returned_to_sender", "lost"),
    "in_transit": ("out_for_delivery", "delivered", "exception", "returned_to_sender", "lost"),
    "out_for_delivery": ("delivered", "exception", "in_transit", "returned_to_sender", "lost"),
    "exception": ("out_for_delivery", "delivered", "in_transit", "returned_to_sender", "lost"),
}
"""What an operator may say of a shipment, the likeliest first."""

Act = Callable[[Site, dict[str, str]], Awaitable[str]]
"""Does it, and returns where to go on."""


@get("/office/shipments", include_in_schema=False)
async def shipments(
    request: WebRequest, principal: Principal, house: House, shown: str = "to_pack", cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _ = visitor.words.gettext
    titles = {
        "to_pack": _("To pack"),
        "troubled": _("Needs somebody"),
        **{state: shipment_text(visitor.words, state) for state in _LISTED},
    }
    here = shown if shown in titles else "to_pack"
    base = f"/office/shipments?shown={here}"
    orders: list[Any] = []
    rows: list[Any] = []
    if here == "to_pack":
        waiting = await site.orders.to_ship(cursor=cursor)
        orders, following = [_to_pack(visitor, each) for each in waiting.items], waiting.next
    else:
        state = "" if here == "troubled" else here
        listed = await site.fulfilment.shipments(state=state, troubled=here == "troubled", cursor=cursor)
        rows, following = [_row(visitor, each) for each in listed.items], listed.next
    view = page(
        views=[
            Link(label=label, url=f"/office/shipments?shown={each}", current=each == here)
            for each, label in titles.items()
        ],
        orders=orders,
        rows=rows,
        pages=cursor_pages(base, cursor, following),
    )
    return await office_page(request, site, visitor, "office/shipments.html", view)


def _to_pack(visitor: Visitor, order: Order) -> Any:
    return page(
        url=f"/office/orders/{order.id}/pack",
        number=order.number,
        paid=moment(visitor, order.paid_at),
        country=order.draft.address.country,
        method=method_text(visitor.words, order.draft.delivery_method or "standard"),
        pieces=sum(line.quantity for line in order.draft.lines),
        deliver_on=order.draft.deliver_on.isoformat(),
    )


def _row(visitor: Visitor, each: Shipment) -> Any:
    return page(
        url=f"/office/shipments/{each.id}",
        number=each.number,
        order=each.order_number,
        order_url=f"/office/orders/{each.order_id}",
        method=method_text(visitor.words, each.method),
        state=shipment_text(visitor.words, each.state),
        tracking=each.tracking_number,
        problem=each.problem,
        changed=moment(visitor, each.changed_at),
    )


def shipment_rows(visitor: Visitor, listed: list[Shipment]) -> list[Any]:
    """The shipments of an order, on its page."""
    return [_row(visitor, each) for each in reversed(listed)]


@get("/office/orders/{order_id:str}/pack", include_in_schema=False)
async def pack_page(
    order_id: str, request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    order = await site.orders.order(order_id=order_id)
    stock = await site.inventory.units(order_id=order.id, limit=100)
    listed = (await site.fulfilment.shipments(order_id=order.id, limit=100)).items
    over = ("called_off", "returned_to_sender")
    gone = {(u.variant_id, u.serial) for each in listed if each.state not in over for u in each.units}
    titles = {line.variant_id: line.title for line in order.draft.lines}
    view = page(
        number=order.number,
        order_url=f"/office/orders/{order.id}",
        url=f"/office/orders/{order.id}/pack",
        address=", ".join(part for part in _address(order) if part),
        gift=order.draft.gift_message,
        units=[
            Choice(
                value=f"{unit.variant_id} {unit.serial}",
                label=f"{titles.get(unit.variant_id, '')} · {unit.serial}",
            )
            for unit in stock.items
            if (unit.variant_id, unit.serial) not in gone and unit.expected_on is None
        ],
        methods=[
            Choice(
                value=each,
                label=method_text(visitor.words, each),
                current=each == order.draft.delivery_method,
            )
            for each in _METHODS
        ],
        form=Form(
            data={"method": order.draft.delivery_method or "standard"},
            summary=code_text(visitor.words, problem) if problem else None,
        ),
    )
    status = 422 if problem else 200
    return await office_page(request, site, visitor, "office/pack.html", view, status)


def _address(order: Order) -> list[str]:
    address = order.draft.address
    return [
        address.name,
        address.line1,
        address.line2,
        address.city,
        address.region,
        address.postcode,
        address.country,
    ]


@post("/office/orders/{order_id:str}/pack", include_in_schema=False)
async def pack(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, typed: dict[str, str]) -> str:
        units = [
            PackedUnit(variant_id=variant_id, serial=serial)
            for name, value in typed.items()
            if name.startswith("unit_")
            for variant_id, _, serial in [value.partition(" ")]
        ]
        made = await site.fulfilment.ship(
            key=typed["idempotency_key"],
            order_id=order_id,
            units=units,
            method=typed.get("method", ""),
            operator_id=principal.subject,
        )
        return f"/office/shipments/{made.id}"

    return await _done(request, principal, house, f"/office/orders/{order_id}/pack", act)


@get("/office/shipments/{shipment_id:str}", include_in_schema=False)
async def shipment(
    shipment_id: str, request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _ = visitor.words.gettext
    one = await site.fulfilment.shipment(shipment_id=shipment_id)
    view = page(
        row=_row(visitor, one),
        carrier=one.carrier,
        needs_person=bool(one.problem) or one.state in ("exception", "returned_to_sender", "lost"),
        booking=_booking(visitor, one.booking),
        packed=moment(visitor, one.packed_at),
        units=[unit.serial for unit in one.units],
        label_url=f"/office/shipments/{one.id}/label" if one.tracking_number else None,
        steps=[
            Event(
                title=shipment_text(visitor.words, event.state),
                date=moment(visitor, event.at),
                detail=" · ".join(
                    part
                    for part in (
                        event.place,
                        event.note,
                        event.actor,
                        "" if event.moved else _("changed nothing"),
                    )
                    if part
                ),
                state="done" if event.moved else "todo",
            )
            for event in one.events
        ],
        can_hand_over=one.state == "packed" and one.booking in ("none", "booked"),
        can_book=one.state == "packed" and one.booking in ("wanted", "refused"),
        can_call_off=one.state == "packed",
        can_ask=bool(one.tracking_number),
        moves=[
            Choice(value=each, label=shipment_text(visitor.words, each)) for each in _NEXT.get(one.state, ())
        ],
        url=f"/office/shipments/{one.id}",
        form=Form(summary=code_text(visitor.words, problem)) if problem else Form(),
    )
    status = 422 if problem else 200
    return await office_page(request, site, visitor, "office/shipment.html", view, status)


def _booking(visitor: Visitor, booking: str) -> str:
    _ = visitor.words.gettext
    texts = {
        "none": _("No carrier is needed"),
        "wanted": _("The carrier is being asked"),
        "booked": _("Booked"),
        "refused": _("The carrier said no"),
        "cancelling": _("The label is being cancelled"),
        "cancelled": _("The label is cancelled"),
    }
    return texts[booking]


@post("/office/shipments/{shipment_id:str}/{verb:str}", include_in_schema=False)
async def change(
    shipment_id: str, verb: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, typed: dict[str, str]) -> str:
        port = site.fulfilment
        if verb == "hand-over":
            await port.hand_over(shipment_id=shipment_id)
        elif verb == "call-off":
            await port.call_off(shipment_id=shipment_id, reason=typed.get("reason", ""))
        elif verb == "book":
            await port.book(shipment_id=shipment_id)
        elif verb == "ask":
            await port.ask(shipment_id=shipment_id)
        elif verb == "move":
            await port.move(shipment_id=shipment_id, state=typed.get("state", ""), note=typed.get("note", ""))
        return f"/office/shipments/{shipment_id}"

    return await _done(request, principal, house, f"/office/shipments/{shipment_id}", act)


@get("/office/shipments/{shipment_id:str}/label", include_in_schema=False)
async def label(
    shipment_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[bytes] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _ = found
    made = await site.fulfilment.label(shipment_id=shipment_id)
    headers = {"content-disposition": f'inline; filename="{made.file_name}"', "cache-control": "no-store"}
    return Response(base64.b64decode(made.pdf), media_type="application/pdf", headers=headers)


async def _done(
    request: WebRequest, principal: Principal, house: House, back: str, act: Act
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _ = found
    typed = await fields(request)
    if not typed.get("idempotency_key"):
        return see(back)
    try:
        onward = await act(site, typed)
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        return see(f"{back}?problem={refusal.code}")
    return see(onward, "saved")
