"""Search over a small house: filters, facets, orders, languages, suggestions, freshness."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.brands import contract as brands
from luxe.services.catalog import contract as catalog
from luxe.services.inventory import contract as inventory
from luxe.services.pricing import contract as pricing
from luxe.services.search import contract as search
from tests.harness import Running, running

UNITS = ("brands", "media", "pricing", "inventory", "catalog", "search")

# slug, house, category, English, Chinese, sizes, price, price before, units, day of September 2026
PIECES = [
    ("halma-bag", "Castellune", "handbags", "Halma bag", "哈尔玛手袋", ["S", "M"], 6_000, None, 1, 1),
    ("noor-bag", "Castellune", "handbags", "Noor bag", "努尔手袋", ["S"], 8_000, 16_000, 1, 2),
    ("orla-bag", "Wrenmoor", "handbags", "Orla bag", "奥拉手袋", ["M"], 9_000, 10_000, 0, 3),
    ("small-bag", "Wrenmoor", "handbags", "Élan small bag", "小手袋", [], 4_000, 9_000, 2, 4),
    ("signet", "Ondevar", "rings", "Signet ring", "印章戒指", ["50", "52"], 12_000, None, 1, 5),
]


@asynccontextmanager
async def house_of_five(binding: str) -> AsyncIterator[Running]:
    async with running(*UNITS, binding=binding) as house:
        await fill(house)
        await house.settle()
        await house.run_jobs("search")
        yield house


async def fill(house: Running) -> None:
    port = house.port(catalog.Port)
    for slug, parent, name in (
        ("jewellery", "", "Jewellery"),
        ("rings", "jewellery", "Rings"),
        ("handbags", "", "Handbags"),
    ):
        await port.put_category(category=catalog.CategoryDraft(slug=slug, name={"en": name}, parent=parent))
    for slug, brand, category, en, zh, sizes, price, before, units, day in PIECES:
        made = await house.port(brands.Port).brand_for_vendor(name=brand)
        draft = catalog.ProductDraft(
            slug=slug,
            brand_id=made.id,
            category=category,
            title={"en": en, "zh-CN": zh},
            options=[catalog.OptionDraft(name={"en": "Size", "zh-CN": "尺寸"}, values=sizes)]
            if sizes
            else [],
            variants=[catalog.VariantDraft(sku=f"{slug}-{size}", options=[size]) for size in sizes]
            or [catalog.VariantDraft(sku=f"{slug}-1")],
            published_at=datetime(2026, 9, day, tzinfo=UTC),
        )
        put = await port.put_product(product=draft)
        cost = {
            "price": Money(price * 100, "CNY"),
            "compare_at": Money(before * 100, "CNY") if before else None,
        }
        await house.port(pricing.Port).put_prices(
            prices=[pricing.PriceDraft(variant_id=variant, **cost) for variant in put.variant_ids]
        )
        await house.port(inventory.Port).count(variant_id=put.variant_ids[0], quantity=units, reason="test")


async def slugs(house: Running, **query: object) -> list[str]:
    found = await house.port(search.Port).search(query=search.Query(**query))  # type: ignore[arg-type]
    assert [hit.id for hit in found.hits] == found.product_ids
    return [hit.slug for hit in found.hits]


async def facet(house: Running, name: str, **query: object) -> dict[str, int]:
    found = await house.port(search.Port).search(query=search.Query(**query))  # type: ignore[arg-type]
    return {
        value.value: value.count for facet in found.facets if facet.name == name for value in facet.values
    }


async def test_filters_orders_and_pages(binding: str) -> None:
    async with house_of_five(binding) as house:
        dear_bags = {"categories": ["handbags"], "price_from": 5_000_00}
        assert await slugs(house, **dear_bags, sort="discount") == ["noor-bag", "orla-bag", "halma-bag"]
        assert await slugs(house, **dear_bags, sort="price_up") == ["halma-bag", "noor-bag", "orla-bag"]
        assert await slugs(house, **dear_bags, sort="price_down", offset=1, limit=1) == ["noor-bag"]
        assert await slugs(house) == ["signet", "small-bag", "orla-bag", "noor-bag", "halma-bag"]
        assert await slugs(house, sort="name") == ["small-bag", "halma-bag", "noor-bag", "orla-bag", "signet"]
        assert await slugs(house, categories=["jewellery"]) == ["signet"]
        assert await slugs(house, options=["Size:S", "Size:M"], available=True) == ["noor-bag", "halma-bag"]
        assert await slugs(house, discounted=True, brands=["castellune"]) == ["noor-bag"]
        assert await slugs(house, currency="EUR", price_from=0) == []


async def test_a_typed_condition_is_understood(binding: str) -> None:
    async with house_of_five(binding) as house:
        typed = "category = handbags, price >= 5000, sort by discount descending"
        assert await slugs(house, text=typed) == ["noor-bag", "orla-bag", "halma-bag"]


async def test_facets_count_what_the_other_filters_leave(binding: str) -> None:
    async with house_of_five(binding) as house:
        chosen = {"brands": ["castellune"], "categories": ["handbags"]}
        assert await facet(house, "brand", **chosen) == {"castellune": 2, "wrenmoor": 2}
        assert await facet(house, "category", **chosen) == {"handbags": 2}
        assert await facet(house, "option:Size", options=["Size:S"]) == {
            "Size:M": 2,
            "Size:S": 2,
            "Size:50": 1,
            "Size:52": 1,
        }
        assert await facet(house, "flag", **chosen) == {"available": 2, "discounted": 1}
        assert await facet(house, "price", price_from=0, price_to=4_999_99) == {
            "0-499999": 1,
            "500000-999999": 3,
            "1000000-2499999": 1,
        }


async def test_words_are_found_in_their_language(binding: str) -> None:
    async with house_of_five(binding) as house:
        assert await slugs(house, text="手袋", locale="zh-CN", sort="name") == [
            "orla-bag",
            "halma-bag",
            "noor-bag",
            "small-bag",
        ]
        assert await slugs(house, text="戒指", locale="en") == ["signet"]
        assert await slugs(house, text="rings") == ["signet"]
        assert await slugs(house, text="elan") == ["small-bag"]
        assert await slugs(house, text="castellune noo") == ["noor-bag"]
        assert await slugs(house, text="halma-bag-M") == ["halma-bag"]


async def test_a_misspelt_word_is_corrected(binding: str) -> None:
    async with house_of_five(binding) as house:
        found = await house.port(search.Port).search(query=search.Query(text="sgnet"))
        assert (found.total, found.did_you_mean) == (0, "signet")


async def test_suggestions_are_houses_categories_pieces(binding: str) -> None:
    async with house_of_five(binding) as house:
        found = await house.port(search.Port).suggest(text="ha", locale="en")
        assert [(each.kind, each.text, each.href) for each in found] == [
            ("category", "Handbags", "/pieces?category=handbags"),
            ("piece", "Halma bag", "/piece/halma-bag"),
        ]
        house_named = await house.port(search.Port).suggest(text="wren", locale="zh-CN")
        assert ("house", "Wrenmoor") in [(each.kind, each.text) for each in house_named]
        chinese = await house.port(search.Port).suggest(text="戒指", locale="zh-CN")
        assert [each.text for each in chinese] == ["印章戒指"]


async def test_what_is_withdrawn_or_dearer_is_indexed_so(binding: str) -> None:
    async with house_of_five(binding) as house:
        bag = await house.port(catalog.Port).product(slug="halma-bag", locale="en")
        await house.port(catalog.Port).withdraw(product_id=bag.id, reason="recalled")
        ring = await house.port(catalog.Port).product(slug="signet", locale="en")
        dearer = [
            pricing.PriceDraft(variant_id=variant.id, price=Money(90_000_00, "CNY"))
            for variant in ring.variants
        ]
        await house.port(pricing.Port).put_prices(prices=dearer)
        await house.settle()
        await house.run_jobs("search")
        assert await slugs(house, text="halma") == []
        assert await slugs(house, price_from=90_000_00) == ["signet"]
        assert await house.rows("search", "SELECT 1 FROM search.pending") == []


async def test_a_lost_or_broken_index_is_built_again(binding: str) -> None:
    async with house_of_five(binding) as house:
        folder = house.settings.data_dir / "search"
        pointed = (folder / "current").read_text()
        (folder / pointed / "meta.json").write_text("{")
        house.service("search").shelf._name = ""
        assert len(await slugs(house)) == 5
        assert (folder / "current").read_text() != pointed
        assert await house.port(search.Port).rebuild() == 5


async def test_an_impossible_query_is_refused(binding: str) -> None:
    async with house_of_five(binding) as house:
        with pytest.raises(Refusal) as refused:
            await slugs(house, limit=0, options=["36"])
        assert refused.value.code == "query_invalid"
        assert [fault["field"] for fault in refused.value.extra["errors"]] == ["limit", "options"]
