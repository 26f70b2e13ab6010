"""What a member wishes for, and the sold-out pieces that they are told about when they are back."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.bag.contract import Wait
from luxe.services.catalog.contract import VariantLine
from luxe.services.inventory.contract import Availability
from luxe.web.site import Site, Visitor, WebRequest, fields, local_path, see
from luxe.web.storefront.guard import member
from luxe.web.storefront.pictures import picture_view, tiles
from luxe.web.views import Form, page
from luxe.web.words import code_text

HERE = "/account/wishes"
WISHES_SHOWN = 60


@get(HERE, include_in_schema=False)
async def wishes(
    request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    waits, wished = await asyncio.gather(
        site.bag.waits(account_id=visitor.id), site.bag.wishes(account_id=visitor.id)
    )
    view = page(
        waits=await _waits(site, visitor, waits),
        wishes=await tiles(site, visitor, wished[:WISHES_SHOWN]),
        form=Form(summary=code_text(visitor.words, problem)) if problem else Form(),
    )
    return await site.page(request, visitor, "storefront/account/wishes.html", view)


async def _waits(site: Site, visitor: Visitor, waits: list[Wait]) -> list[Any]:
    ids = [each.variant_id for each in waits]
    if not ids:
        return []
    lines, stock = await asyncio.gather(
        site.catalog.lines(variant_ids=ids, locale=visitor.locale),
        site.inventory.availability(variant_ids=ids),
    )
    pieces = {line.variant_id: line for line in lines}
    return [
        _wait(visitor, each, pieces[each.variant_id], left)
        for each, left in zip(waits, stock, strict=True)
        if each.variant_id in pieces
    ]


def _wait(visitor: Visitor, wait: Wait, piece: VariantLine, stock: Availability) -> Any:
    return page(
        id=wait.variant_id,
        url=f"/piece/{piece.slug}?variant={wait.variant_id}",
        house=piece.brand,
        name=piece.title,
        detail=piece.label,
        picture=picture_view(piece.picture),
        state=_state(visitor, wait, piece, stock),
    )


def _state(visitor: Visitor, wait: Wait, piece: VariantLine, stock: Availability) -> str:
    _ = visitor.words.gettext
    if not piece.on_sale:
        return _("No longer sold in this house")
    if stock.available and wait.told_at is not None:
        return _("It is back. We wrote to you on %(date)s.") % {
            "date": i18n.format_date(wait.told_at, visitor.locale, visitor.zone)
        }
    if stock.available:
        return _("It is back.")
    return _("Sold out. You asked on %(date)s, and we write when it is back.") % {
        "date": i18n.format_date(wait.asked_at, visitor.locale, visitor.zone)
    }


@post("/waits/{variant_id:str}", include_in_schema=False)
async def wait(
    variant_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    wanted, back = typed.get("wanted") == "yes", local_path(typed.get("return_to", ""), HERE)
    try:
        await site.bag.wait_for(account_id=visitor.id, variant_id=variant_id, wanted=wanted)
    except Refusal as refusal:
        return see(f"{HERE}?problem={refusal.code}")
    return see(back, "waiting" if wanted else "saved")


@post("/wishes/{product_id:str}", include_in_schema=False)
async def wish(
    product_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    wanted, back = typed.get("wanted") == "yes", local_path(typed.get("return_to", ""), HERE)
    try:
        await site.bag.wish(account_id=visitor.id, product_id=product_id, wanted=wanted)
    except Refusal as refusal:
        return see(f"{HERE}?problem={refusal.code}")
    return see(back, "saved")
