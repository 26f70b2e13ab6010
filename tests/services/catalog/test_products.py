"""Products: put, read, page, withdraw."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from PIL import Image

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.brands import contract as brands
from luxe.services.catalog import contract as catalog
from luxe.services.inventory import contract as inventory
from luxe.services.media import contract as media
from luxe.services.pricing import contract as pricing
from tests.harness import Running, running

UNITS = ("brands", "media", "pricing", "inventory", "catalog")


@asynccontextmanager
async def shop(binding: str) -> AsyncIterator[Running]:
    async with running(*UNITS, binding=binding) as house:
        yield house


def picture(colour: str = "#884422", size: tuple[int, int] = (400, 500)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


async def ring(house: Running, **changes: object) -> catalog.ProductDraft:
    brand = await house.port(brands.Port).put_brand(brand=brands.BrandDraft(slug="ondevar", name="Ondevar"))
    asset = await house.port(media.Port).ingest(content=picture(), name="ring.png")
    await house.port(catalog.Port).put_category(
        category=catalog.CategoryDraft(slug="rings", name={"en": "Rings", "zh-CN": "戒指"})
    )
    values: dict[str, object] = {
        "slug": "signet",
        "brand_id": brand.id,
        "category": "rings",
        "title": {"en": "Signet", "zh-CN": "印章戒指"},
        "body": {"en": "<p>Gold.<script>alert(1)</script></p>"},
        "options": [
            catalog.OptionDraft(
                name={"en": "Size", "zh-CN": "尺寸"},
                values=["50", "52"],
                labels={"zh-CN": ["五十", "五十二"]},
            )
        ],
        "variants": [
            catalog.VariantDraft(sku="SIG-50", options=["50"]),
            catalog.VariantDraft(sku="SIG-52", options=["52"]),
        ],
        "pictures": [catalog.PictureDraft(asset_id=asset.id, alt={"en": "A ring"})],
    }
    return catalog.ProductDraft(**(values | changes))  # type: ignore[arg-type]


async def test_a_piece_reads_in_the_language_asked_for(binding: str) -> None:
    async with shop(binding) as house:
        port = house.port(catalog.Port)
        put = await port.put_product(product=await ring(house))
        assert put.outcome == "created"
        view = await port.product(slug="signet", locale="zh-CN")
        assert (view.title, view.category_name, view.brand) == ("印章戒指", "戒指", "Ondevar")
        assert view.body == "<p>Gold.</p>"
        assert [variant.label for variant in view.variants] == ["五十", "五十二"]
        assert [variant.id for variant in view.variants] == put.variant_ids
        assert view.pictures[0].alt == "A ring"
        assert (view.pictures[0].width, view.pictures[0].height, view.pictures[0].colour) == (
            400,
            500,
            "#884422",
        )


async def test_the_same_draft_again_changes_nothing_and_says_nothing(binding: str) -> None:
    async with shop(binding) as house:
        port, draft = house.port(catalog.Port), await ring(house)
        first = await port.put_product(product=draft)
        again = await port.put_product(product=draft)
        assert again == catalog.PutResult(
            product_id=first.product_id, variant_ids=first.variant_ids, outcome="unchanged"
        )
        assert len(await house.facts(catalog.ProductChanged)) == 1


async def test_variants_keep_their_ids_by_sku_then_by_options(binding: str) -> None:
    async with shop(binding) as house:
        port = house.port(catalog.Port)
        old = (await port.put_product(product=await ring(house))).variant_ids
        turned = [
            catalog.VariantDraft(sku="SIG-52", options=["52"]),
            catalog.VariantDraft(sku="SIG-51", options=["50"]),
        ]
        new = await port.put_product(product=await ring(house, variants=turned))
        assert new.outcome == "changed"
        assert new.variant_ids[0] == old[1]
        assert new.variant_ids[1] not in old
        gone = (await port.lines(variant_ids=[old[0]], locale="en"))[0]
        assert (gone.on_sale, gone.sku, gone.label) == (False, "SIG-50", "50")


async def test_the_stored_draft_comes_back_whole(binding: str) -> None:
    async with shop(binding) as house:
        port = house.port(catalog.Port)
        draft = await ring(
            house,
            details={"en": ["18 ct", "4 g"]},
            materials={"en": ["Gold"]},
            extra={"Gift Card": "false"},
            tags=["b", "a"],
        )
        await port.put_product(product=draft)
        page = await port.documents()
        assert page.next is None
        assert page.items[0].on_sale
        stored = page.items[0].draft
        assert stored.body == {"en": "<p>Gold.</p>"}
        assert msgspec.structs.replace(stored, body=draft.body) == draft


async def test_faults_are_told_by_field_and_leave_nothing(binding: str) -> None:
    async with shop(binding) as house:
        port = house.port(catalog.Port)
        bad = await ring(house, title={}, variants=[catalog.VariantDraft(sku="X", options=["99"])])
        with pytest.raises(Refusal) as refused:
            await port.put_product(product=bad)
        assert refused.value.code == "product_invalid"
        assert [fault["field"] for fault in refused.value.extra["errors"]] == ["title", "variants.0.options"]
        assert await house.rows("catalog", "SELECT 1 FROM catalog.products") == []


async def test_withdrawn_is_not_seen_and_published_is(binding: str) -> None:
    async with shop(binding) as house:
        port = house.port(catalog.Port)
        put = await port.put_product(product=await ring(house))
        await port.withdraw(product_id=put.product_id, reason="recalled")
        with pytest.raises(Refusal) as refused:
            await port.product(slug="signet", locale="en")
        assert refused.value.code == "product_unknown"
        assert await port.cards(product_ids=[put.product_id], locale="en") == []
        await port.publish(product_id=put.product_id)
        assert (await port.product(slug=put.product_id, locale="en")).slug == "signet"
        assert [fact.on_sale for fact in await house.facts(catalog.ProductChanged)] == [True, False, True]


async def test_an_offer_shows_the_lowest_price_that_can_be_had(binding: str) -> None:
    async with shop(binding) as house:
        port = house.port(catalog.Port)
        cheap, dear = (await port.put_product(product=await ring(house))).variant_ids
        drafts = [
            pricing.PriceDraft(variant_id=cheap, price=Money(100_00, "CNY")),
            pricing.PriceDraft(variant_id=dear, price=Money(200_00, "CNY"), compare_at=Money(300_00, "CNY")),
        ]
        await house.port(pricing.Port).put_prices(prices=drafts)
        await house.port(inventory.Port).count(variant_id=dear, quantity=1, reason="test")
        tile = (await port.offers(locale="en", currency="CNY")).items[0]
        assert (tile.price, tile.compare_at, tile.available) == (
            Money(200_00, "CNY"),
            Money(300_00, "CNY"),
            True,
        )
        other = (await port.offers(locale="en", currency="EUR")).items[0]
        assert (other.price, other.available) == (None, True)
