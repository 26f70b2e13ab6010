"""Invoices and credit notes of a member's orders, as PDF."""

from __future__ import annotations

from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.orders.contract import Bill, Order
from luxe.web.printed import bill_links, pdf_answer
from luxe.web.site import Visitor, WebRequest, see
from luxe.web.storefront.guard import member
from luxe.web.views import Link


def links_to_bills(visitor: Visitor, order: Order, bills: list[Bill]) -> list[Link]:
    return bill_links(visitor, order, bills, f"/orders/{order.id}")


@get("/orders/{order_id:str}/invoice", include_in_schema=False)
async def invoice(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[bytes] | Response[None] | Redirect:
    """Issues it if nobody has asked for it before."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    try:
        issued = await site.orders.issue_bills(order_id=order_id, account_id=visitor.id)
    except Refusal as refusal:
        if refusal.code != "not_paid":
            raise
        return see(f"/orders/{order_id}?problem={refusal.code}")
    return pdf_answer(await site.orders.print_bill(bill_id=issued[0].id, account_id=visitor.id))


@get("/orders/{order_id:str}/bills/{bill_id:str}", include_in_schema=False)
async def bill(
    order_id: str, bill_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[bytes] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    return pdf_answer(await site.orders.print_bill(bill_id=bill_id, account_id=visitor.id))
