"""The door: gate, sign-in, recovery. Outsiders see these pages and nothing else."""

from __future__ import annotations

from pathlib import Path

from litestar import Response, get, post
from litestar.response import File, Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound, Refusal
from luxe.kernel.house import House
from luxe.kernel.http_edges import LOCALE_COOKIE
from luxe.kernel.i18n import CURRENCIES, LOCALES
from luxe.web.site import (
    Site,
    Visitor,
    WebRequest,
    address_of,
    device_of,
    fields,
    is_secure,
    local_path,
    see,
    site_of,
    with_session,
)
from luxe.web.views import Form, Picture, Source, page
from luxe.web.words import refusal_text

INVITATION_COOKIE = "luxe_invitation"
_DOOR = ("door.avif", "door.webp", "door.jpg")


def door_picture(site: Site, visitor: Visitor) -> Picture | None:
    """The one picture that strangers see; the house puts it into its data folder."""
    if not (site.settings.data_dir / "public" / "door.webp").exists():
        return None
    alt = visitor.words.gettext("A green door in an arch of travertine")
    sources = [Source(type="image/webp", srcset="/door/door.webp 2000w")]
    return Picture(src="/door/door.webp", sources=sources, width=2000, height=1250, colour="#cfc8bd", alt=alt)


@get("/door/{name:str}", include_in_schema=False)
async def door_file(name: str, house: House) -> File:
    path: Path = house.settings.data_dir / "public" / name
    if name not in _DOOR or not path.exists():
        raise NotFound
    return File(path, content_disposition_type="inline", headers={"cache-control": "public, max-age=86400"})


async def show_gate(
    request: WebRequest, site: Site, visitor: Visitor, form: Form, inviter: str = ""
) -> Response[str]:
    view = page(picture=door_picture(site, visitor), inviter=inviter or None, waiting=False, form=form)
    return await site.page(
        request, visitor, "storefront/door/gate.html", view, status=422 if form.errors else 200
    )


async def gate_answer(
    request: WebRequest, site: Site, visitor: Visitor, code: str
) -> Response[str] | Response[None]:
    """Lets somebody with a valid code on to the account page; a wrong one tells nothing."""
    try:
        await site.membership.look_at_invitation(code=code)
    except Refusal as refusal:
        error = refusal_text(visitor.words, refusal)
        return await show_gate(request, site, visitor, Form(data={"code": code}, errors={"code": error}))
    answer = see("/join/account")
    answer.set_cookie(
        key=INVITATION_COOKIE, value=code, path="/", httponly=True, samesite="lax", max_age=7200
    )
    return answer


@post("/gate", include_in_schema=False)
async def enter(request: WebRequest, principal: Principal, house: House) -> Response[str] | Response[None]:
    site = site_of(house)
    visitor = await site.visitor(request, principal)
    return await gate_answer(request, site, visitor, (await fields(request)).get("code", "").strip())


@get("/sign-in", include_in_schema=False)
async def sign_in_page(
    request: WebRequest, principal: Principal, house: House, return_to: str = "/"
) -> Response[str] | Redirect:
    if principal.known:
        return Redirect(local_path(return_to))
    site = site_of(house)
    return await _sign_in(request, site, await site.visitor(request, principal), Form(), return_to)


async def _sign_in(
    request: WebRequest, site: Site, visitor: Visitor, form: Form, return_to: str
) -> Response[str]:
    view = page(picture=door_picture(site, visitor), return_to=local_path(return_to), form=form)
    return await site.page(
        request,
        visitor,
        "storefront/door/sign_in.html",
        view,
        status=422 if form.summary or form.errors else 200,
    )


@post("/sign-in", include_in_schema=False)
async def sign_in(request: WebRequest, principal: Principal, house: House) -> Response[str] | Response[None]:
    site = site_of(house)
    typed = await fields(request)
    visitor = await site.visitor(request, principal)
    try:
        signed = await site.identity.sign_in(
            email=typed.get("email", ""),
            password=typed.get("password", ""),
            device=device_of(request),
            address=address_of(request),
        )
    except Refusal as refusal:
        form = Form(data={"email": typed.get("email", "")}, summary=refusal_text(visitor.words, refusal))
        return await _sign_in(request, site, visitor, form, typed.get("return_to", "/"))
    return with_session(see(local_path(typed.get("return_to", "/"))), signed.token, secure=is_secure(site))


@post("/sign-out", include_in_schema=False)
async def sign_out(principal: Principal, house: House) -> Response[None]:
    site = site_of(house)
    if principal.kind == "session":
        await site.identity.sign_out(session_id=principal.credential)
    return with_session(see("/", "signed_out"), "", secure=is_secure(site))


@get("/recover", include_in_schema=False)
async def recover_page(
    request: WebRequest, principal: Principal, house: House, token: str = "", sent: bool = False
) -> Response[str]:
    site = site_of(house)
    visitor = await site.visitor(request, principal)
    if token:
        return await _recover_finish(request, site, visitor, token, Form())
    view = page(picture=door_picture(site, visitor), sent=sent, form=Form())
    return await site.page(request, visitor, "storefront/door/recover.html", view)


@post("/recover", include_in_schema=False)
async def ask_recovery(request: WebRequest, house: House) -> Response[None]:
    site = site_of(house)
    await site.identity.ask_recovery(email=(await fields(request)).get("email", ""))
    return see("/recover?sent=true")


async def _recover_finish(
    request: WebRequest, site: Site, visitor: Visitor, token: str, form: Form
) -> Response[str]:
    view = page(picture=door_picture(site, visitor), token=token, form=form)
    return await site.page(
        request,
        visitor,
        "storefront/door/recover_finish.html",
        view,
        status=422 if form.summary or form.errors else 200,
    )


@post("/recover/{token:str}", include_in_schema=False)
async def recover(
    token: str, request: WebRequest, principal: Principal, house: House
) -> Response[str] | Response[None]:
    site = site_of(house)
    password = (await fields(request)).get("password", "")
    try:
        signed = await site.identity.recover(
            token=token, password=password or None, device=device_of(request), address=address_of(request)
        )
    except Refusal as refusal:
        visitor = await site.visitor(request, principal)
        text = refusal_text(visitor.words, refusal)
        form = Form(errors={"password": text}) if refusal.code == "password_weak" else Form(summary=text)
        return await _recover_finish(request, site, visitor, token, form)
    return with_session(see("/account/security", "saved"), signed.token, secure=is_secure(site))


@post("/preferences", include_in_schema=False)
async def preferences(request: WebRequest, principal: Principal, house: House) -> Response[None]:
    site = site_of(house)
    typed = await fields(request)
    answer = see(local_path(typed.get("return_to", "/")))
    locale = typed.get("language", "")
    if locale in LOCALES:
        answer.set_cookie(
            key=LOCALE_COOKIE, value=locale, path="/", httponly=True, samesite="lax", max_age=365 * 24 * 3600
        )
    if principal.known:
        account = await site.identity.account(account_id=principal.subject)
        currency = typed.get("currency", "")
        await site.identity.change_preferences(
            account_id=account.id,
            locale=locale if locale in LOCALES else account.locale,
            currency=currency if currency in CURRENCIES else account.currency,
            zone=account.zone,
            name=account.name,
        )
    return answer
