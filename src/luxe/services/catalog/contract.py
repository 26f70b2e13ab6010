"""The door of catalog. Texts are dictionaries by locale; views are in one locale, with fallback."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import query

CHANGED = "catalog.changed"
"""The announcement by which processes forget what they have encoded of the catalogue."""


class OptionDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An axis of choice such as size. `values` are the names in the source locale, `labels` their translations by locale."""

    name: dict[str, str]
    values: list[str]
    labels: dict[str, list[str]] = {}


class VariantDraft(msgspec.Struct, frozen=True, kw_only=True):
    """`options` holds one value for each axis, in order. `picture` is a media asset id."""

    sku: str
    options: list[str] = []
    barcode: str = ""
    weight_grams: int = 0
    picture: str = ""


class PictureDraft(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is where the picture came from (an address or file name), kept for export."""

    asset_id: str
    alt: dict[str, str] = {}
    source: str = ""


class ProductDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A whole product document. `slug` is its identity for imports (Shopify's Handle); `body` is sanitised HTML.

    `extra` keeps the columns of a CSV export that the house does not use, so that an export gives them back.
    """

    slug: str
    brand_id: str
    title: dict[str, str]
    category: str = ""
    body: dict[str, str] = {}
    details: dict[str, list[str]] = {}
    materials: dict[str, list[str]] = {}
    care: dict[str, str] = {}
    tags: list[str] = []
    options: list[OptionDraft] = []
    variants: list[VariantDraft] = []
    pictures: list[PictureDraft] = []
    model: str = ""
    exclusive: bool = False
    published: bool = True
    published_at: datetime | None = None
    extra: dict[str, str] = {}


class CategoryDraft(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    name: dict[str, str]
    parent: str = ""
    position: int = 0


class Category(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    name: str
    parent: str
    count: int


class PictureView(msgspec.Struct, frozen=True, kw_only=True):
    """`url` takes `/{width}.{avif,webp,jpg}` behind it; width and height are the original's."""

    asset_id: str
    url: str
    alt: str
    width: int
    height: int
    colour: str


class OptionValueView(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    label: str


class OptionView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    values: list[OptionValueView]


class VariantView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    sku: str
    options: list[str]
    label: str
    barcode: str
    weight_grams: int
    picture: PictureView | None


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """`model_url` is empty where there is no 3D model. `version` grows with each change."""

    id: str
    slug: str
    brand_id: str
    brand: str
    brand_slug: str
    category: str
    category_name: str
    title: str
    body: str
    details: list[str]
    care: str
    tags: list[str]
    options: list[OptionView]
    variants: list[VariantView]
    pictures: list[PictureView]
    model_url: str
    exclusive: bool
    published_at: datetime | None
    version: int
    materials: list[str] = []


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a tile of a list shows, apart from price and stock."""

    id: str
    slug: str
    brand: str
    title: str
    category: str
    pictures: list[PictureView]
    has_model: bool
    variant_ids: list[str]


class VariantLine(msgspec.Struct, frozen=True, kw_only=True):
    """A sellable variant with what a bag or order line shows of it. `category` is a slug."""

    variant_id: str
    product_id: str
    slug: str
    sku: str
    brand_id: str
    brand: str
    title: str
    label: str
    picture: PictureView | None
    on_sale: bool
    brand_slug: str = ""
    category: str = ""


class ProductListing(msgspec.Struct, frozen=True, kw_only=True):
    items: list[ProductView]
    next: str | None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A tile of a list with what it costs and whether it can be had.

    `price` is the lowest of its variants' in the currency asked for, none where it has no price there.
    """

    id: str
    slug: str
    brand: str
    title: str
    category: str
    pictures: list[PictureView]
    has_model: bool
    exclusive: bool
    price: Money | None
    compare_at: Money | None
    available: bool


class OfferPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Offer]
    next: str | None


class VariantOffer(msgspec.Struct, frozen=True, kw_only=True):
    """`available` counts units that can be bought now."""

    variant_id: str
    price: Money | None
    compare_at: Money | None
    lowest_30d: Money | None
    available: int


class ProductOffer(msgspec.Struct, frozen=True, kw_only=True):
    """A product with the offer of each of its variants, in their order."""

    product: ProductView
    offers: list[VariantOffer]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A whole product, every locale, for the index and for export. `listed_at` is its place among the newest."""

    id: str
    draft: ProductDraft
    brand: str
    variant_ids: list[str]
    on_sale: bool
    version: int
    brand_slug: str
    listed_at: datetime


class DocumentPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Document]
    next: str | None


class PutResult(msgspec.Struct, frozen=True, kw_only=True):
    """`outcome`: created | changed | unchanged. `variant_ids` in the draft's order."""

    product_id: str
    variant_ids: list[str]
    outcome: str


class ProductChanged(Fact, frozen=True, kw_only=True):
    """Created, changed, published or withdrawn; `on_sale` tells whether members can see it now."""

    about: ClassVar[str] = "product_id"
    product_id: str
    version: int
    on_sale: bool


class Port(Protocol):
    """Refusals by code: `product_unknown`, `variant_unknown`, `product_invalid` (with `errors`: field and message), `category_unknown`."""

    async def put_category(self, *, category: CategoryDraft) -> None: ...

    async def put_product(self, *, product: ProductDraft) -> PutResult:
        """Creates or replaces by slug; the same draft again changes nothing and says nothing. Variants keep their ids by SKU,
        or by their option values where a SKU is empty."""
        ...

    async def withdraw(self, *, product_id: str, reason: str) -> None: ...

    async def publish(self, *, product_id: str) -> None: ...

    @query
    async def product(self, *, slug: str, locale: str) -> ProductView:
        """A product on sale, by slug or id."""
        ...

    @query
    async def cards(self, *, product_ids: list[str], locale: str) -> list[Card]:
        """In the order asked for; those not on sale are left out."""
        ...

    @query
    async def lines(self, *, variant_ids: list[str], locale: str) -> list[VariantLine]:
        """In the order asked for; unknown ones are left out."""
        ...

    @query
    async def products(self, *, locale: str, cursor: str = "", limit: int = 24) -> ProductListing:
        """What is on sale, newest first."""
        ...

    @query
    async def offers(self, *, locale: str, currency: str, cursor: str = "", limit: int = 24) -> OfferPage:
        """What is on sale, newest first, with price and availability. Its number of statements does not grow with `limit`."""
        ...

    @query
    async def offers_of(self, *, product_ids: list[str], locale: str, currency: str) -> list[Offer]:
        """As `cards`, with price and availability."""
        ...

    @query
    async def offer(self, *, slug: str, locale: str, currency: str) -> ProductOffer:
        """As `product`, with price and availability."""
        ...

    @query
    async def categories(self, *, locale: str) -> list[Category]: ...

    @query
    async def category_drafts(self) -> list[CategoryDraft]:
        """Every category with its names in every locale, for the index and for export."""
        ...

    @query
    async def documents(
        self, *, cursor: str = "", limit: int = 100, product_ids: list[str] | None = None
    ) -> DocumentPage:
        """Every product, on sale or not, in order of slug."""
        ...
