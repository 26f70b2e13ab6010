"""The catalogue over REST. Who asks is checked before anything is looked up, so that the gate tells nothing."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.params import Parameter

from luxe.kernel import context
from luxe.kernel.auth import Principal, require
from luxe.kernel.errors import BadRequest
from luxe.kernel.house import AtHand, House
from luxe.kernel.http_edges import entity_tag
from luxe.kernel.i18n import CURRENCIES
from luxe.kernel.ids import new_id
from luxe.services.catalog.contract import CHANGED, Category, OfferPage, Port, ProductOffer

_FRESH = timedelta(seconds=30)
_MOST_AT_HAND = 500

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
    """The encoded pages of one process. A change anywhere gives them a new generation; old ones are never asked for again.

    What was asked for in the same words a moment ago is answered before the route is even looked for.
    """

    def __init__(self, house: House) -> None:
        self._base_currency = house.settings.base_currency
        self._cache = house.cache("catalog.pages")
        self._generation = new_id("gen")
        self._at_hand: dict[tuple[str, str, bytes], tuple[float, AtHand]] = {}
        house.on_announcement(CHANGED, self._turn)
        house.express["/v1/products"] = self._ready

    async def get(
        self, key: str, words: tuple[str, str, bytes], encode: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        generation = self._generation
        body = await self._cache.get_or_compute(f"{generation}|{key}", _FRESH, encode)
        if generation == self._generation:
            if len(self._at_hand) >= _MOST_AT_HAND:
                self._at_hand.clear()
            self._at_hand[words] = (
                time.monotonic() + _FRESH.total_seconds(),
                AtHand(body, entity_tag(body)),
            )
        return body

    def words(self, principal: Principal, query_string: bytes) -> tuple[str, str, bytes]:
        """All that an answer depends on, apart from the catalogue."""
        return context.current().locale, principal.currency or self._base_currency, query_string

    def _ready(self, principal: Principal, query_string: bytes) -> AtHand | None:
        if not principal.may("member", "catalog:read"):
            return None
        until, answer = self._at_hand.get(self.words(principal, query_string), (0.0, None))
        return answer if time.monotonic() < until else None

    def _turn(self, _: str) -> None:
        self._generation = new_id("gen")
        self._at_hand.clear()


def _pages_of(house: House) -> _Pages:
    if _Pages not in house.kept:
        house.kept[_Pages] = _Pages(house)
    return house.kept[_Pages]


def _currency(asked: str, principal: Principal, house: House) -> str:
    currency = asked or principal.currency or house.settings.base_currency
    if currency not in CURRENCIES:
        raise BadRequest(f"{currency} is not a currency of this house", code="currency_unsupported")
    return currency


@get("/v1/products", tags=["Catalogue"], summary="List the pieces on sale", operation_id="listProducts")
async def list_products(
    request: Request[Any, Any, State],
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

    words = pages.words(principal, request.scope["query_string"])
    body = await pages.get(f"{locale}|{chosen}|{limit}|{cursor}", words, encode)
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
