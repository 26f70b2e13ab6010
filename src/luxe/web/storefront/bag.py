"""The bag: what a member wants, at today's price and with today's stock."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.bag.contract import Bag
from luxe.services.catalog.contract import VariantLine
from luxe.services.pricing.contract import Quote, QuotedLine, QuoteLine
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.storefront.guard import member
from luxe.web.storefront.pictures import picture_view, total_price
from luxe.web.storefront.piece import delivery_date
from luxe.web.views import Line, Price, Total, page
from luxe.web.words import code_text


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """A bag with what others know of its lines; `gone` cannot be bought now."""

    bag: Bag
    pieces: dict[str, VariantLine]
    available: dict[str, int]
    quote: Quote
    gone: list[str]

    @property
    def buyable(self) -> list[QuotedLine]:
        return [line for line in self.quote.lines if line.variant_id not in self.gone]


async def contents(site: Site, visitor: Visitor) -> Contents:
    """Four calls, whatever the number of lines."""
    bag = await site.bag.bag(account_id=visitor.id)
    ids = [line.variant_id for line in bag.lines]
    if not ids:
        nothing = await site.pricing.quote(lines=[], currency=visitor.currency)
        return Contents(bag=bag, pieces={}, available={}, quote=nothing, gone=[])
    shown, stock = await asyncio.gather(
        site.catalog.lines(variant_ids=ids, locale=visitor.locale),
        site.inventory.availability(variant_ids=ids),
    )
    pieces = {line.variant_id: line for line in shown}
    available = {each.variant_id: each.available for each in stock}
    gone = [
        line.variant_id
        for line in bag.lines
        if line.variant_id not in pieces
        or not pieces[line.variant_id].on_sale
        or available.get(line.variant_id, 0) < 1
    ]
    wanted = [
        QuoteLine(variant_id=line.variant_id, quantity=min(line.quantity, available[line.variant_id]))
        for line in bag.lines
        if line.variant_id not in gone
    ]
    quote = await site.pricing.quote(lines=wanted, currency=visitor.currency)
    return Contents(bag=bag, pieces=pieces, available=available, quote=quote, gone=[*gone, *quote.unpriced])


@get("/bag", include_in_schema=False)
async def show(
    request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    inside = await contents(site, visitor)
    _ = visitor.words.gettext
    wanted = {line.variant_id: line.quantity for line in inside.bag.lines}
    view = page(
        lines=[_line(visitor, inside, line, wanted[line.variant_id]) for line in inside.buyable],
        gone=[_gone(visitor, inside, variant) for variant in inside.gone],
        totals=totals(visitor, inside.quote),
        reasons=[
            _("This is the house's own price in %(currency)s, tax included. It is the same for every member.")
            % {"currency": visitor.currency}
        ],
        delivery_text=_("With you by %(date)s") % {"date": delivery_date(visitor)},
        problem=code_text(visitor.words, problem) if problem else None,
    )
    return await site.page(request, visitor, "storefront/shop/bag.html", view)


def totals(visitor: Visitor, quote: Quote, *more: Total) -> list[Total]:
    """Goods, delivery, whatever `more` says, and the sum."""
    _ = visitor.words.gettext
    delivery = i18n.format_money(quote.delivery, visitor.locale) if quote.delivery.minor else _("Included")
    return [
        Total(label=_("Pieces"), value=i18n.format_money(quote.goods, visitor.locale)),
        Total(label=_("Delivery by hand"), value=delivery),
        *more,
        Total(
            label=_("Total"),
            value=i18n.format_money(quote.total, visitor.locale),
            note=_("Duties and taxes included"),
            sum=True,
        ),
    ]


def _line(visitor: Visitor, inside: Contents, line: QuotedLine, wanted: int) -> Any:
    piece = inside.pieces[line.variant_id]
    left = inside.available[line.variant_id]
    note = None
    if wanted > left:
        note = visitor.words.ngettext("Only %(num)s is left.", "Only %(num)s are left.", left) % {
            "num": i18n.format_number(left, visitor.locale)
        }
    return page(
        id=line.variant_id,
        url=f"/piece/{piece.slug}?variant={line.variant_id}",
        house=piece.brand,
        name=piece.title,
        detail=piece.label,
        picture=picture_view(piece.picture),
        price=total_price(visitor, line.total),
        quantity=line.quantity,
        quantities=list(range(1, min(left, 10) + 1)),
        hold_text=None,
        note=note,
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
        quantity=0,
        quantities=[],
        hold_text=None,
        note=None,
    )


def summary_lines(visitor: Visitor, inside: Contents) -> list[Line]:
    """The buyable lines, read-only."""
    return [
        Line(
            name=piece.title,
            house=piece.brand,
            url=f"/piece/{piece.slug}",
            detail=piece.label,
            quantity_text=f"× {line.quantity}" if line.quantity > 1 else "",
            price=total_price(visitor, line.total),
            picture=picture_view(piece.picture),
        )
        for line in inside.buyable
        for piece in (inside.pieces[line.variant_id],)
    ]


@post("/bag/lines", include_in_schema=False)
async def add(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    variant = typed.get("variant", "")
    try:
        await site.bag.add(
            account_id=visitor.id, variant_id=variant, quantity=1, key=typed.get("idempotency_key", "")
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
    typed = await fields(request)
    quantity = typed.get("quantity", "")
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
    try:
        await site.bag.put(account_id=visitor.id, variant_id=variant, quantity=quantity)
    except Refusal as refusal:
        return see(f"/bag?problem={refusal.code}")
    return see("/bag")
