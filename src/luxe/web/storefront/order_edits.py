"""What a member may still change about an order, and what they want the house to know of it."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound, Refusal
from luxe.kernel.house import House
from luxe.services.orders.contract import LONGEST_NOTE, MAX_ADDRESSES, Order
from luxe.web.order_changes import may_change
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.storefront.addresses import address_lines
from luxe.web.storefront.guard import member
from luxe.web.views import Choice, page


async def edits_view(site: Site, visitor: Visitor, order: Order) -> Any:
    """`addresses` are those of the address book that are in the order's country; none once it cannot be changed."""
    here = f"/orders/{order.id}"
    notes = await site.orders.notes(order_id=order.id, side="member")
    choices = await _addresses(site, visitor, order) if order.state == "paid" else []
    return page(
        change_url=f"{here}/change" if may_change(order) else None,
        address_url=f"{here}/address",
        addresses=choices,
        note_url=f"{here}/notes" if order.paid_at and order.state != "cancelled" else None,
        longest=LONGEST_NOTE,
        notes=[
            page(text=each.text, date=i18n.format_datetime(each.at, visitor.locale, visitor.zone))
            for each in notes
        ],
    )


async def _addresses(site: Site, visitor: Visitor, order: Order) -> list[Choice]:
    given = order.draft.address
    saved = await site.orders.addresses(account_id=visitor.id)
    return [
        Choice(value=each.id, label=", ".join(address_lines(visitor, each.address)))
        for each in saved[:MAX_ADDRESSES]
        if each.address.country == given.country and each.address != given
    ]


@post("/orders/{order_id:str}/address", include_in_schema=False)
async def change_address(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    chosen = (await fields(request)).get("address", "")
    saved = await site.orders.addresses(account_id=visitor.id)
    address = next((each.address for each in saved if each.id == chosen), None)
    here = f"/orders/{order_id}"
    if address is None:
        return see(here)
    try:
        await site.orders.change_address(order_id=order_id, address=address, account_id=visitor.id)
    except NotFound:
        raise
    except Refusal as refusal:
        return see(f"{here}?problem={refusal.code}")
    return see(here, "saved")


@post("/orders/{order_id:str}/notes", include_in_schema=False)
async def add_note(
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
    key = f"{visitor.id} {typed['idempotency_key']}"
    try:
        await site.orders.add_note(
            key=key, order_id=order_id, text=typed.get("text", ""), account_id=visitor.id
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return see(f"{here}?problem={refusal.code}")
    return see(here, "saved")
