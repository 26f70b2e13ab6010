"""What the office's pages share: who may enter, its navigation, the way moments are written."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from litestar import Response
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound
from luxe.kernel.house import House
from luxe.web.site import Site, Visitor, WebRequest
from luxe.web.views import Link, Pages


async def operator(
    request: WebRequest, principal: Principal, house: House
) -> tuple[Site, Visitor] | Redirect:
    """Operators come in; a stranger is asked to sign in; for anybody else there is nothing here."""
    if not principal.known:
        return Redirect("/office/sign-in", status_code=303)
    if "operator" not in principal.roles:
        raise NotFound
    site: Site = house.kept[Site]
    return site, await site.visitor(request, principal)


async def office_page(
    request: WebRequest, site: Site, visitor: Visitor, template: str, view: object, status: int = 200
) -> Response[str]:
    """A page of the office, with what waits in each room beside its name."""
    _ = visitor.words.gettext
    waiting = len((await site.membership.applications(state="submitted", limit=100)).items)
    stuck = await stuck_runs(site)
    adjustments = len((await site.loyalty.adjustments(state="pending", limit=100)).items)
    differing = len((await site.payments.cases(state="open", limit=100)).items)
    arriving = len(await site.payments.transfers(state="open", limit=100))
    troubled = len((await site.fulfilment.shipments(troubled=True, limit=100)).items)
    returning = len((await site.orders.returns(state="requested", limit=100)).items)
    here = request.url.path
    rooms = [
        (_("Today"), "/office", 0),
        (_("Applications"), "/office/applications", waiting),
        (_("Orders"), "/office/orders", 0),
        (_("Shipments"), "/office/shipments", troubled),
        (_("Returns"), "/office/returns", returning),
        (_("Stock"), "/office/stock", 0),
        (_("Delivery"), "/office/delivery", 0),
        (_("Runs"), "/office/runs", stuck),
        (_("Points"), "/office/points", adjustments),
        (_("Promotions"), "/office/promotions", 0),
        (_("Cases"), "/office/cases", differing),
        (_("Transfers"), "/office/transfers", arriving),
        (_("Invitations"), "/office/invitations", 0),
        (_("Audit"), "/office/audit", 0),
    ]
    navigation = [
        Link(
            label=label,
            url=url,
            current=here == url or (url != "/office" and here.startswith(url + "/")),
            count=count,
        )
        for label, url, count in rooms
    ]
    return await site.page(request, visitor, template, view, status=status, navigation=navigation)


async def stuck_runs(site: Site) -> int:
    """How many runs wait for a person, of each saga a hundred at most."""
    pages = await asyncio.gather(*(port.runs(state="stuck", limit=100) for port in site.sagas.values()))
    return sum(len(page.items) for page in pages)


def moment(visitor: Visitor, at: datetime | None) -> str:
    """Date and time to the minute in the reader's zone."""
    return i18n.format_datetime(at, visitor.locale, visitor.zone) if at else ""


def money(visitor: Visitor, amount: Any) -> str:
    return i18n.format_money(amount, visitor.locale)


def cursor_pages(base: str, cursor: str, following: str | None) -> Pages | None:
    """Back to the start, and on; none where one page holds everything."""
    if not cursor and not following:
        return None
    joint = "&" if "?" in base else "?"
    return Pages(
        previous_url=base if cursor else None,
        next_url=f"{base}{joint}cursor={following}" if following else None,
    )
