"""The first page: the gate for strangers, the house for members; and the houses whose pieces it shows."""

from __future__ import annotations

import asyncio

from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.services.brands.contract import Brand
from luxe.services.search.contract import Query
from luxe.web.site import Site, Visitor, WebRequest, site_of
from luxe.web.storefront.door import gate_answer, show_gate
from luxe.web.storefront.guard import member
from luxe.web.storefront.pictures import tiles
from luxe.web.views import Form, Link, Picture, Source, page


@get("/", include_in_schema=False)
async def home(
    request: WebRequest, principal: Principal, house: House, invitation: str = ""
) -> Response[str] | Response[None] | Redirect:
    site = site_of(house)
    if not principal.known:
        visitor = await site.visitor(request, principal)
        if invitation:
            return await gate_answer(request, site, visitor, invitation)
        return await show_gate(request, site, visitor, Form())
    found = await member(request, principal, house)
    return found if isinstance(found, Redirect) else await _house(request, *found)


async def _house(request: WebRequest, site: Site, visitor: Visitor) -> Response[str]:
    _ = visitor.words.gettext
    newest, brands = await asyncio.gather(_newest(site, visitor), site.brands.brands())
    supplied = [brand for brand in brands if brand.supplied]
    today = await tiles(site, visitor, newest[:4], [_("New this week")] * 4)
    rows = []
    for brand in supplied[:2]:
        of_house = await site.search.search(
            query=_query(visitor, brands=[brand.slug], sort="newest", limit=4)
        )
        shown = await tiles(site, visitor, of_house.product_ids)
        if shown:
            rows.append(page(house=brand.name, url=f"/houses/{brand.slug}", tiles=shown))
    story = page(
        picture=_editorial(site, "home", _("A clutch, earrings and a flacon in low light")),
        label=_("The house"),
        title=_("Made slowly, shown quietly"),
        text=_(
            "Houses send us what they make in small numbers. A person here knows where each piece came from."
        ),
        action=Link(label=_("All pieces"), url="/pieces"),
    )
    feature = None
    if supplied:
        brand = supplied[-1]
        feature = page(
            picture=_editorial(site, "feature", brand.name),
            label=_("House"),
            title=brand.name,
            text=i18n.pick(brand.story, visitor.locale),
            action=Link(label=_("See the house"), url=f"/houses/{brand.slug}"),
        )
    view = page(
        story=story,
        today=today,
        feature=feature,
        arrivals=rows,
        houses=[_house_link(visitor, each) for each in supplied],
    )
    return await site.page(request, visitor, "storefront/shop/home.html", view)


async def _newest(site: Site, visitor: Visitor) -> list[str]:
    return (
        await site.search.search(query=_query(visitor, sort="newest", available=True, limit=8))
    ).product_ids


def _query(visitor: Visitor, **wanted: object) -> Query:
    return Query(currency=visitor.currency, locale=visitor.locale, **wanted)  # type: ignore[arg-type]


def _house_link(visitor: Visitor, brand: Brand) -> object:
    country = i18n.babel_locale(visitor.locale).territories.get(brand.country, "")
    return page(name=brand.name, url=f"/houses/{brand.slug}", origin=country)


def _editorial(site: Site, name: str, alt: str) -> Picture | None:
    """A picture of the house's own, put into its data folder; members only."""
    if not (site.settings.data_dir / "editorial" / f"{name}.webp").exists():
        return None
    sources = [Source(type="image/webp", srcset=f"/editorial/{name}.webp 2000w")]
    return Picture(
        src=f"/editorial/{name}.webp", sources=sources, width=2000, height=1250, colour="#d8d2c8", alt=alt
    )


@get("/houses", include_in_schema=False)
async def houses(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    say = visitor.words
    cards = []
    for brand in await site.brands.brands():
        result = await site.search.search(query=_query(visitor, brands=[brand.slug], limit=1))
        if not result.total:
            continue
        (tile,) = await tiles(site, visitor, result.product_ids) or (None,)
        count = say.ngettext("%(num)s piece", "%(num)s pieces", result.total) % {"num": result.total}
        cards.append(
            page(
                name=brand.name,
                url=f"/houses/{brand.slug}",
                origin=i18n.babel_locale(visitor.locale).territories.get(brand.country, ""),
                text=i18n.pick(brand.story, visitor.locale),
                picture=tile.picture if tile else None,
                count_text=count,
            )
        )
    return await site.page(request, visitor, "storefront/shop/houses.html", page(houses=cards))
