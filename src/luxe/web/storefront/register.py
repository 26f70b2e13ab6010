"""Opening an account behind an invitation, by either way in."""

from __future__ import annotations

import msgspec

from luxe.kernel import context
from luxe.kernel.errors import BadRequest, NotFound, Refusal
from luxe.services.identity.contract import SignedIn
from luxe.web.site import Site, WebRequest, address_of, device_of
from luxe.web.storefront.door import INVITATION_COOKIE

TERMS_VERSION = "2026-11"


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`password` None for the passkey way."""

    name: str
    email: str
    password: str | None
    terms: bool
    zone: str = "UTC"


async def open_account(request: WebRequest, site: Site, new: NewAccount) -> SignedIn:
    """Takes a place of the invitation, registers, records the consent and signs in.

    Raises `invitation_invalid`, `terms_missing`, `name_missing` and what identity's `register` refuses.
    """
    code = request.cookies.get(INVITATION_COOKIE, "")
    if not code:
        raise NotFound("no invitation", code="invitation_invalid")
    if not new.terms:
        raise BadRequest("the terms are not agreed to", code="terms_missing")
    if not new.name.strip():
        raise BadRequest("a name is needed", code="name_missing")
    try:
        return await _register(request, site, new, code)
    except Refusal as refusal:
        signed = await _pressed_again(request, site, new, refusal)
        if signed is None:
            raise
        return signed


async def _pressed_again(
    request: WebRequest, site: Site, new: NewAccount, refusal: Refusal
) -> SignedIn | None:
    """Where the account is there already and opens with the password just typed, the form was sent twice."""
    if refusal.code not in ("email_taken", "invitation_invalid") or not new.password:
        return None
    try:
        return await site.identity.sign_in(
            email=new.email, password=new.password, device=device_of(request), address=address_of(request)
        )
    except Refusal:
        return None


async def _register(request: WebRequest, site: Site, new: NewAccount, code: str) -> SignedIn:
    place = await site.membership.take_place(code=code, email=new.email)
    account = await site.identity.register(
        place=place.id,
        email=new.email,
        name=new.name.strip(),
        locale=context.current().locale,
        currency=site.settings.base_currency,
        zone=new.zone,
        password=new.password,
    )
    await site.compliance.record_consent(
        account_id=account.id, purpose="terms", version=TERMS_VERSION, given=True
    )
    return await site.identity.open_session(
        account_id=account.id,
        device=device_of(request),
        address=address_of(request),
        method="password" if new.password else "registration",
    )
