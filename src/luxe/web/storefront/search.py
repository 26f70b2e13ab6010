"""Search: a page that begins with the house's shelves, and suggestions while one types."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.services.search.contract import Query, Suggestion
from luxe.web.site import Site, Visitor, WebRequest
from luxe.web.storefront.guard import member
from luxe.web.storefront.listing import asked_of, pages_of, query_of
from luxe.web.storefront.pictures import tiles
from luxe.web.views import Link, page

NEWEST = 8


async def _shelves(site: Site, visitor: Visitor) -> tuple[list[Link], list[Link]]:
    """Houses and categories that hold something: where a search without words begins."""
    houses = [
        Link(label=each.name, url=f"/houses/{each.slug}")
        for each in await site.brands.brands()
        if each.supplied
    ]
    categories = [
        Link(label=each.name, url=f"/pieces/{each.slug}")
        for each in await site.categories(visitor.locale)
        if each.count
    ]
    return houses, categories


def _of_kind(suggested: list[Suggestion], kind: str) -> list[Link]:
    return [Link(label=each.text, url=each.href) for each in suggested if each.kind == kind]


async def _newest(site: Site, visitor: Visitor, limit: int) -> list[Any]:
    found = await site.search.search(
        query=Query(sort="newest", limit=limit, currency=visitor.currency, locale=visitor.locale)
    )
    return await tiles(site, visitor, found.product_ids)


@get("/search", include_in_schema=False)
async def search(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    asked = asked_of(request, "/search")
    if not asked.text:
        houses, categories = await _shelves(site, visitor)
        view = page(
            query="",
            count_text="",
            houses=houses,
            categories=categories,
            tiles=await _newest(site, visitor, NEWEST),
            suggestions=[],
            pages=None,
        )
        return await site.page(request, visitor, "storefront/shop/search.html", view)
    result = await site.search.search(query=query_of(asked, visitor, {}))
    suggested = await site.search.suggest(text=asked.text, locale=visitor.locale)
    view = page(
        query=asked.text,
        count_text=visitor.words.ngettext("%(num)s piece", "%(num)s pieces", result.total)
        % {"num": i18n.format_number(result.total, visitor.locale)},
        houses=_of_kind(suggested, "house"),
        categories=_of_kind(suggested, "category"),
        tiles=await tiles(site, visitor, result.product_ids),
        suggestions=[] if result.total else await _newest(site, visitor, 4),
        pages=pages_of(asked, result.total),
    )
    return await site.page(request, visitor, "storefront/shop/search.html", view)


@get("/search/suggest", include_in_schema=False)
async def suggest(
    request: WebRequest, principal: Principal, house: House, q: str = ""
) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    text = q.strip()[:200]
    houses, categories, pieces = [], [], []
    if text:
        suggested = await site.search.suggest(text=text, locale=visitor.locale)
        houses, categories = _of_kind(suggested, "house"), _of_kind(suggested, "category")
        if any(each.kind == "piece" for each in suggested):
            result = await site.search.search(
                query=Query(text=text, limit=4, currency=visitor.currency, locale=visitor.locale)
            )
            pieces = await tiles(site, visitor, result.product_ids)
    else:
        houses, categories = await _shelves(site, visitor)
    view = page(
        query=text,
        houses=houses,
        categories=categories,
        pieces=pieces,
        all_url=f"/search?{urlencode({'q': text})}",
    )
    html = site.templates.render("storefront/shop/suggestions.html", locale=visitor.locale, page=view)
    return Response(html, media_type="text/html", headers={"cache-control": "no-store"})
