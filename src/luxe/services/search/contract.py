"""The door of search: one query model, whatever engine answers it."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from luxe.kernel.money import Money
from luxe.kernel.verbs import query

Sort = Literal["relevance", "newest", "price_up", "price_down", "discount", "name"]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Prices in minor units of `currency`, inclusive. Values within one filter are joined by OR, filters by AND.

    `options` are `Axis:Value` pairs in the source locale, such as `Size:36`.
    """

    text: str = ""
    categories: list[str] = []
    brands: list[str] = []
    options: list[str] = []
    tags: list[str] = []
    price_from: int | None = None
    price_to: int | None = None
    currency: str = "CNY"
    available: bool = False
    exclusive: bool = False
    discounted: bool = False
    with_model: bool = False
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 24
    locale: str = "en"


class FacetValue(msgspec.Struct, frozen=True, kw_only=True):
    """`count` respects the other filters, not this one's own."""

    value: str
    label: str
    count: int
    chosen: bool


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: category | brand | option:<axis> | price | flag."""

    name: str
    label: str
    values: list[FacetValue]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """What the index itself knows of a piece it found. `price` is the lowest of its variants' in the query's currency."""

    id: str
    slug: str
    brand: str
    title: str
    price: Money | None
    compare_at: Money | None
    available: bool


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`hits` say of each of `product_ids`, in the same order, what a list needs."""

    product_ids: list[str]
    total: int
    facets: list[Facet]
    did_you_mean: str = ""
    hits: list[Hit] = []


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: house | category | piece. `href` is a path of the storefront."""

    kind: str
    text: str
    href: str


class Port(Protocol):
    """Refusals by code: `query_invalid` (with `errors`)."""

    @query
    async def search(self, *, query: Query) -> Result: ...

    @query
    async def suggest(self, *, text: str, locale: str, limit: int = 8) -> list[Suggestion]: ...

    async def rebuild(self) -> int:
        """Builds the index afresh beside the old one and swaps; returns the number of pieces."""
        ...
