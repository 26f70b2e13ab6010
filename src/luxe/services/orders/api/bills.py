"""REST of invoices and credit notes: a member's own, and all for operators."""

from __future__ import annotations

import msgspec
from litestar import Response, get

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.services.orders.contract import Bill, Port

PDF = "application/pdf"


class BillList(msgspec.Struct, frozen=True, kw_only=True):
    """The invoice comes first."""

    items: list[Bill]


@get(
    "/v1/orders/{order_id:str}/invoice",
    tags=["Orders"],
    summary="The invoice of a paid order, as PDF",
    operation_id="getInvoice",
    media_type=PDF,
)
async def get_invoice(order_id: str, principal: Principal, house: House) -> Response[bytes]:
    """In the buyer's language. It is issued when it is first asked for, or else when the order leaves the house."""
    whose, port = _whose(principal), house.port(Port)
    issued = await port.issue_bills(order_id=order_id, account_id=whose)
    return await _printed(port, issued[0].id, whose)


@get(
    "/v1/orders/{order_id:str}/bills",
    tags=["Orders"],
    summary="The invoice and the credit notes of a paid order",
    operation_id="listBills",
)
async def list_bills(order_id: str, principal: Principal, house: House) -> BillList:
    """Those that were not issued yet are: the invoice, and a credit note for each refund that is done."""
    whose = _whose(principal)
    return BillList(items=await house.port(Port).issue_bills(order_id=order_id, account_id=whose))


@get(
    "/v1/bills/{bill_id:str}",
    tags=["Orders"],
    summary="An invoice or a credit note, as PDF",
    operation_id="getBill",
    media_type=PDF,
)
async def get_bill(bill_id: str, principal: Principal, house: House) -> Response[bytes]:
    return await _printed(house.port(Port), bill_id, _whose(principal))


async def _printed(port: Port, bill_id: str, account_id: str) -> Response[bytes]:
    printed = await port.print_bill(bill_id=bill_id, account_id=account_id)
    return _pdf(printed.pdf, f"{printed.number}.pdf")


def _pdf(content: bytes, name: str) -> Response[bytes]:
    return Response(
        content,
        media_type=PDF,
        headers={
            "content-disposition": f'inline; filename="{name}"',
            "cache-control": "private, no-store",
        },
    )


def _whose(principal: Principal) -> str:
    """The one account whose bills are meant; empty for an operator."""
    if principal.may("operator", "orders:read"):
        return ""
    require(principal, "member", "orders:read")
    return principal.subject


@get(
    "/v1/orders/{order_id:str}/packing-slip",
    tags=["Orders"],
    summary="What goes into the box with an order, as PDF",
    operation_id="getPackingSlip",
    media_type=PDF,
)
async def get_packing_slip(order_id: str, principal: Principal, house: House) -> Response[bytes]:
    """In the buyer's language, with the message of a gift, and never with a price."""
    require(principal, "operator", "orders:read")
    printed = await house.port(Port).print_slip(order_id=order_id)
    return _pdf(printed.pdf, f"{printed.order_number}.pdf")


handlers = [get_invoice, list_bills, get_bill, get_packing_slip]
