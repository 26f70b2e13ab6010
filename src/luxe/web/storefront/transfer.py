"""Paying by bank transfer: the account, the amount and the reference, until when, and how it stands."""

from __future__ import annotations

from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.services.payments.contract import Advice
from luxe.web.site import Visitor, WebRequest
from luxe.web.storefront.guard import member
from luxe.web.views import page

_WAITING = ("requires_method", "requires_action")


@get("/pay/transfer/{run:str}", include_in_schema=False)
async def show(run: str, request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    advice = await site.payments.transfer_advice(run=run, account_id=visitor.id)
    return await site.page(request, visitor, "storefront/shop/transfer.html", _view(visitor, advice))


def _view(visitor: Visitor, advice: Advice) -> object:
    _ = visitor.words.gettext
    left = advice.amount - advice.received
    facts = [
        (_("Pay to"), advice.holder),
        (_("Account"), advice.account),
        (_("Bank"), advice.bank),
        (_("Amount"), i18n.format_money(left, visitor.locale)),
        (_("Reference"), advice.reference),
    ]
    return page(
        waiting=advice.state in _WAITING,
        over=advice.state in ("voided", "failed", "expired"),
        came=i18n.format_money(advice.received, visitor.locale) if advice.received.minor else "",
        facts=[page(label=label, value=value) for label, value in facts],
        pay_by=i18n.format_date(advice.pay_by, visitor.locale, visitor.zone),
        return_url=advice.return_path,
    )
