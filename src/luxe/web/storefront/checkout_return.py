"""Back from the payment provider's page: how the checkout stands, until it has ended."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.sagas.checkout.contract import CheckoutView
from luxe.web.progress import event_stream
from luxe.web.site import Site, Visitor, WebRequest, see, site_of
from luxe.web.storefront import chosen, codes
from luxe.web.storefront.guard import member
from luxe.web.views import page


def where(view: CheckoutView) -> str:
    """Where a checkout that has ended leads, or nothing while it runs."""
    if view.state == "done":
        return f"/orders/{view.order_id}?fresh=yes"
    if view.state in ("refused", "ended"):
        return f"/checkout?problem={view.problem_code}"
    return ""


def forget_all(site: Site, visitor: Visitor, answer: Response[Any]) -> None:
    """What was chosen and entered for a purchase is not meant for the next one."""
    chosen.forget(answer)
    codes.remember(site, visitor, answer, [])


@get("/checkout/return", include_in_schema=False)
async def returned(
    request: WebRequest, principal: Principal, house: House, run: str
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    await site.checkout.returned(run=run, account_id=visitor.id)
    view = await site.checkout.watch(run=run, account_id=visitor.id, seconds=2, ended=True)
    if target := where(view):
        answer = see(target)
        if view.state == "done":
            forget_all(site, visitor, answer)
        return answer
    shown = page(
        text=_waiting_text(visitor, view),
        amount_text="",
        events_url=f"/checkout/events?run={run}",
        status_url=f"/checkout/status?run={run}",
    )
    return await site.page(request, visitor, "storefront/shop/checkout_waiting.html", shown)


def _waiting_text(visitor: Visitor, view: CheckoutView) -> str:
    _ = visitor.words.gettext
    if view.step in ("place", "capture", "commit"):
        return _("The bank has said yes. We are writing your order.")
    return _("We are asking the payment provider.")


async def _progress(site: Site, visitor: Visitor, run: str) -> dict[str, str | None]:
    view = await site.checkout.view(run=run, account_id=visitor.id)
    return {"text": _waiting_text(visitor, view), "location": where(view) or None}


@get("/checkout/status", include_in_schema=False)
async def status(request: WebRequest, principal: Principal, house: House, run: str) -> Response[Any]:
    site = site_of(house)
    visitor = await site.visitor(request, principal)
    return Response(await _progress(site, visitor, run), headers={"cache-control": "no-store"})


@get("/checkout/events", include_in_schema=False)
async def events(request: WebRequest, principal: Principal, house: House, run: str) -> Response[Any]:
    site = site_of(house)
    visitor = await site.visitor(request, principal)
    return event_stream(lambda: _progress(site, visitor, run))
