"""What is noted about an order, by its member and by the house, and where it was sent to before."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound, Refusal
from luxe.kernel.house import House
from luxe.services.orders.contract import LONGEST_NOTE, Address, Order
from luxe.web.office.desk import moment, operator
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import page


async def notes_view(site: Site, visitor: Visitor, order: Order) -> Any:
    _ = visitor.words.gettext
    notes = await site.orders.notes(order_id=order.id)
    edits = await site.orders.edits(order_id=order.id)
    actors = sorted({each.actor for each in (*notes, *edits) if each.actor.startswith("acc_")})
    people = {each.id: each.name for each in await site.identity.accounts(account_ids=actors)}
    sides = {"member": _("Member"), "house": _("The house")}
    return page(
        url=f"/office/orders/{order.id}/notes",
        longest=LONGEST_NOTE,
        rows=[
            page(
                at=moment(visitor, each.at),
                who=people.get(each.actor, each.actor),
                side=sides[each.side],
                text=each.text,
            )
            for each in notes
        ],
        edits=[
            page(
                at=moment(visitor, each.at),
                who=people.get(each.actor, each.actor),
                before=_line(each.before),
                after=_line(each.after),
            )
            for each in edits
        ],
    )


def _line(address: Address) -> str:
    parts = (address.name, address.line1, address.line2, address.postcode, address.city, address.country)
    return ", ".join(part for part in parts if part)


@post("/office/orders/{order_id:str}/notes", include_in_schema=False)
async def add_note(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    here = f"/office/orders/{order_id}"
    if not typed.get("idempotency_key"):
        return see(here)
    key = f"{visitor.id} {typed['idempotency_key']}"
    try:
        await site.orders.add_note(key=key, order_id=order_id, text=typed.get("text", ""))
    except NotFound:
        raise
    except Refusal as refusal:
        return see(f"{here}?problem={refusal.code}")
    return see(here, "saved")
