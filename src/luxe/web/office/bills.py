"""Invoices, credit notes and packing slips of any order, as PDF."""

from __future__ import annotations

from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.orders.contract import Bill, Order
from luxe.web.office.desk import operator
from luxe.web.printed import bill_links, pdf_answer
from luxe.web.site import Visitor, WebRequest, see
from luxe.web.views import Link


def links_to_bills(visitor: Visitor, order: Order, bills: list[Bill]) -> list[Link]:
    here = f"/office/orders/{order.id}"
    slip = Link(label=visitor.words.gettext("Packing slip"), url=f"{here}/packing-slip")
    links = bill_links(visitor, order, bills, here)
    return [slip, *links] if links else []


@get("/office/orders/{order_id:str}/invoice", include_in_schema=False)
async def invoice(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[bytes] | Response[None] | Redirect:
    """Issues it if nobody has asked for it before."""
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _ = found
    try:
        issued = await site.orders.issue_bills(order_id=order_id)
    except Refusal as refusal:
        if refusal.code != "not_paid":
            raise
        return see(f"/office/orders/{order_id}?problem={refusal.code}")
    return pdf_answer(await site.orders.print_bill(bill_id=issued[0].id))


@get("/office/orders/{order_id:str}/bills/{bill_id:str}", include_in_schema=False)
async def bill(
    order_id: str, bill_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[bytes] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _ = found
    return pdf_answer(await site.orders.print_bill(bill_id=bill_id))


@get("/office/orders/{order_id:str}/packing-slip", include_in_schema=False)
async def packing_slip(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[bytes] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _ = found
    return pdf_answer(await site.orders.print_slip(order_id=order_id))
