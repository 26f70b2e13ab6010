"""The catalogue, search and media over REST: the gate, pages, freshness, statements."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from PIL import Image
from prometheus_client import REGISTRY

from luxe.kernel.money import Money
from luxe.services.brands import contract as brands
from luxe.services.catalog import contract as catalog
from luxe.services.inventory import contract as inventory
from luxe.services.media import contract as media
from luxe.services.pricing import contract as pricing
from tests.harness import Running, running

UNITS = ("brands", "media", "pricing", "inventory", "catalog", "search")
PIECES = 60


@asynccontextmanager
async def shop() -> AsyncIterator[tuple[Running, str]]:
    """Sixty pieces, with one picture among them whose id is given."""
    async with running(*UNITS) as house:
        out = io.BytesIO()
        Image.new("RGB", (900, 1200), "#aa9977").save(out, "PNG")
        asset = await house.port(media.Port).ingest(content=out.getvalue(), name="a.png")
        brand = await house.port(brands.Port).put_brand(
            brand=brands.BrandDraft(slug="ondevar", name="Ondevar")
        )
        for number in range(PIECES):
            draft = catalog.ProductDraft(
                slug=f"piece-{number}",
                brand_id=brand.id,
                title={"en": f"Piece {number}", "zh-CN": f"作品 {number}"},
                variants=[catalog.VariantDraft(sku=f"P{number}")],
                pictures=[catalog.PictureDraft(asset_id=asset.id)],
            )
            put = await house.port(catalog.Port).put_product(product=draft)
            await house.port(pricing.Port).put_prices(
                prices=[pricing.PriceDraft(variant_id=put.variant_ids[0], price=Money(1000 + number, "EUR"))]
            )
        await house.settle()
        await house.run_jobs("search")
        yield house, asset.id


def statements() -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name.startswith("luxe_sql_statements") and sample.name.endswith("_total")
    )


async def test_pages_follow_one_another_to_the_end() -> None:
    async with shop() as (house, _):
        headers = house.sign_in_as("member", currency="EUR", locale="zh-CN")
        seen: list[str] = []
        cursor = ""
        while True:
            page = (await house.rest.get("/v1/products", params={"cursor": cursor}, headers=headers)).json()
            seen += [item["slug"] for item in page["items"]]
            assert all(item["price"]["currency"] == "EUR" for item in page["items"])
            if page["next"] is None:
                break
            cursor = page["next"]
        assert seen == [f"piece-{number}" for number in reversed(range(PIECES))]
        assert page["items"][0]["title"] == f"作品 {PIECES - 49}"


async def test_a_page_is_read_with_the_same_number_of_statements_whatever_its_size() -> None:
    async with shop() as (house, _):
        headers = house.sign_in_as("member", currency="EUR")
        counted = []
        for limit in (1, 24, 60, 60):
            before = statements()
            assert (
                await house.rest.get("/v1/products", params={"limit": limit}, headers=headers)
            ).status_code == 200
            counted.append(statements() - before)
        assert counted == [5, 5, 5, 0]


async def test_a_change_of_price_or_stock_turns_the_pages() -> None:
    async with shop() as (house, _):
        headers = house.sign_in_as("member", currency="EUR")

        async def newest() -> dict[str, object]:
            page = (await house.rest.get("/v1/products?limit=1", headers=headers)).json()
            return page["items"][0]

        first = await newest()
        assert (first["price"], first["available"]) == ({"minor": 1059, "currency": "EUR"}, False)
        card = (await house.port(catalog.Port).cards(product_ids=[str(first["id"])], locale="en"))[0]
        await house.port(inventory.Port).count(variant_id=card.variant_ids[0], quantity=1, reason="test")
        price = pricing.PriceDraft(variant_id=card.variant_ids[0], price=Money(5, "EUR"))
        await house.port(pricing.Port).put_prices(prices=[price])
        await house.settle()
        changed = await newest()
        assert (changed["price"], changed["available"]) == ({"minor": 5, "currency": "EUR"}, True)
        await house.port(catalog.Port).withdraw(product_id=card.id, reason="recalled")
        assert (await newest())["slug"] == "piece-58"


async def test_nobody_outside_can_tell_what_exists() -> None:
    async with shop() as (house, asset):
        pairs = [
            ("/v1/products/piece-1", "/v1/products/nothing"),
            (f"/media/{asset}/480.webp", "/media/asset_00000000000000000000000000/480.webp"),
            (f"/media/{asset}/480.webp", f"/media/{asset}/model.glb"),
            ("/v1/search?q=piece", "/v1/search?q=nothing"),
            ("/v1/search/suggestions?q=ondevar", "/v1/search/suggestions?q=x"),
            ("/v1/products", "/v1/categories"),
            ("/v1/brands", "/v1/products?currency=XXX&cursor=broken"),
        ]
        for _ in range(2):
            await house.rest.get("/v1/products", headers=house.sign_in_as("member"))
        for headers, status in (
            ({}, 401),
            (house.sign_in_as("applicant"), 403),
            (house.sign_in_as("member", scopes=["orders:read"]), 403),
        ):
            answers = set()
            for path in [path for pair in pairs for path in pair]:
                answer = await house.rest.get(path, headers=headers)
                body = answer.json()
                body.pop("request_id")
                answers.add((answer.status_code, str(body), answer.headers.get("cache-control")))
            assert len(answers) == 1
            assert answers.pop()[0] == status


async def test_an_api_key_with_the_scope_reads_all_of_it() -> None:
    async with shop() as (house, asset):
        headers = house.sign_in_as("member", scopes=["catalog:read"], currency="EUR")
        piece = (await house.rest.get("/v1/products/piece-7", headers=headers)).json()
        assert (piece["product"]["title"], piece["offers"][0]["price"]) == (
            "Piece 7",
            {"minor": 1007, "currency": "EUR"},
        )
        found = (
            await house.rest.get("/v1/search", params={"q": "piece 7", "price_to": "10.07"}, headers=headers)
        ).json()
        assert [hit["slug"] for hit in found["hits"]] == ["piece-7"]
        named = (await house.rest.get("/v1/search/suggestions?q=onde", headers=headers)).json()
        assert named["items"][0] == {"kind": "house", "text": "Ondevar", "href": "/houses/ondevar"}
        assert (await house.rest.get("/v1/brands", headers=headers)).json()["items"][0]["name"] == "Ondevar"
        assert (await house.rest.get("/v1/categories", headers=headers)).json() == {"items": []}
        assert (await house.rest.get(f"/media/{asset}/320.avif", headers=headers)).headers[
            "content-type"
        ] == "image/avif"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/products?cursor=broken", "cursor_invalid"),
        ("/v1/products?cursor=MjAyNi0wMS0wMXx4", "cursor_invalid"),
        ("/v1/products?limit=0", "parameter_invalid"),
        ("/v1/products?currency=GBP", "currency_unsupported"),
        ("/v1/products/nothing", "product_unknown"),
        ("/v1/search?price_from=cheap", "query_invalid"),
        ("/v1/search?option=36", "query_invalid"),
        ("/v1/search?sort=sideways", "parameter_invalid"),
        ("/media/asset_00000000000000000000000000/480.webp", "asset_unknown"),
    ],
)
async def test_a_member_is_told_what_is_wrong(
    path: str, code: str, member: tuple[Running, dict[str, str]]
) -> None:
    house, headers = member
    answer = await house.rest.get(path, headers=headers)
    assert (answer.json()["code"], answer.status_code) == (code, 404 if code.endswith("unknown") else 400)


@pytest.fixture(scope="module")
async def member() -> AsyncIterator[tuple[Running, dict[str, str]]]:
    async with running(*UNITS) as house:
        yield house, house.sign_in_as("member")
