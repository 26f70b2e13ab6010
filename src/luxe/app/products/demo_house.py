"""Loads the demo house through the services' doors. Loading it again changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.services.brands import contract as brands_contract
from luxe.services.brands.contract import AgreementDraft, BrandDraft
from luxe.services.catalog import contract as catalog_contract
from luxe.services.catalog.contract import (
    CategoryDraft,
    OptionDraft,
    PictureDraft,
    ProductDraft,
    VariantDraft,
)
from luxe.services.inventory import contract as inventory_contract
from luxe.services.media import contract as media_contract
from luxe.services.pricing import contract as pricing_contract
from luxe.services.pricing.contract import PriceDraft

T = TypeVar("T")
Report = Callable[[str], None]

_LOCALES = {"zh": "zh-CN"}
_AT_ONCE = 4


class _Agreement(msgspec.Struct, frozen=True):
    reference: str
    valid_from: date
    valid_until: date
    territories: list[str]
    exclusive: bool = False


class _Brand(msgspec.Struct, frozen=True):
    slug: str
    name: str
    country: str
    founded: int | None
    story: dict[str, str]
    agreement: _Agreement


class _Category(msgspec.Struct, frozen=True):
    slug: str
    name: dict[str, str]
    parent: str | None = None


class _Option(msgspec.Struct, frozen=True):
    name: dict[str, str]
    values: list[str]
    labels: dict[str, list[str]]


class _Picture(msgspec.Struct, frozen=True):
    file: str
    alt: dict[str, str]


class _Variant(msgspec.Struct, frozen=True):
    """Prices in minor units by currency."""

    sku: str
    options: list[str]
    barcode: str
    weight_grams: int
    prices: dict[str, int]
    compare_at: dict[str, int] | None
    stock: int


class _Product(msgspec.Struct, frozen=True):
    slug: str
    brand: str
    category: str
    title: dict[str, str]
    body: dict[str, str]
    details: dict[str, list[str]]
    materials: dict[str, list[str]]
    care: dict[str, str]
    tags: list[str]
    options: list[_Option]
    pictures: list[_Picture]
    model: str | None
    exclusive: bool
    published_at: datetime
    variants: list[_Variant]


class _DemoHouse(msgspec.Struct, frozen=True):
    """The part of `house.json` that is merchandise."""

    brands: list[_Brand]
    categories: list[_Category]
    products: list[_Product]


async def load(house: House, demo_dir: Path, report: Report) -> None:
    """Puts brands, agreements, categories, pictures, models, products, prices and stock. A missing file is reported
    and replaced by the house's placeholder."""
    demo = msgspec.json.decode((demo_dir / "house.json").read_bytes(), type=_DemoHouse)
    loader = _Loader(house, demo_dir, report)
    report(f"{len(demo.brands)} houses, {len(demo.categories)} categories")
    brand_ids = {brand.slug: await loader.put_brand(brand) for brand in demo.brands}
    for position, category in enumerate(demo.categories):
        await loader.put_category(category, position)
    report("pictures and models")
    await loader.ingest_all(demo.products)
    report(f"{len(demo.products)} pieces with prices and stock")
    await loader.in_turns(loader.put_product(product, brand_ids[product.brand]) for product in demo.products)


class _Loader:
    def __init__(self, house: House, demo_dir: Path, report: Report) -> None:
        self.brands = house.port(brands_contract.Port)
        self.catalog = house.port(catalog_contract.Port)
        self.media = house.port(media_contract.Port)
        self.pricing = house.port(pricing_contract.Port)
        self.inventory = house.port(inventory_contract.Port)
        self.folder = demo_dir
        self.report = report
        self.assets: dict[str, str] = {}

    async def put_brand(self, brand: _Brand) -> str:
        draft = BrandDraft(
            slug=brand.slug,
            name=brand.name,
            country=brand.country,
            founded=brand.founded,
            story=_by_locale(brand.story),
        )
        made = await self.brands.put_brand(brand=draft)
        agreement = AgreementDraft(**msgspec.structs.asdict(brand.agreement))
        await self.brands.put_agreement(brand_id=made.id, agreement=agreement)
        return made.id

    async def put_category(self, category: _Category, position: int) -> None:
        draft = CategoryDraft(
            slug=category.slug,
            name=_by_locale(category.name),
            parent=category.parent or "",
            position=position,
        )
        await self.catalog.put_category(category=draft)

    async def ingest_all(self, products: list[_Product]) -> None:
        files = {f"pictures/{picture.file}" for product in products for picture in product.pictures}
        files |= {f"models/{product.model}" for product in products if product.model}
        await self.in_turns(self._ingest(name) for name in sorted(files))

    async def put_product(self, product: _Product, brand_id: str) -> None:
        put = await self.catalog.put_product(product=self._draft(product, brand_id))
        variants = list(zip(put.variant_ids, product.variants, strict=True))
        prices = [
            PriceDraft(
                variant_id=variant_id, price=Money(minor, currency), compare_at=_before(variant, currency)
            )
            for variant_id, variant in variants
            for currency, minor in variant.prices.items()
        ]
        await self.pricing.put_prices(prices=prices)
        for variant_id, variant in variants:
            if variant.stock:
                await self.inventory.receive(
                    variant_id=variant_id,
                    quantity=variant.stock,
                    reason="demo house",
                    key=f"demo:{variant.sku}",
                )

    async def in_turns(self, work: Any) -> None:
        """A few at once, so that reading, decoding and writing overlap."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def take(each: Coroutine[Any, Any, None]) -> None:
            async with gate:
                await each

        await asyncio.gather(*(take(each) for each in work))

    async def _ingest(self, name: str) -> None:
        path = self.folder / name
        if path.exists():
            content = await asyncio.to_thread(path.read_bytes)
            self.assets[name] = (await self.media.ingest(content=content, name=path.name)).id
        else:
            self.report(f"{name} is missing")
            if name.startswith("pictures/"):
                self.assets[name] = (await self.media.placeholder()).id

    def _draft(self, product: _Product, brand_id: str) -> ProductDraft:
        pictures = [
            PictureDraft(asset_id=asset_id, alt=_by_locale(picture.alt), source=picture.file)
            for picture in product.pictures
            if (asset_id := self.assets.get(f"pictures/{picture.file}"))
        ]
        return ProductDraft(
            slug=product.slug,
            brand_id=brand_id,
            category=product.category,
            title=_by_locale(product.title),
            body=_by_locale(product.body),
            details=_by_locale(product.details),
            materials=_by_locale(product.materials),
            care=_by_locale(product.care),
            tags=product.tags,
            options=[
                OptionDraft(name=_by_locale(each.name), values=each.values, labels=_by_locale(each.labels))
                for each in product.options
            ],
            variants=[
                VariantDraft(
                    sku=each.sku, options=each.options, barcode=each.barcode, weight_grams=each.weight_grams
                )
                for each in product.variants
            ],
            pictures=pictures,
            model=self.assets.get(f"models/{product.model}", "") if product.model else "",
            exclusive=product.exclusive,
            published_at=product.published_at,
        )


def _before(variant: _Variant, currency: str) -> Money | None:
    if variant.compare_at is None or currency not in variant.compare_at:
        return None
    return Money(variant.compare_at[currency], currency)


def _by_locale(texts: Mapping[str, T]) -> dict[str, T]:
    return {_LOCALES.get(locale, locale): text for locale, text in texts.items()}
