"""Orders as the office sees them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.services.identity.contract import Account
from luxe.services.orders.contract import Order, OrderDraft, Refund
from luxe.services.payments.contract import Intent
from luxe.web.office.bills import links_to_bills
from luxe.web.office.desk import cursor_pages, moment, money, office_page, operator
from luxe.web.office.order_notes import notes_view
from luxe.web.office.returns import return_actions, return_rows
from luxe.web.office.shipments import shipment_rows
from luxe.web.order_changes import may_change
from luxe.web.site import Visitor, WebRequest
from luxe.web.taxes import tax_rows, total_note
from luxe.web.views import Choice, Event, Form, Link, Total, page
from luxe.web.words import code_text, event_text, payment_text, refund_text

KINDS = ("goodwill", "price_correction")
"""What a part of a payment is given back for."""


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
    base = f"/office/orders?q={quote(q)}" if q else "/office/orders"
    view = page(
        views=[Link(label=_("All"), url="/office/orders", current=not q)],
        query=q,
        rows=rows,
        pages=cursor_pages(base, cursor, listed.next),
    )
    return await office_page(request, site, visitor, "office/orders.html", view)


def _order_state(visitor: Visitor, state: str) -> str:
    _ = visitor.words.gettext
    texts = {
        "placed": _("Waiting for payment"),
        "paid": _("Paid"),
        "cancelling": _("Being cancelled"),
        "cancelled": _("Cancelled"),
        "partly_shipped": _("A part is on its way"),
        "shipped": _("On its way"),
        "delivered": _("Delivered"),
        "partly_returned": _("Partly returned"),
        "returned": _("Returned"),
    }
    return texts[state]


def _unit_state(visitor: Visitor, state: str) -> str:
    _ = visitor.words.gettext
    texts = {
        "placed": _("Held"),
        "paid": _("Sold"),
        "cancelling": _("Sold"),
        "cancelled": _("Free again"),
        "partly_shipped": _("Partly shipped"),
        "shipped": _("Shipped"),
        "delivered": _("Shipped"),
        "partly_returned": _("Partly returned"),
        "returned": _("Returned"),
    }
    return texts[state]


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


def _sums(visitor: Visitor, draft: OrderDraft) -> list[Any]:
    """How the total came about; nothing for an order that cost what its pieces do."""
    _ = visitor.words.gettext

    def row(label: str, amount: Money) -> Total:
        return Total(label=label, value=money(visitor, amount))

    rows = [
        *(row(each.name, -each.amount) for each in draft.discounts),
        *([row(_("Delivery"), draft.delivery)] if draft.delivery.minor else []),
        *tax_rows(visitor, draft.taxes),
        *([row(_("Points"), -draft.points_worth)] if draft.points_worth.minor else []),
    ]
    return [row(_("Pieces"), draft.goods), *rows] if rows else []


def _total(visitor: Visitor, draft: OrderDraft) -> Total:
    """What was paid in all, and how much of it is tax where the house's tables know."""
    knows = draft.taxes and (draft.tax_included or draft.tax_added)
    return Total(
        label=visitor.words.gettext("Total"),
        value=money(visitor, draft.paid),
        note=total_note(visitor, draft.tax_included, draft.tax_added) if knows else "",
        sum=True,
    )


def _payments(visitor: Visitor, order: Order, intent: Intent | None, refunds: list[Refund]) -> list[Any]:
    """What came with the provider and from gift cards, and what went back."""
    _ = visitor.words.gettext
    paid = []
    if intent is not None:
        paid.append(
            page(
                at=moment(visitor, intent.created_at),
                what=intent.method or _("Payment"),
                amount=money(visitor, intent.amount),
                state=payment_text(visitor.words, intent.state),
                reference=intent.psp_id,
            )
        )
    cards = [
        page(
            at=moment(visitor, order.paid_at or order.placed_at),
            what=_("Gift card ending in %(ending)s") % {"ending": each.ending},
            amount=money(visitor, each.amount),
            state=_("Spent") if order.paid_at else _("Held"),
            reference=order.run,
        )
        for each in order.draft.gifts
    ]
    return [
        *paid,
        *cards,
        *(
            page(
                at=moment(visitor, each.at),
                what=refund_text(visitor.words, each.kind),
                amount=money(visitor, -each.amount),
                state=_("Given back") if each.done_at else _("Being given back"),
                reference=each.run,
            )
            for each in refunds
        ),
    ]


def _lines(visitor: Visitor, order: Order) -> list[Any]:
    return [
        page(
            sku=line.sku,
            name=line.title,
            house=line.brand,
            serial=", ".join(line.serials),
            price=money(visitor, line.total),
            unit_state=_unit_state(visitor, order.state),
        )
        for line in order.draft.lines
    ]


def _actions(visitor: Visitor, order: Order, left: Money, *, shipped: bool) -> list[Any]:
    """What may be done with an order in its state. `shipped`: it has shipments, and is delivered by them."""
    _ = visitor.words.gettext
    here = f"/office/orders/{order.id}"

    def action(name: str, label: str, text: str, **more: Any) -> Any:
        fields = {"needs_reason": False, "amount_hint": "", "kinds": [], "units": [], "findings": []}
        return page(name=name, label=label, text=text, url=f"{here}/{name}", **(fields | more))

    deliver = action("deliver", _("Mark as delivered"), _("It is in the member's hands."))
    cancel = action(
        "cancel",
        _("Cancel the order"),
        _("What was paid goes back to where it came from, points too, and the pieces are free again."),
        needs_reason=True,
    )
    refund = action(
        "refund",
        _("Refund a part"),
        _("Money goes back to where it was paid from, and points move in proportion."),
        needs_reason=True,
        amount_hint=_("%(amount)s is left of the payment.") % {"amount": money(visitor, left)},
        kinds=[Choice(value=kind, label=refund_text(visitor.words, kind)) for kind in KINDS],
    )
    by_hand = [] if shipped else [deliver]
    offered = {"paid": [cancel], "shipped": by_hand}.get(order.state, [])
    return (
        [*offered, refund]
        if order.state in ("paid", "partly_shipped", "shipped", "delivered", "partly_returned") and left.minor
        else offered
    )


@get("/office/orders/{order_id:str}", include_in_schema=False)
async def order(
    order_id: str, request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _ = visitor.words.gettext
    one = await site.orders.order(order_id=order_id)
    account = await site.identity.account(account_id=one.draft.account_id)
    intent = await site.payments.intent_of_run(run=one.run)
    refunds = await site.orders.refunds(order_id=one.id)
    returns = await site.orders.returns(order_id=one.id, limit=100)
    shipments = (await site.fulfilment.shipments(order_id=one.id, limit=100)).items
    draft = one.draft
    given = sum((each.amount for each in refunds if each.of_the_order), Money.zero(draft.payable.currency))
    gone_back = [page(label=_("Given back"), value=money(visitor, -given), note=None, sum=False)]
    view = page(
        number=one.number,
        state=_order_state(visitor, one.state),
        needs_person=any(each.state == "requested" for each in returns.items),
        facts=_facts(visitor, draft, account),
        lines=_lines(visitor, one),
        totals=[
            *_sums(visitor, draft),
            _total(visitor, draft),
            *(gone_back if given.minor else []),
        ],
        payments=_payments(visitor, one, intent, refunds),
        steps=[
            Event(
                title=event_text(visitor.words, entry.what),
                date=moment(visitor, entry.at),
                detail=entry.note,
            )
            for entry in one.timeline
        ],
        bills=links_to_bills(visitor, one, await site.orders.bills(order_id=one.id)),
        notes=await notes_view(site, visitor, one),
        form=Form(summary=code_text(visitor.words, problem)) if problem else Form(),
        returns=return_rows(visitor, returns.items, await site.orders.exchanges(order_id=one.id)),
        shipments=shipment_rows(visitor, shipments),
        pack_url=f"/office/orders/{one.id}/pack" if one.state in ("paid", "partly_shipped") else None,
        change_url=f"/office/orders/{one.id}/change" if may_change(one) else None,
        actions=[
            *return_actions(visitor, one, returns.items),
            *_actions(visitor, one, draft.paid - given, shipped=bool(shipments)),
        ],
    )
    status = 422 if problem else 200
    return await office_page(request, site, visitor, "office/order.html", view, status)
