"""Paying with WeChat: a code for the payer's phone, or the way on for a payer who holds one; and how the payment stands."""

from __future__ import annotations

from urllib.parse import urlsplit

import segno
from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.payments.contract import PayPage
from luxe.web.site import Visitor, WebRequest, address_of, device_of
from luxe.web.storefront.guard import member
from luxe.web.views import page


@get("/pay/wechat/{run:str}", include_in_schema=False)
async def show(run: str, request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    try:
        how = await site.payments.pay_page(
            run=run, account_id=visitor.id, phone=_is_phone(request), client_ip=address_of(request)
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await site.page(request, visitor, "storefront/shop/scan.html", _silent(request), status=503)
    return await site.page(request, visitor, "storefront/shop/scan.html", _view(visitor, how))


def code_path(text: str) -> tuple[int, str]:
    """A QR code as its width in modules and the path of the dark ones, with the four free modules around it that ISO/IEC
    18004 asks for."""
    code = segno.make_qr(text, error="m")
    rows = [list(row) for row in code.matrix_iter(border=4)]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = next((at for at, dark in enumerate(row[x:]) if not dark), len(row) - x)
            if width:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width or 1
    return len(rows), "".join(runs)


def _is_phone(request: WebRequest) -> bool:
    """WeChat's own browser is none: it opens no address of H5, and there the code is pressed for long."""
    device = device_of(request)
    mobile = "Mobi" in device or request.headers.get("sec-ch-ua-mobile") == "?1"
    return mobile and "MicroMessenger" not in device


def _view(visitor: Visitor, how: PayPage) -> object:
    width, path = code_path(how.address) if how.way == "scan" else (0, "")
    parts = urlsplit(how.return_path)
    base, run = parts.path.removesuffix("/return"), parts.query
    return page(
        way=how.way,
        leave_url=how.address if how.way == "leave" else "",
        code_width=width,
        code_path=path,
        amount_text=i18n.format_money(how.amount, visitor.locale),
        pay_by=i18n.format_datetime(how.pay_by, visitor.locale, visitor.zone),
        return_url=how.return_path,
        events_url=f"{base}/events?{run}",
        status_url=f"{base}/status?{run}",
    )


def _silent(request: WebRequest) -> object:
    """WeChat does not answer: the same page again is the way on."""
    return page(
        way="silent", leave_url="", code_width=0, code_path="", amount_text="", pay_by="", events_url="",
        status_url="", return_url=request.url.path,
    )  # fmt: skip
