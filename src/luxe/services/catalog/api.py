"""The catalogue over REST. Who asks is checked before anything is looked up, so that the gate tells nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from weakref import WeakKeyDictionary

import msgspec
from litestar import MediaType, Response, get
from litestar.params import Parameter

from luxe.kernel import context
from luxe.kernel.auth import Principal, require
from luxe.kernel.errors import BadRequest
from luxe.kernel.house import House
from luxe.kernel.i18n import CURRENCIES
from luxe.kernel.ids import new_id
from luxe.services.catalog.contract import CHANGED, Category, OfferPage, Port, ProductOffer

_FRESH = timedelta(seconds=30)

Currency = Annotated[
    str,
    Parameter(
        query="currency", max_length=3, description="CNY, EUR, USD or JPY; without it, the account's own."
    ),
]
Cursor = Annotated[str, Parameter(query="cursor", max_length=200, description="`next` of the page before.")]
Limit = Annotated[int, Parameter(query="limit", ge=1, le=100, description="How many at most.")]


class CategoryList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Category]


class _Pages:
    """The encoded pages of one process. A change anywhere gives them a new generation; old ones are never asked for again."""

    def __init__(self, house: House) -> None:
        self.cache = house.cache("catalog.pages")
        self.generation = new_id("gen")
        house.on_announcement(CHANGED, self._turn)

    def _turn(self, _: str) -> None:
        self.generation = new_id("gen")


_pages: WeakKeyDictionary[House, _Pages] = WeakKeyDictionary()


def _pages_of(house: House) -> _Pages:
    if house not in _pages:
        _pages[house] = _Pages(house)
    return _pages[house]


def _currency(asked: str, principal: Principal, house: House) -> str:
    currency = asked or principal.currency or house.settings.base_currency
    if currency not in CURRENCIES:
        raise BadRequest(f"{currency} is not a currency of this house", code="currency_unsupported")
    return currency


@get(
    "/v1/products",
    tags=["Catalogue"],
    summary="List the pieces on sale",
    operation_id="listProducts",
)
async def list_products(
    principal: Principal,
    house: House,
    currency: Currency = "",
    cursor: Cursor = "",
    limit: Limit = 24,
) -> Response[OfferPage]:
    """Newest first, each with its price in one currency and whether it can be had."""
    require(principal, "member", "catalog:read")
    chosen, locale, pages = _currency(currency, principal, house), context.current().locale, _pages_of(house)

    async def encode() -> bytes:
        page = await house.port(Port).offers(locale=locale, currency=chosen, cursor=cursor, limit=limit)
        return msgspec.json.encode(page)

    key = f"{pages.generation}|{locale}|{chosen}|{limit}|{cursor}"
    body = await pages.cache.get_or_compute(key, _FRESH, encode)
    return Response(content=body, media_type=MediaType.JSON)  # pyright: ignore[reportReturnType] - bytes, already encoded


@get("/v1/products/{slug:str}", tags=["Catalogue"], summary="Read a piece", operation_id="readProduct")
async def read_product(
    slug: str, principal: Principal, house: House, currency: Currency = ""
) -> ProductOffer:
    """A piece on sale by its slug or id, with the price and stock of each variant."""
    require(principal, "member", "catalog:read")
    chosen = _currency(currency, principal, house)
    return await house.port(Port).offer(slug=slug, locale=context.current().locale, currency=chosen)


@get("/v1/categories", tags=["Catalogue"], summary="List the categories", operation_id="listCategories")
async def list_categories(principal: Principal, house: House) -> CategoryList:
    """Every category, with how many pieces are on sale in it and under it."""
    require(principal, "member", "catalog:read")
    return CategoryList(items=await house.port(Port).categories(locale=context.current().locale))
