"""The rooms of the account where things are changed: sign-in and devices, addresses, preferences, privacy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.storefront.addresses import address_errors, address_lines, country_choices, typed_address
from luxe.web.storefront.guard import member
from luxe.web.views import Form, page
from luxe.web.words import refusal_text

LETTERS_VERSION = "2026-11"


def _day(visitor: Visitor, moment: datetime) -> str:
    return i18n.format_date(moment, visitor.locale, visitor.zone)


def _device(visitor: Visitor, label: str) -> str:
    """Identity names a browser's device in English, `Safari on iPhone`; what a program calls itself stays as it is."""
    _ = visitor.words.gettext
    browser, on, system = label.partition(" on ")
    if on:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return _("A device") if label in ("", "Unknown device") else label


@get("/account/security", include_in_schema=False)
async def security(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    return found if isinstance(found, Redirect) else await _security(request, *found, Form())


async def _security(request: WebRequest, site: Site, visitor: Visitor, form: Form) -> Response[str]:
    _ = visitor.words.gettext
    assert visitor.account is not None
    keys = await site.identity.passkeys(account_id=visitor.id)
    sessions = await site.identity.sessions(account_id=visitor.id)
    view = page(
        passkeys=[
            page(
                id=key.id,
                name=key.label,
                added=_("Added %(date)s") % {"date": _day(visitor, key.added_at)},
                last_used=_("last used %(date)s") % {"date": _day(visitor, key.used_at)}
                if key.used_at
                else _("not used yet"),
            )
            for key in keys
        ],
        sessions=[
            page(
                id=each.id,
                device=_device(visitor, each.device),
                place=_("Since %(date)s") % {"date": _day(visitor, each.started_at)},
                last_seen=i18n.format_datetime(each.seen_at, visitor.locale, visitor.zone),
                current=each.id == visitor.principal.credential,
            )
            for each in sessions
        ],
        has_password=visitor.account.has_password,
        email=visitor.account.email,
        form=form,
    )
    status = 422 if form.errors or form.summary else 200
    return await site.page(request, visitor, "storefront/account/security.html", view, status=status)


@post("/account/passkeys/{passkey_id:str}/remove", include_in_schema=False)
async def remove_passkey(
    passkey_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    try:
        await site.identity.remove_passkey(account_id=visitor.id, passkey_id=passkey_id)
    except Refusal as refusal:
        return await _security(request, site, visitor, Form(summary=refusal_text(visitor.words, refusal)))
    return see("/account/security", "saved")


@post("/account/sessions/{session_id:str}/end", include_in_schema=False)
async def end_session(
    session_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    if session_id in {each.id for each in await site.identity.sessions(account_id=visitor.id)}:
        await site.identity.sign_out(session_id=session_id)
    return see("/account/security", "saved")


@post("/account/sessions/end-all", include_in_schema=False)
async def end_all(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    await site.identity.sign_out_everywhere(
        account_id=visitor.id, except_session=visitor.principal.credential
    )
    return see("/account/security", "signed_out_everywhere")


@post("/account/password", include_in_schema=False)
async def password(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    try:
        await site.identity.change_password(
            account_id=visitor.id,
            current=typed.get("password", ""),
            new=typed.get("new_password", ""),
            session_id=visitor.principal.credential,
        )
    except Refusal as refusal:
        field = "password" if refusal.code == "sign_in_failed" else "new_password"
        form = Form(errors={field: refusal_text(visitor.words, refusal)})
        return await _security(request, site, visitor, form)
    return see("/account/security", "saved")


@get("/account/addresses", include_in_schema=False)
async def addresses(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    return found if isinstance(found, Redirect) else await _addresses(request, *found, Form())


async def _addresses(request: WebRequest, site: Site, visitor: Visitor, form: Form) -> Response[str]:
    saved = await site.orders.addresses(account_id=visitor.id)
    view = page(
        addresses=[
            page(id=each.id, lines=address_lines(visitor, each.address), is_default=index == 0)
            for index, each in enumerate(saved)
        ],
        countries=country_choices(visitor),
        form=form,
    )
    status = 422 if form.errors or form.summary else 200
    return await site.page(request, visitor, "storefront/account/addresses.html", view, status=status)


@post("/account/addresses", include_in_schema=False)
async def add_address(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    try:
        await site.orders.save_address(account_id=visitor.id, address=typed_address(typed))
    except Refusal as refusal:
        return await _addresses(request, site, visitor, address_errors(visitor, typed, refusal))
    return see("/account/addresses", "saved")


@post("/account/addresses/{address_id:str}/default", include_in_schema=False)
async def prefer_address(
    address_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    for each in await site.orders.addresses(account_id=visitor.id):
        if each.id == address_id:
            await site.orders.save_address(account_id=visitor.id, address=each.address)
    return see("/account/addresses", "saved")


@post("/account/addresses/{address_id:str}/remove", include_in_schema=False)
async def remove_address(
    address_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    await site.orders.forget_address(account_id=visitor.id, address_id=address_id)
    return see("/account/addresses", "saved")


@get("/account/preferences", include_in_schema=False)
async def preferences(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    return await site.page(request, visitor, "storefront/account/preferences.html", page())


@get("/account/privacy", include_in_schema=False)
async def privacy(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _ = visitor.words.gettext
    given = {each.purpose: each.given for each in await site.compliance.consents(account_id=visitor.id)}
    view = page(
        consents=[
            page(
                name="service",
                text=_("Messages about my orders and my membership (always sent)"),
                given=True,
                required=True,
            ),
            page(
                name="newsletter",
                text=_("Letters about new pieces, at most one a week"),
                given=given.get("newsletter", False),
                required=False,
            ),
        ],
    )
    return await site.page(request, visitor, "storefront/account/privacy.html", view)


@post("/account/privacy/consents", include_in_schema=False)
async def consents(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    await site.compliance.record_consent(
        account_id=visitor.id, purpose="newsletter", version=LETTERS_VERSION, given="newsletter" in typed
    )
    return see("/account/privacy", "saved")
