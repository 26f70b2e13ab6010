"""The bag: what a member wants, at today's price and with today's stock, and the codes that they have entered."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.sagas.checkout.contract import CheckoutQuote, QuotedPiece
from luxe.services.orders.contract import Address
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.storefront import codes
from luxe.web.storefront.changes import gone_text, note_seen, price_text, stock_text
from luxe.web.storefront.contents import (
    Contents,
    contents,
    promise_text,
    reason_texts,
    totals,
    why,
)
from luxe.web.storefront.guard import member
from luxe.web.storefront.pictures import picture_view, total_price
from luxe.web.storefront.piece import delivery_date
from luxe.web.views import Price, page
from luxe.web.words import code_text


@get("/bag", include_in_schema=False)
async def show(
    request: WebRequest, principal: Principal, house: House, problem: str = "", code: str = ""
) -> Response[str] | Redirect:
    """`code` says why a code that was just entered is of no use."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    entered = codes.entered(request, site, visitor)
    inside = await contents(site, visitor, entered, await _address(site, visitor))
    _ = visitor.words.gettext
    wanted = {line.variant_id: line.quantity for line in inside.bag.lines}
    view = page(
        lines=[_line(visitor, inside, line, wanted[line.variant_id]) for line in inside.buyable],
        gone=[_gone(visitor, inside, variant) for variant in inside.gone],
        totals=totals(visitor, inside.quote),
        codes=codes.codes_view(visitor, inside.quote, entered, "/bag", code),
        reasons=why(visitor, inside),
        delivery_text=_("With you by %(date)s") % {"date": delivery_date(visitor, inside.complete_on)},
        problem=code_text(visitor.words, problem) if problem else None,
    )
    answer = await site.page(request, visitor, "storefront/shop/bag.html", view)
    await note_seen(site, visitor, inside)
    codes.forget_wrong(request, site, visitor, inside.quote, answer)
    return answer


async def _address(site: Site, visitor: Visitor) -> Address | None:
    """Where the member's orders go to: delivery, taxes and some vouchers depend on it."""
    saved = await site.orders.addresses(account_id=visitor.id)
    return saved[0].address if saved else None


@post("/bag/codes", include_in_schema=False)
async def enter_code(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    """Keeps a code that is good for what is in the bag; any other is refused, and what was entered before stays."""
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    here = _back(typed)
    code, entered = typed.get("code", "").strip(), codes.entered(request, site, visitor)
    if not 0 < len(code) <= codes.LONGEST:
        return see(f"{here}?code=code_invalid")
    if len(entered) >= codes.MOST:
        return see(f"{here}?code=codes_full")
    inside = await contents(site, visitor, [*entered, code], await _address(site, visitor))
    if not inside.buyable:
        return see("/bag")
    if inside.trouble == "too_many_attempts":
        return see(f"{here}?code={inside.trouble}")
    if reason := _against(inside.quote, code):
        return see(f"{here}?code={reason}")
    answer = see(here)
    if code in _good(inside.quote):
        codes.remember(site, visitor, answer, [*(each for each in entered if each != code), code])
    return answer


def _good(quote: CheckoutQuote) -> set[str]:
    return {each.code for each in quote.discounts} | {each.code for each in quote.gifts}


def _against(quote: CheckoutQuote, code: str) -> str:
    """Why a code is of no use; nothing for one that is, or that stands for one that was entered in another spelling."""
    return next((each.reason for each in quote.rejected if each.code == code), "")


@post("/bag/codes/remove", include_in_schema=False)
async def remove_code(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    answer = see(_back(typed))
    left = [each for each in codes.entered(request, site, visitor) if each != typed.get("code", "")]
    codes.remember(site, visitor, answer, left)
    return answer


def _back(typed: dict[str, str]) -> str:
    return "/checkout" if typed.get("return_to") == "/checkout" else "/bag"


def _line(visitor: Visitor, inside: Contents, line: QuotedPiece, wanted: int) -> Any:
    piece = inside.pieces[line.variant_id]
    left = inside.left(line.variant_id)
    return page(
        id=line.variant_id,
        url=f"/piece/{piece.slug}?variant={line.variant_id}",
        house=piece.brand,
        name=piece.title,
        detail=piece.label,
        picture=picture_view(piece.picture),
        price=total_price(visitor, line.after),
        reasons=reason_texts(visitor, line.reasons),
        promise=promise_text(visitor, inside.stock[line.variant_id].available_on),
        quantity=line.quantity,
        quantities=list(range(1, min(left, 10) + 1)),
        hold_text=None,
        change=price_text(visitor, inside, line.variant_id),
        note=stock_text(visitor, inside, line.variant_id, wanted),
        was=wanted,
    )


def _gone(visitor: Visitor, inside: Contents, variant: str) -> Any:
    piece = inside.pieces.get(variant)
    return page(
        id=variant,
        url=f"/piece/{piece.slug}" if piece and piece.on_sale else "/pieces",
        house=piece.brand if piece else "",
        name=piece.title if piece else visitor.words.gettext("A piece that was withdrawn"),
        detail=piece.label if piece else "",
        picture=picture_view(piece.picture) if piece else None,
        price=Price(text=""),
        reasons=[],
        promise=None,
        quantity=0,
        quantities=[],
        hold_text=None,
        change=None,
        note=gone_text(visitor, inside, variant),
        was=next(line.quantity for line in inside.bag.lines if line.variant_id == variant),
    )


@post("/bag/lines", include_in_schema=False)
async def add(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    variant = typed.get("variant", "")
    try:
        prices = await site.pricing.prices(variant_ids=[variant], currency=visitor.currency)
        await site.bag.add(
            account_id=visitor.id,
            variant_id=variant,
            quantity=1,
            key=typed.get("idempotency_key", ""),
            seen=prices[0].price if prices else None,
        )
    except Refusal as refusal:
        return see(f"/bag?problem={refusal.code}")
    back = request.headers.get("hx-current-url", "") if request.headers.get("hx-request") else ""
    return see(_path_of(back) if back else "/bag", "in_bag")


def _path_of(url: str) -> str:
    rest = url.partition("://")[2].partition("/")[2]
    return "/" + rest


@post("/bag/lines/{variant:str}", include_in_schema=False)
async def change(
    variant: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    quantity = (await fields(request)).get("quantity", "")
    return await _put(variant, int(quantity) if quantity.isdecimal() else -1, request, principal, house)


@post("/bag/lines/{variant:str}/remove", include_in_schema=False)
async def remove(
    variant: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    return await _put(variant, 0, request, principal, house)


async def _put(
    variant: str, quantity: int, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    was = (await fields(request)).get("was", "")
    try:
        await site.bag.put(
            account_id=visitor.id,
            variant_id=variant,
            quantity=quantity,
            was=int(was) if was.isdecimal() else None,
        )
    except Refusal as refusal:
        return see(f"/bag?problem={refusal.code}")
    return see("/bag")
