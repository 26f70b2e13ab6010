"""The demo house is complete, spelled in three languages, and priced like a house."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.catalogue.assemble import assemble

DEMO = Path(__file__).parents[2] / "demo"
HOUSE: dict[str, Any] = json.loads((DEMO / "house.json").read_text("utf-8"))
PRODUCTS: list[dict[str, Any]] = HOUSE["products"]
VARIANTS = [variant for product in PRODUCTS for variant in product["variants"]]
BY_SLUG = [pytest.param(product, id=product["slug"]) for product in PRODUCTS]
LANGUAGES = {"en", "zh", "ar"}
SCRIPT = {
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "en": re.compile(r"[A-Za-z]"),
}


def texts(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk to every text that is kept per language."""
    if isinstance(node, dict):
        if LANGUAGES & set(node):
            yield path, node
        else:
            for key, value in node.items():
                yield from texts(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from texts(value, f"{path}/{index}")


def check_digit(code: str) -> int:
    """Compute an EAN-13 check digit as GS1 defines it."""
    return -sum(int(digit) * weight for digit, weight in zip(code[:12], [1, 3] * 6, strict=True)) % 10


def test_house_json_is_what_the_texts_assemble_to():
    assert assemble() == HOUSE


def test_there_are_enough_pieces_of_enough_houses():
    assert len(PRODUCTS) >= 24
    assert len({product["brand"] for product in PRODUCTS}) >= 6
    assert len(HOUSE["editorials"]) >= 4
    assert len(HOUSE["journal"]) == 3


def test_every_reference_leads_somewhere():
    brands = {brand["slug"] for brand in HOUSE["brands"]}
    categories = {category["slug"] for category in HOUSE["categories"]}
    assert {product["brand"] for product in PRODUCTS} == brands
    assert {product["category"] for product in PRODUCTS} <= categories
    assert {category["parent"] for category in HOUSE["categories"]} - {None} <= categories


@pytest.mark.parametrize("kind", ["brands", "categories", "products", "editorials", "journal"])
def test_slugs_are_unique_and_fit_an_address(kind: str):
    slugs = [entry["slug"] for entry in HOUSE[kind]]
    assert len(slugs) == len(set(slugs))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in slugs)


def test_every_text_is_written_in_three_languages():
    found = list(texts(HOUSE))
    assert len(found) >= 300
    for path, text in found:
        assert set(text) == LANGUAGES, path
        lengths = {len(value) if isinstance(value, list) else 0 for value in text.values()}
        assert len(lengths) == 1, f"{path}: a list is longer in one language"
        for language, value in text.items():
            whole = " ".join(value) if isinstance(value, list) else value
            assert whole.strip(), f"{path}/{language} is empty"
            if not path.endswith("/labels"):
                assert SCRIPT[language].search(whole), f"{path}/{language} is not in its script"


def test_nobody_raises_their_voice():
    assert not re.search(r"[!！]", (DEMO / "house.json").read_text("utf-8"))


@pytest.mark.parametrize("product", BY_SLUG)
def test_body_is_a_few_quiet_paragraphs(product: dict[str, Any]):
    for body in product["body"].values():
        assert re.fullmatch(r"(<p>[^<>]+</p>)+", body)
    words = re.sub(r"<[^>]+>", " ", product["body"]["en"]).split()
    assert 60 <= len(words) <= 120


@pytest.mark.parametrize("product", BY_SLUG)
def test_variants_are_every_combination_of_the_options(product: dict[str, Any]):
    count = 1
    for option in product["options"]:
        count *= len(option["values"])
    assert len(product["variants"]) == count
    assert len({tuple(variant["options"]) for variant in product["variants"]}) == count
    for variant in product["variants"]:
        for value, option in zip(variant["options"], product["options"], strict=True):
            assert value in option["values"]


def test_skus_and_bar_codes_are_unique_and_well_formed():
    for key in ("sku", "barcode"):
        repeated = [
            value for value, times in Counter(variant[key] for variant in VARIANTS).items() if times > 1
        ]
        assert repeated == []
    for variant in VARIANTS:
        code = variant["barcode"]
        assert re.fullmatch(r"2\d{12}", code)
        assert int(code[-1]) == check_digit(code)


def test_a_wrong_check_digit_would_be_seen():
    code = VARIANTS[0]["barcode"]
    assert check_digit(code) != (int(code[-1]) + 1) % 10


def test_prices_are_whole_minor_units_in_every_currency():
    for variant in VARIANTS:
        for prices in filter(None, (variant["prices"], variant["compare_at"])):
            assert set(prices) == {"CNY", "EUR", "USD", "JPY"}
            assert all(type(amount) is int and amount > 0 for amount in prices.values())
        assert 2_000_00 <= variant["prices"]["CNY"] <= 380_000_00


def test_reductions_are_reductions_and_some_handbags_have_one():
    reduced = [product for product in PRODUCTS if product["variants"][0]["compare_at"]]
    assert len(reduced) >= 6
    for product in reduced:
        for variant in product["variants"]:
            assert all(
                variant["compare_at"][currency] > price for currency, price in variant["prices"].items()
            )
    bags = [
        p for p in reduced if p["category"] == "handbags" and p["variants"][0]["prices"]["CNY"] >= 5_000_00
    ]
    assert len(bags) >= 2


def test_stock_has_last_pieces_and_one_sold_out():
    stock = [sum(variant["stock"] for variant in product["variants"]) for product in PRODUCTS]
    assert all(0 <= variant["stock"] <= 12 for variant in VARIANTS)
    assert stock.count(1) >= 2
    assert stock.count(0) == 1


def test_agreements_run_from_before_to_after():
    for brand in HOUSE["brands"]:
        terms = brand["agreement"]
        assert date.fromisoformat(terms["valid_from"]) < date.fromisoformat(terms["valid_until"])
        assert terms["territories"]
        assert type(terms["exclusive"]) is bool


def test_times_of_publication_carry_their_zone():
    for entry in PRODUCTS + HOUSE["journal"]:
        assert datetime.fromisoformat(entry["published_at"]).tzinfo is not None


def test_every_brand_has_a_file_of_pieces():
    houses = tomllib.loads((DEMO / "catalogue" / "houses.toml").read_text("utf-8"))["brands"]
    assert [brand["slug"] for brand in houses] == [brand["slug"] for brand in HOUSE["brands"]]
