"""Invitations: made, listed, revoked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import clock, i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.membership.contract import Invitation
from luxe.web.office.desk import office_page, operator
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Form, page
from luxe.web.words import refusal_text


@get("/office/invitations", include_in_schema=False)
async def invitations(
    request: WebRequest, principal: Principal, house: House, made: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    return found if isinstance(found, Redirect) else await _invitations(request, *found, Form(), made)


async def _invitations(
    request: WebRequest, site: Site, visitor: Visitor, form: Form, made: str = ""
) -> Response[str]:
    listed = await site.membership.invitations(limit=50)
    rows = [_invitation_row(visitor, each) for each in listed]
    created = None
    if made in {each.id for each in listed}:
        created = page(link=await site.membership.invitation_link(invitation_id=made))
    if not form.data:
        until = clock.now().date() + timedelta(days=90)
        name = visitor.account.name if visitor.account else ""
        form = Form(data={"uses": "1", "expires": until.isoformat(), "inviter": name})
    view = page(rows=rows, created=created, form=form, pages=None)
    status = 422 if form.errors or form.summary else 200
    return await office_page(request, site, visitor, "office/invitations.html", view, status)


def _invitation_row(visitor: Visitor, each: Invitation) -> Any:
    _ = visitor.words.gettext
    live = each.revoked_at is None and each.expires_at > clock.now() and each.uses_left > 0
    if each.revoked_at:
        state = _("Revoked")
    elif each.expires_at <= clock.now():
        state = _("Expired")
    else:
        state = _("Open") if each.uses_left else _("Used up")
    return page(
        id=each.id,
        code=each.id.removeprefix("inv_")[-8:].upper(),
        inviter=each.inviter_name,
        email=each.email or None,
        used_text=f"{each.uses - each.uses_left} / {each.uses}",
        expires=i18n.format_date(each.expires_at, visitor.locale, visitor.zone, style="medium"),
        state=state,
        live=live,
    )


@post("/office/invitations", include_in_schema=False)
async def invite(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    _ = visitor.words.gettext
    errors = {}
    if not typed.get("inviter", "").strip():
        errors["inviter"] = _("Please tell us your name.")
    if not typed.get("uses", "").isdecimal() or not 1 <= int(typed["uses"]) <= 1000:
        errors["uses"] = _("A number from 1 to 1,000.")
    days = _days_until(typed.get("expires", ""))
    if not 1 <= days <= 366:
        errors["expires"] = _("A day in the coming year.")
    if errors:
        return await _invitations(request, site, visitor, Form(data=typed, errors=errors))
    try:
        made = await site.membership.invite(
            inviter_id=visitor.id,
            inviter_name=typed["inviter"].strip(),
            uses=int(typed["uses"]),
            days=days,
            email=typed.get("email", "").strip(),
            note=typed.get("note", "").strip(),
            locale=visitor.locale,
            key=typed.get("idempotency_key", ""),
        )
    except Refusal as refusal:
        return await _invitations(
            request, site, visitor, Form(data=typed, summary=refusal_text(visitor.words, refusal))
        )
    return see(f"/office/invitations?made={made.invitation.id}")


def _days_until(text: str) -> int:
    try:
        return (date.fromisoformat(text) - clock.now().date()).days
    except ValueError:
        return 0


@post("/office/invitations/{invitation_id:str}/revoke", include_in_schema=False)
async def revoke(
    invitation_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    await found[0].membership.revoke_invitation(invitation_id=invitation_id)
    return see("/office/invitations", "saved")
