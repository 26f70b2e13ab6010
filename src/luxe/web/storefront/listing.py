"""Lists of pieces: everything, a category, a house. The state is in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound
from luxe.kernel.house import House
from luxe.kernel.money import Money, MoneyError
from luxe.services.search.contract import Facet, Query, Result
from luxe.web.site import Site, Visitor, WebRequest
from luxe.web.storefront.guard import member
from luxe.web.storefront.pictures import tiles
from luxe.web.views import Choice, Link, PageLink, Pages, page

PER_PAGE = 24
MAX_PAGE = 400
_FILTERS = {"category": "categories", "house": "brands", "option": "options", "tag": "tags"}
_FLAGS = ("available", "exclusive", "discounted", "with_model")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of a list says. `fixed` comes from the path and cannot be taken away."""

    base_url: str
    text: str
    chosen: dict[str, list[str]]
    flags: list[str]
    price_from: str
    price_to: str
    sort: str
    number: int

    def pairs(self) -> list[tuple[str, str]]:
        """The query as pairs, in a stable order, without the page's number."""
        found = [("q", self.text)] if self.text else []
        found += [(name, value) for name, values in self.chosen.items() for value in values]
        found += [("flag", flag) for flag in self.flags]
        found += [
            (name, text)
            for name, text in (("price_from", self.price_from), ("price_to", self.price_to))
            if text
        ]
        return found

    def url(self, number: int = 1, without: tuple[str, str] | None = None) -> str:
        pairs = [pair for pair in self.pairs() if pair != without]
        if self.sort:
            pairs.append(("sort", self.sort))
        if number > 1:
            pairs.append(("page", str(number)))
        return self.base_url + (f"?{urlencode(pairs)}" if pairs else "")


def asked_of(request: WebRequest, base_url: str) -> Asked:
    """Reads the address; what it does not understand it leaves out."""
    values = request.query_params
    number = values.get("page", "1")
    return Asked(
        base_url=base_url,
        text=values.get("q", "").strip()[:200],
        chosen={name: sorted(set(values.getall(name, [])))[:50] for name in _FILTERS},
        flags=sorted({flag for flag in values.getall("flag", []) if flag in _FLAGS}),
        price_from=values.get("price_from", "")[:20],
        price_to=values.get("price_to", "")[:20],
        sort=values.get("sort", ""),
        number=min(max(int(number), 1), MAX_PAGE) if number.isdecimal() else 1,
    )


def query_of(asked: Asked, visitor: Visitor, fixed: Mapping[str, list[str]]) -> Query:
    filters: dict[str, Any] = {
        field: fixed.get(name) or asked.chosen[name] for name, field in _FILTERS.items()
    }
    sorts = {value for value, _ in sort_labels(visitor)}
    return Query(
        text=asked.text,
        currency=visitor.currency,
        locale=visitor.locale,
        price_from=_minor(asked.price_from, visitor.currency),
        price_to=_minor(asked.price_to, visitor.currency),
        sort=asked.sort if asked.sort in sorts else ("relevance" if asked.text else "newest"),  # type: ignore[arg-type]
        offset=(asked.number - 1) * PER_PAGE,
        limit=PER_PAGE,
        **filters,
        available="available" in asked.flags,
        exclusive="exclusive" in asked.flags,
        discounted="discounted" in asked.flags,
        with_model="with_model" in asked.flags,
    )


def _minor(text: str, currency: str) -> int | None:
    try:
        return Money.parse(text, currency).minor if text else None
    except MoneyError:
        return None


def sort_labels(visitor: Visitor) -> list[tuple[str, str]]:
    _ = visitor.words.gettext
    return [
        ("newest", _("Newest first")),
        ("price_up", _("Price, low to high")),
        ("price_down", _("Price, high to low")),
        ("discount", _("Largest reduction")),
        ("relevance", _("Most relevant")),
    ]


def flag_labels(visitor: Visitor) -> dict[str, str]:
    _ = visitor.words.gettext
    return {
        "available": _("Available now"),
        "exclusive": _("Only here"),
        "discounted": _("Reduced"),
        "with_model": _("In 3D"),
    }


def filter_groups(
    visitor: Visitor, facets: Sequence[Facet], fixed: Mapping[str, list[str]], asked: Asked
) -> list[Any]:
    """Facets as filter groups; what the path fixes is not offered again."""
    names = {"category": "category", "brand": "house", "flag": "flag"}
    flags = flag_labels(visitor)
    groups = []
    for facet in facets:
        option = facet.name.startswith("option:")
        name = "option" if option else names.get(facet.name, "")
        if not name or name in fixed:
            continue
        axis = facet.name.removeprefix("option:")
        options = [
            page(
                value=f"{axis}:{value.value}" if option else value.value,
                label=flags.get(value.value, value.label) if name == "flag" else value.label,
                count_text=i18n.format_number(value.count, visitor.locale),
                current=value.chosen,
                disabled=value.count == 0 and not value.chosen,
            )
            for value in facet.values
        ]
        if options:
            label = {
                "category": visitor.words.gettext("Category"),
                "house": visitor.words.gettext("House"),
                "flag": visitor.words.gettext("Only"),
            }.get(name, facet.label)
            groups.append(page(name=name, label=label, kind="pills" if option else "checks", options=options))
    return groups


def chips(visitor: Visitor, asked: Asked, groups: Sequence[Any]) -> list[Link]:
    labels = {(group.name, option.value): option.label for group in groups for option in group.options}
    return [
        Link(label=labels.get(pair, pair[1].rpartition(":")[2]), url=asked.url(without=pair))
        for pair in asked.pairs()
        if pair[0] != "q"
    ]


def pages_of(asked: Asked, total: int) -> Pages | None:
    last = max(1, -(-total // PER_PAGE))
    if last == 1:
        return None
    here = min(asked.number, last)
    near = sorted({1, last, *(number for number in range(here - 1, here + 2) if 1 <= number <= last)})
    items: list[PageLink] = []
    for before, number in zip([0, *near], near, strict=False):
        if number - before > 1:
            items.append(PageLink(text="…", url=""))
        items.append(PageLink(text=str(number), url=asked.url(number), current=number == here))
    return Pages(
        previous_url=asked.url(here - 1) if here > 1 else None,
        next_url=asked.url(here + 1) if here < last else None,
        items=items,
    )


async def list_page(
    request: WebRequest,
    site: Site,
    visitor: Visitor,
    *,
    base_url: str,
    title: str,
    intro: str | None = None,
    fixed: Mapping[str, list[str]] | None = None,
) -> Response[str]:
    say = visitor.words
    asked = asked_of(request, base_url)
    pinned = fixed or {}
    result: Result = await site.search.search(query=query_of(asked, visitor, pinned))
    groups = filter_groups(visitor, result.facets, pinned, asked)
    wanted = query_of(asked, visitor, pinned).sort
    view = page(
        title=title,
        intro=intro,
        breadcrumb=[Link(label=say.gettext("Home"), url="/"), Link(label=title, url=base_url, current=True)],
        count_text=say.ngettext("%(num)s piece", "%(num)s pieces", result.total)
        % {"num": i18n.format_number(result.total, visitor.locale)},
        tiles=await tiles(site, visitor, result.product_ids),
        sorts=[
            Choice(value=value, label=label, current=value == wanted)
            for value, label in sort_labels(visitor)
            if value != "relevance" or asked.text
        ],
        filters=groups,
        chips=chips(visitor, asked, groups),
        clear_url=base_url + (f"?{urlencode({'q': asked.text})}" if asked.text else ""),
        base_url=base_url,
        kept={"q": asked.text} if asked.text else {},
        pages=pages_of(asked, result.total),
    )
    return await site.page(request, visitor, "storefront/shop/list.html", view)


@get("/pieces", include_in_schema=False)
async def everything(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    return await list_page(
        request, site, visitor, base_url="/pieces", title=visitor.words.gettext("All pieces")
    )


@get("/pieces/{category:str}", include_in_schema=False)
async def of_category(
    category: str, request: WebRequest, principal: Principal, house: House
) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    known = {each.slug: each.name for each in await site.categories(visitor.locale)}
    if category not in known:
        raise NotFound
    return await list_page(
        request,
        site,
        visitor,
        base_url=f"/pieces/{category}",
        title=known[category],
        fixed={"category": [category]},
    )


@get("/houses/{slug:str}", include_in_schema=False)
async def of_house(
    slug: str, request: WebRequest, principal: Principal, house: House
) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    brand = next((each for each in await site.brands.brands() if each.slug == slug), None)
    if brand is None:
        raise NotFound
    return await list_page(
        request,
        site,
        visitor,
        base_url=f"/houses/{slug}",
        title=brand.name,
        intro=i18n.pick(brand.story, visitor.locale) or None,
        fixed={"house": [slug]},
    )
