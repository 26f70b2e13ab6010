"""Paying by card within our page: the fields are the provider's, in a frame of its own origin; only a token comes to us."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.payments.contract import Method
from luxe.web.onward import onward
from luxe.web.site import WebRequest, fields, see
from luxe.web.storefront.guard import member
from luxe.web.views import page
from luxe.web.words import code_text

_TOKEN = re.compile(r"tok_[0-9a-f]{32}")


def within(methods: list[Method], method: str, run: str) -> str:
    """Our page for this payment, if the provider has fields for it."""
    fits = any(each.id == method and each.kind == "hosted_fields" for each in methods)
    return f"/pay/card/{run}" if fits and run else ""


@get("/pay/card/{run:str}", include_in_schema=False)
async def show(
    run: str, request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    card = await site.payments.card_page(run=run, account_id=visitor.id)
    if not card.frame_url:
        return see(card.return_path)
    parts = urlsplit(card.frame_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    view = page(
        run=run,
        amount_text=i18n.format_money(card.amount, visitor.locale),
        frame_url=card.frame_url,
        frame_origin=origin,
        hosted_url=card.hosted_url,
        problem=code_text(visitor.words, problem) if problem else "",
    )
    status = 422 if problem else 200
    return await site.page(request, visitor, "storefront/shop/card.html", view, status=status, frame=origin)


@post("/pay/card/{run:str}", include_in_schema=False)
async def confirm(
    run: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    """3-D Secure is on the provider's page; everything else leads to where the purchase waits."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    token = (await fields(request)).get("token", "")
    if not _TOKEN.fullmatch(token):
        return see(f"/pay/card/{run}?problem=token_unknown")
    try:
        intent = await site.payments.confirm_card(run=run, account_id=visitor.id, token=token)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        code = "token_unknown" if refusal.code == "token_unknown" else "unavailable"
        return see(f"/pay/card/{run}?problem={code}")
    if intent.state == "requires_action":
        return await onward(request, site, visitor, see(intent.hosted_url))
    return see((await site.payments.card_page(run=run, account_id=visitor.id)).return_path)
