"""An operator takes pieces out of an order that has not left the house."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.web.office.desk import office_page, operator
from luxe.web.order_changes import change_order, change_view, may_change
from luxe.web.site import WebRequest, fields, see


@get("/office/orders/{order_id:str}/change", include_in_schema=False)
async def show(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    order = await site.orders.order(order_id=order_id)
    here = f"/office/orders/{order.id}"
    if not may_change(order):
        return see(here)
    typed = {name: str(value) for name, value in request.query_params.items()}
    view, status = await change_view(site, visitor, order, typed, here, "")
    return await office_page(request, site, visitor, "office/order_change.html", view, status)


@post("/office/orders/{order_id:str}/changes", include_in_schema=False)
async def change(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    order = await site.orders.order(order_id=order_id)
    typed = await fields(request)
    return await change_order(site, visitor, order, typed, f"/office/orders/{order.id}", "")
