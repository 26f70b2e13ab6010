"""The page of a piece."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import msgspec
from litestar import Response, get
from litestar.response import Redirect
from markupsafe import Markup

from luxe.kernel import clock, i18n
from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.services.catalog.contract import ProductView, VariantView
from luxe.services.inventory.contract import Availability
from luxe.services.pricing.contract import Price as PriceOf
from luxe.services.search.contract import Query
from luxe.web.site import Site, Visitor, WebRequest
from luxe.web.storefront.guard import member
from luxe.web.storefront.pictures import picture_view, price_view, tiles
from luxe.web.views import Link, page
from luxe.web.words import code_text

DELIVERY_DAYS = 4


def delivery_date(visitor: Visitor, available_on: date | None = None) -> str:
    """The day by which a piece ordered now arrives, in the member's own zone; one that is still to come is sent on when it
    is there."""
    today = clock.now().astimezone(visitor.zone).date()
    first = today if available_on is None else max(today, available_on)
    return i18n.format_date(first + timedelta(days=DELIVERY_DAYS), visitor.locale, style="full")


class Wants(msgspec.Struct, frozen=True, kw_only=True):
    """The variants that the member waits for, and whether they wish for the piece."""

    waits: set[str]
    wished: bool


@get("/piece/{slug:str}", include_in_schema=False)
async def piece(
    slug: str, request: WebRequest, principal: Principal, house: House, variant: str = "", problem: str = ""
) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    product = await site.catalog.product(slug=slug, locale=visitor.locale)
    if product.slug != slug:
        return Redirect(f"/piece/{product.slug}", status_code=301)
    variant_ids = [each.id for each in product.variants]
    prices, stock, look, waits, wishes = await asyncio.gather(
        site.pricing.prices(variant_ids=variant_ids, currency=visitor.currency),
        site.inventory.availability(variant_ids=variant_ids),
        _look(site, visitor, product),
        site.bag.waits(account_id=visitor.id),
        site.bag.wishes(account_id=visitor.id),
    )
    wants = Wants(waits={each.variant_id for each in waits}, wished=product.id in wishes)
    priced = {each.variant_id: each for each in prices}
    view = _view(visitor, product, priced, stock, look, wants, variant, problem)
    return await site.page(request, visitor, "storefront/shop/piece.html", view)


async def _look(site: Site, visitor: Visitor, product: ProductView) -> list[Any]:
    """Four other pieces of the same house or, where it has none, of the same category, each with that reason."""
    _ = visitor.words.gettext
    query = Query(
        brands=[product.brand_slug], limit=5, currency=visitor.currency, locale=visitor.locale, sort="newest"
    )
    ids = [each for each in (await site.search.search(query=query)).product_ids if each != product.id][:4]
    return await tiles(site, visitor, ids, [_("Also by %(house)s") % {"house": product.brand}] * len(ids))


def _breadcrumb(visitor: Visitor, product: ProductView) -> list[Link]:
    home = Link(label=visitor.words.gettext("Home"), url="/")
    here = Link(label=product.title, url=f"/piece/{product.slug}", current=True)
    if not product.category:
        return [home, here]
    return [home, Link(label=product.category_name, url=f"/pieces/{product.category}"), here]


def _view(
    visitor: Visitor,
    product: ProductView,
    prices: dict[str, PriceOf],
    stock: list[Availability],
    look: list[Any],
    wants: Wants,
    wanted: str,
    problem: str,
) -> object:
    _ = visitor.words.gettext
    there = {each.variant_id: each for each in stock}
    left = {variant_id: each.available for variant_id, each in there.items()}
    chosen = next((each for each in product.variants if each.id == wanted), None) or next(
        (each for each in product.variants if left.get(each.id)), product.variants[0]
    )
    sold_out = not any(left.get(each.id) and each.id in prices for each in product.variants)
    pictures = [view for each in product.pictures if (view := picture_view(each)) is not None]
    model = page(src=product.model_url, alt=product.title, poster=pictures[0] if pictures else None)
    several = len(product.variants) > 1
    return page(
        breadcrumb=_breadcrumb(visitor, product),
        house=Link(label=product.brand, url=f"/houses/{product.brand_slug}"),
        name=product.title,
        badges=[*(["last"] if sum(left.values()) == 1 else []), *(["3d"] if product.model_url else [])],
        price=price_view(visitor, prices.get(chosen.id)),
        pictures=pictures,
        model=model if product.model_url else None,
        variants=_variants(visitor, product, chosen, prices, there),
        variant_label=" · ".join(option.name for option in product.options) or _("Choice")
        if several
        else None,
        availability=availability_text(visitor, there.get(chosen.id)),
        delivery_text=None
        if sold_out
        else _("With you by %(date)s") % {"date": delivery_date(visitor, _promised(there.get(chosen.id)))},
        sold_out=sold_out,
        here=f"/piece/{product.slug}?variant={chosen.id}",
        waits=[
            page(value=each.id, label=each.label or product.title, wanted=each.id in wants.waits)
            for each in product.variants
            if not left.get(each.id)
        ],
        wish_url=f"/wishes/{product.id}",
        wished=wants.wished,
        details_html=_details(product),
        size_text=_size_text(visitor, chosen),
        facts=[],
        provenance=_provenance(visitor, product, chosen),
        care=[product.care] if product.care else [],
        look=look,
        advisor_url="/advisor",
        max_quantity=1,
        problem=code_text(visitor.words, problem) if problem else None,
    )


def _variants(
    visitor: Visitor,
    product: ProductView,
    chosen: VariantView,
    prices: dict[str, PriceOf],
    stock: dict[str, Availability],
) -> list[Any]:
    def can_be_had(variant_id: str) -> bool:
        return variant_id in prices and variant_id in stock and stock[variant_id].available > 0

    return [
        page(
            value=each.id,
            label=each.label or product.title,
            current=each.id == chosen.id,
            disabled=not can_be_had(each.id),
            price_text=price_view(visitor, prices.get(each.id)).text,
            availability=availability_text(visitor, stock.get(each.id)),
        )
        for each in product.variants
    ]


def _details(product: ProductView) -> Markup:
    body = Markup(product.body)  # noqa: S704 - catalog sanitises every body before it is stored
    if not product.details:
        return body
    items = Markup("").join(Markup("<li>{}</li>").format(detail) for detail in product.details)
    return Markup("{}<ul>{}</ul>").format(body, items)


def _promised(stock: Availability | None) -> date | None:
    return stock.available_on if stock is not None else None


def availability_text(visitor: Visitor, stock: Availability | None) -> str:
    """How many there are; or, of one that is promised, on which day it is here."""
    _ = visitor.words
    available = stock.available if stock is not None else 0
    if stock is None or available <= 0:
        return _.gettext("Sold out")
    if stock.available_on is not None:
        date_text = i18n.format_date(stock.available_on, visitor.locale)
        return _.gettext("To order. Expected here by %(date)s") % {"date": date_text}
    if available == 1:
        return _.gettext("The last one")
    return _.ngettext("%(num)s available", "%(num)s available", available) % {
        "num": i18n.format_number(available, visitor.locale)
    }


def _size_text(visitor: Visitor, chosen: VariantView) -> str | None:
    if not chosen.weight_grams:
        return None
    weight = i18n.format_number(chosen.weight_grams, visitor.locale)
    return visitor.words.gettext("Weight %(grams)s g") % {"grams": weight}


def _provenance(visitor: Visitor, product: ProductView, chosen: VariantView) -> list[Any]:
    _ = visitor.words.gettext
    facts = [page(label=_("House"), value=product.brand), page(label=_("Reference"), value=chosen.sku)]
    if product.exclusive:
        facts.append(page(label=_("Where"), value=_("Only in this house")))
    return facts
