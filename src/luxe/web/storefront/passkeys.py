"""The passkey endpoints that the island calls: options, then the credential; both answer JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import MediaType, Response, post

from luxe.kernel.auth import Principal
from luxe.kernel.errors import BadRequest, Refusal, Unauthenticated
from luxe.kernel.house import House
from luxe.web.site import (
    Site,
    WebRequest,
    address_of,
    device_of,
    is_secure,
    local_path,
    site_of,
    with_session,
)
from luxe.web.storefront.register import NewAccount, open_account
from luxe.web.words import refusal_text

CHALLENGE_COOKIE = "luxe_challenge"


class RegisterOptions(msgspec.Struct, frozen=True):
    """What the form around the button holds: a new account's fields, a recovery token, or nothing."""

    name: str = ""
    email: str = ""
    terms: str = ""
    token: str = ""


class Finished(msgspec.Struct, frozen=True):
    credential: dict[str, Any]
    return_to: str = "/"


@post("/passkey/register/options", include_in_schema=False, status_code=200)
async def register_options(
    data: RegisterOptions, request: WebRequest, principal: Principal, house: House
) -> Response[Any]:
    site = site_of(house)
    try:
        token = ""
        if data.token:
            signed = await site.identity.recover(
                token=data.token, password=None, device=device_of(request), address=address_of(request)
            )
            account_id, token = signed.account.id, signed.token
        elif principal.known:
            account_id = principal.subject
        else:
            new = NewAccount(name=data.name, email=data.email, password=None, terms=bool(data.terms))
            signed = await open_account(request, site, new)
            account_id, token = signed.account.id, signed.token
        challenge = await site.identity.begin_passkey(account_id=account_id)
    except Refusal as refusal:
        return await _refused(request, site, principal, refusal)
    answer = _options(challenge.id, challenge.options, is_secure(site))
    return with_session(answer, token, is_secure(site)) if token else answer


@post("/passkey/register", include_in_schema=False, status_code=200)
async def register(data: Finished, request: WebRequest, principal: Principal, house: House) -> Response[Any]:
    site = site_of(house)
    try:
        if not principal.known:
            raise Unauthenticated("sign in first")
        await site.identity.finish_passkey(
            account_id=principal.subject,
            challenge_id=_challenge(request),
            credential=msgspec.json.encode(data.credential).decode(),
            label=_label(request),
        )
    except Refusal as refusal:
        return await _refused(request, site, principal, refusal)
    return Response({"location": "/account/security" if "member" in principal.roles else "/join/application"})


@post("/passkey/sign-in/options", include_in_schema=False, status_code=200)
async def sign_in_options(request: WebRequest, principal: Principal, house: House) -> Response[Any]:
    site = site_of(house)
    try:
        challenge = await site.identity.begin_passkey_sign_in()
    except Refusal as refusal:
        return await _refused(request, site, principal, refusal)
    return _options(challenge.id, challenge.options, is_secure(site))


@post("/passkey/sign-in", include_in_schema=False, status_code=200)
async def sign_in(data: Finished, request: WebRequest, principal: Principal, house: House) -> Response[Any]:
    site = site_of(house)
    try:
        signed = await site.identity.finish_passkey_sign_in(
            challenge_id=_challenge(request),
            credential=msgspec.json.encode(data.credential).decode(),
            device=device_of(request),
            address=address_of(request),
        )
    except Refusal as refusal:
        return await _refused(request, site, principal, refusal)
    answer = Response({"location": local_path(data.return_to)})
    return with_session(answer, signed.token, is_secure(site))


def _options(challenge_id: str, options: str, secure: bool) -> Response[Any]:
    answer: Response[Any] = Response(options.encode(), media_type=MediaType.JSON)
    answer.set_cookie(
        key=CHALLENGE_COOKIE,
        value=challenge_id,
        path="/passkey",
        httponly=True,
        samesite="strict",
        secure=secure,
        max_age=300,
    )
    return answer


def _challenge(request: WebRequest) -> str:
    found = request.cookies.get(CHALLENGE_COOKIE, "")
    if not found:
        raise BadRequest("no challenge was asked for", code="challenge_unknown")
    return found


def _label(request: WebRequest) -> str:
    agent = device_of(request)
    known = ("iPhone", "iPad", "Android", "Macintosh", "Windows", "Linux")
    return next((name for name in known if name in agent), "Passkey")


async def _refused(request: WebRequest, site: Site, principal: Principal, refusal: Refusal) -> Response[Any]:
    visitor = await site.visitor(request, principal)
    problem = refusal.problem() | {"detail": refusal_text(visitor.words, refusal)}
    return Response(problem, status_code=refusal.status, media_type="application/problem+json")
