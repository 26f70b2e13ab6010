"""The office's front room and the audit log."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import clock, i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.web.office.desk import cursor_pages, moment, office_page, operator, stuck_runs
from luxe.web.site import Site, WebRequest, address_of, device_of, fields, is_secure, see, with_session
from luxe.web.views import Form, page
from luxe.web.words import refusal_text


@get("/office/sign-in", include_in_schema=False)
async def sign_in_page(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    if "operator" in principal.roles:
        return Redirect("/office", status_code=303)
    return await _sign_in(request, principal, house, Form())


async def _sign_in(request: WebRequest, principal: Principal, house: House, form: Form) -> Response[str]:
    site: Site = house.kept[Site]
    visitor = await site.visitor(request, principal)
    view = page(return_to="/office", form=form)
    return await site.page(request, visitor, "office/sign_in.html", view, status=422 if form.summary else 200)


@post("/office/sign-in", include_in_schema=False)
async def sign_in(request: WebRequest, principal: Principal, house: House) -> Response[Any]:
    site: Site = house.kept[Site]
    typed = await fields(request)
    try:
        signed = await site.identity.sign_in(
            email=typed.get("email", ""),
            password=typed.get("password", ""),
            device=device_of(request),
            address=address_of(request),
        )
    except Refusal as refusal:
        visitor = await site.visitor(request, principal)
        form = Form(data={"email": typed.get("email", "")}, summary=refusal_text(visitor.words, refusal))
        return await _sign_in(request, principal, house, form)
    return with_session(see("/office"), signed.token, is_secure(site))


@get("/office", include_in_schema=False)
async def today(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _ = visitor.words.gettext
    waiting = len((await site.membership.applications(state="submitted", limit=100)).items)
    stuck = await stuck_runs(site)
    latest = await site.orders.orders(limit=100)
    since = clock.now().astimezone(visitor.zone).date()
    new = sum(1 for order in latest.items if order.placed_at.astimezone(visitor.zone).date() == since)

    def count(label: str, value: int, url: str, needs: bool) -> Any:
        shown = i18n.format_number(value, visitor.locale) + ("+" if value == 100 else "")
        return page(label=label, value=shown, url=url, needs_person=needs)

    counts = [
        count(_("Applications waiting"), waiting, "/office/applications", waiting > 0),
        count(_("Runs needing a person"), stuck, "/office/runs", stuck > 0),
        count(_("Orders today"), new, "/office/orders", False),
    ]
    return await office_page(request, site, visitor, "office/today.html", page(counts=counts))


@get("/office/audit", include_in_schema=False)
async def audit(
    request: WebRequest, principal: Principal, house: House, q: str = "", cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    wanted = q.strip()
    by_actor = wanted.startswith("acc_")
    listed = await site.compliance.audit_log(
        actor=wanted if by_actor else "", target="" if by_actor else wanted, cursor=cursor
    )
    actors = sorted({each.actor for each in listed.items if each.actor.startswith("acc_")})
    people = (
        {each.id: each.name for each in await site.identity.accounts(account_ids=actors)} if actors else {}
    )
    base = f"/office/audit?q={quote(wanted)}" if wanted else "/office/audit"
    _ = visitor.words.gettext
    view = page(
        query=wanted,
        rows=[
            page(
                at=moment(visitor, each.at),
                actor=people.get(each.actor)
                or (_("Nobody signed in") if each.actor == "nobody" else each.actor),
                action=each.action,
                object=each.target,
                object_url=None,
                detail=each.details,
            )
            for each in listed.items
        ],
        pages=cursor_pages(base, cursor, listed.next),
    )
    return await office_page(request, site, visitor, "office/audit.html", view)
