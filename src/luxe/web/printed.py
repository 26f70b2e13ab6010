"""Invoices and credit notes on pages: links to them, and the PDF itself."""

from __future__ import annotations

from litestar import Response

from luxe.services.orders.contract import Bill, Order, PrintedBill, PrintedSlip
from luxe.web.site import Visitor
from luxe.web.views import Link


def bill_links(visitor: Visitor, order: Order, bills: list[Bill], here: str) -> list[Link]:
    """The invoice, whether or not it has been issued, and the credit notes that have been. None of an unpaid order."""
    _ = visitor.words.gettext
    if order.paid_at is None:
        return []
    titles = {"invoice": _("Invoice %(number)s"), "credit_note": _("Credit note %(number)s")}
    issued = [
        Link(label=titles[each.kind] % {"number": each.number}, url=f"{here}/bills/{each.id}")
        for each in bills
    ]
    return issued or [Link(label=_("Invoice"), url=f"{here}/invoice")]


def pdf_answer(printed: PrintedBill | PrintedSlip) -> Response[bytes]:
    name = printed.number if isinstance(printed, PrintedBill) else printed.order_number
    return Response(
        printed.pdf,
        media_type="application/pdf",
        headers={
            "content-disposition": f'inline; filename="{name}.pdf"',
            "cache-control": "private, no-store",
            "x-content-type-options": "nosniff",
        },
    )
