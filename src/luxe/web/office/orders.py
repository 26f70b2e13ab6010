"""Orders as the office sees them."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound
from luxe.kernel.house import House
from luxe.services.identity.contract import Account
from luxe.services.orders.contract import OrderDraft
from luxe.web.office.desk import cursor_pages, moment, money, office_page, operator
from luxe.web.site import Visitor, WebRequest
from luxe.web.views import Event, Link, page
from luxe.web.words import event_text, payment_text


@get("/office/orders", include_in_schema=False)
async def orders(
    request: WebRequest, principal: Principal, house: House, q: str = "", cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _ = visitor.words.gettext
    account_id = ""
    if "@" in q:
        account = await site.identity.account_by_email(email=q.strip())
        account_id = account.id if account else "nobody"
    elif q.strip():
        try:
            one = await site.orders.order(order_id=q.strip())
        except NotFound:
            account_id = "nobody"
        else:
            return Redirect(f"/office/orders/{one.id}", status_code=303)
    listed = await site.orders.orders(account_id=account_id, cursor=cursor, limit=50)
    people = {
        each.id: each
        for each in await site.identity.accounts(account_ids=[one.draft.account_id for one in listed.items])
    }
    rows = [
        page(
            url=f"/office/orders/{one.id}",
            number=one.number,
            placed=moment(visitor, one.placed_at),
            member=people[one.draft.account_id].name if one.draft.account_id in people else "",
            pieces_text=", ".join(line.title for line in one.draft.lines),
            total=money(visitor, one.draft.payable),
            state=_order_state(visitor, one.state),
            needs_person=False,
        )
        for one in listed.items
    ]
    base = f"/office/orders?q={q}" if q else "/office/orders"
    view = page(
        views=[Link(label=_("All"), url="/office/orders", current=not q)],
        query=q,
        rows=rows,
        pages=cursor_pages(base, cursor, listed.next),
    )
    return await office_page(request, site, visitor, "office/orders.html", view)


def _order_state(visitor: Visitor, state: str) -> str:
    _ = visitor.words.gettext
    return {"placed": _("Waiting for payment"), "paid": _("Paid"), "cancelled": _("Cancelled")}[state]


def _facts(visitor: Visitor, draft: OrderDraft, account: Account) -> list[Any]:
    _ = visitor.words.gettext
    address = draft.address
    place = ", ".join(part for part in (address.name, address.line1, address.city, address.country) if part)
    return [
        page(label=_("Member"), value=account.name),
        page(label=_("E-mail"), value=account.email),
        page(label=_("Deliver"), value=i18n.format_date(draft.deliver_on, visitor.locale, style="full")),
        page(label=_("Address"), value=place),
    ]


@get("/office/orders/{order_id:str}", include_in_schema=False)
async def order(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _ = visitor.words.gettext
    one = await site.orders.order(order_id=order_id)
    account = await site.identity.account(account_id=one.draft.account_id)
    intent = await site.payments.intent_of_run(run=one.run)
    draft = one.draft
    unit_state = _("Sold") if one.state == "paid" else _("Held")
    view = page(
        number=one.number,
        state=_order_state(visitor, one.state),
        needs_person=False,
        facts=_facts(visitor, draft, account),
        lines=[
            page(
                sku=line.sku,
                name=line.title,
                house=line.brand,
                serial=", ".join(line.serials),
                price=money(visitor, line.total),
                unit_state=unit_state,
            )
            for line in draft.lines
        ],
        totals=[page(label=_("Total"), value=money(visitor, draft.payable), note=None, sum=True)],
        payments=[
            page(
                at=moment(visitor, intent.created_at),
                what=intent.method or _("Payment"),
                amount=money(visitor, intent.amount),
                state=payment_text(visitor.words, intent.state),
                reference=intent.psp_id,
            )
        ]
        if intent
        else [],
        steps=[
            Event(
                title=event_text(visitor.words, entry.what),
                date=moment(visitor, entry.at),
                detail=entry.note,
            )
            for entry in one.timeline
        ],
        actions=[],
    )
    return await office_page(request, site, visitor, "office/order.html", view)
