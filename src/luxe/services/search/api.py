"""Search over REST. Who asks is checked before anything is looked up."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter

from luxe.kernel import context
from luxe.kernel.auth import Principal, require
from luxe.kernel.errors import BadRequest
from luxe.kernel.house import House
from luxe.kernel.i18n import CURRENCIES
from luxe.kernel.money import Money, MoneyError
from luxe.services.search.contract import Port, Query, Result, Sort, Suggestion

Words = Annotated[
    str, Parameter(query="q", max_length=300, description="Words, or conditions such as `price >= 5000`.")
]
Many = Annotated[
    list[str] | None, Parameter(max_items=100, description="May be given several times; any of them.")
]
Amount = Annotated[
    str, Parameter(max_length=20, description="In major units of the currency, inclusive, such as 5000.")
]
Currency = Annotated[
    str, Parameter(max_length=3, description="CNY, EUR, USD or JPY; without it, the account's own.")
]
Order = Annotated[Sort, Parameter(description="Price and discount are those in the currency.")]
Offset = Annotated[int, Parameter(ge=0, le=9_900, description="How many to skip.")]
Limit = Annotated[int, Parameter(ge=1, le=100, description="How many at most.")]
Flag = Annotated[bool, Parameter(description="Only those of which this is true.")]


class SuggestionList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Suggestion]


@get("/v1/search", tags=["Search"], summary="Search the pieces on sale", operation_id="search")
async def search(
    principal: Principal,
    house: House,
    q: Words = "",
    category: Many = None,
    brand: Many = None,
    option: Many = None,
    tag: Many = None,
    price_from: Amount = "",
    price_to: Amount = "",
    currency: Currency = "",
    available: Flag = False,
    exclusive: Flag = False,
    discounted: Flag = False,
    with_model: Flag = False,
    sort: Order = "relevance",
    offset: Offset = 0,
    limit: Limit = 24,
) -> Result:
    """Pieces with facets whose counts respect the other filters. Options are written `Axis:Value`, such as `Size:36`."""
    require(principal, "member", "catalog:read")
    chosen = currency or principal.currency or house.settings.base_currency
    if chosen not in CURRENCIES:
        raise BadRequest(f"{chosen} is not a currency of this house", code="currency_unsupported")
    query = Query(
        text=q,
        categories=category or [],
        brands=brand or [],
        options=option or [],
        tags=tag or [],
        price_from=_minor(price_from, chosen, "price_from"),
        price_to=_minor(price_to, chosen, "price_to"),
        currency=chosen,
        available=available,
        exclusive=exclusive,
        discounted=discounted,
        with_model=with_model,
        sort=sort,
        offset=offset,
        limit=limit,
        locale=context.current().locale,
    )
    return await house.port(Port).search(query=query)


@get(
    "/v1/search/suggestions",
    tags=["Search"],
    summary="Suggest houses, categories and pieces",
    operation_id="suggest",
)
async def suggest(principal: Principal, house: House, q: Words = "", limit: Limit = 8) -> SuggestionList:
    """What begins with these letters, in the caller's language."""
    require(principal, "member", "catalog:read")
    return SuggestionList(
        items=await house.port(Port).suggest(text=q, locale=context.current().locale, limit=limit)
    )


def _minor(text: str, currency: str, field: str) -> int | None:
    if not text:
        return None
    try:
        return Money.parse(text, currency).minor
    except MoneyError as error:
        listed = [{"field": field, "message": str(error)}]
        raise BadRequest(f"{field}: {error}", code="query_invalid", errors=listed) from error
