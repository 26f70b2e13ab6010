"""Assemble ``demo/house.json`` from the hand-written TOML files beside this module.

Run ``python -m demo.catalogue.assemble``. Needs the standard library only, and writes the same
bytes for the same texts.
"""

import hashlib
import itertools
import json
import tomllib
from html import escape
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HOUSE = HERE.parent / "house.json"
LANGUAGES = ("en", "zh", "ar")
RATES = {"EUR": 0.122, "USD": 0.140, "JPY": 21.5}

Table = dict[str, Any]


def load(name: str) -> Table:
    """Read one TOML file of this folder."""
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))


def paragraphs(text: str) -> str:
    """Turn blank-line separated prose into simple HTML paragraphs."""
    return "".join(f"<p>{escape(part.strip(), quote=False)}</p>" for part in text.strip().split("\n\n"))


def barcode(sku: str) -> str:
    """Return a stable EAN-13 for a SKU, in the range kept for use inside a shop (prefix 200 to 299)."""
    number = int(hashlib.sha256(sku.encode()).hexdigest(), 16) % 10**11
    digits = f"2{number:011d}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def price_list(yuan: int) -> dict[str, int]:
    """Return round list prices in minor units for every currency of the house; the yen has none."""
    amount = {currency: yuan * rate for currency, rate in RATES.items()}
    return {
        "CNY": yuan * 100,
        "EUR": round(amount["EUR"] / 10) * 1000,
        "USD": round(amount["USD"] / 10) * 1000,
        "JPY": round(amount["JPY"] / 1000) * 1000,
    }


def option(words: Table, spec: Table) -> Table:
    """Return one option with its canonical English values and what they are called in each language."""
    values = spec["values"]
    labels = {
        language: [words["values"].get(value, {}).get(language, value) for value in values]
        for language in LANGUAGES
    }
    return {"name": words["options"][spec["name"]], "values": values, "labels": labels}


def variants(piece: Table, sku_root: str) -> list[Table]:
    """Return every combination of the piece's options as a sellable variant."""
    combinations = list(itertools.product(*(spec["values"] for spec in piece["options"])))
    result: list[Table] = []
    for index, (values, stock) in enumerate(zip(combinations, piece["stock"], strict=True)):
        sku = "-".join([sku_root, *(value.replace(" ", "")[:3].upper() for value in values)])
        yuan = piece.get("volume_prices", [piece["cny"]] * len(combinations))[index]
        result.append(
            {
                "sku": sku,
                "options": list(values),
                "barcode": barcode(sku),
                "weight_grams": piece["grams"],
                "prices": price_list(yuan),
                "compare_at": price_list(piece["was"]) if "was" in piece else None,
                "stock": stock,
            }
        )
    return result


def pictures(words: Table, piece: Table) -> list[Table]:
    """Return the piece's pictures in order, each described in every language."""
    joints = {"en": ", ", "zh": "，", "ar": "، "}
    return [
        {
            "file": f"{piece['slug']}-{number}.webp",
            "alt": {
                language: piece["look"][language] + joints[language] + words["views"][view][language]
                for language in LANGUAGES
            },
        }
        for number, view in enumerate(piece["views"], start=1)
    ]


def product(words: Table, brand: Table, piece: Table) -> Table:
    """Return one product as the house publishes it."""
    return {
        "slug": piece["slug"],
        "brand": brand["slug"],
        "category": piece["category"],
        "title": piece["title"],
        "body": {language: paragraphs(piece["body"][language]) for language in LANGUAGES},
        "details": piece["details"],
        "materials": {
            language: [words["materials"][key][language] for key in piece["materials"]]
            for language in LANGUAGES
        },
        "care": words["care"][piece["care"]],
        "tags": piece["tags"],
        "options": [option(words, spec) for spec in piece["options"]],
        "pictures": pictures(words, piece),
        "model": f"{piece['slug']}.glb" if piece["model"] else None,
        "exclusive": piece["exclusive"],
        "published_at": piece["published_at"],
        "variants": variants(piece, f"{brand['code']}-{piece['code']}"),
    }


def assemble() -> Table:
    """Return the whole house, ready to be written as JSON."""
    words, houses, stories = load("vocabulary"), load("houses"), load("stories")
    return {
        "brands": [
            {key: value for key, value in brand.items() if key != "code"} for brand in houses["brands"]
        ],
        "categories": [{"parent": None, **category} for category in words["categories"]],
        "products": [
            product(words, brand, piece)
            for brand in houses["brands"]
            for piece in load(brand["slug"])["products"]
        ],
        "editorials": [
            {**editorial, "picture": f"editorial-{editorial['slug']}.webp"}
            for editorial in stories["editorials"]
        ],
        "journal": [
            {**text, "body": {language: paragraphs(text["body"][language]) for language in LANGUAGES}}
            for text in stories["journal"]
        ],
    }


if __name__ == "__main__":
    HOUSE.write_text(json.dumps(assemble(), ensure_ascii=False, indent=1) + "\n", "utf-8")
