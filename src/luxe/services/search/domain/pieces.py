"""What the index keeps of a piece."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

import msgspec

_COLLATION = {"zh-CN": "gb18030", "zh-TW": "big5", "ja": "shift_jis", "ko": "euc_kr"}


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """The lowest price of a piece in one currency; `discount` in basis points of the price before, the greatest of any variant."""

    minor: int
    compare_at: int | None
    discount: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Stored beside the index terms, so that a hit can be shown without asking anybody."""

    slug: str
    brand: str
    titles: dict[str, str]
    costs: dict[str, Cost]
    available: bool


class IndexedPiece(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kept: Kept
    brand: str
    categories: list[str]
    options: list[str]
    tags: list[str]
    skus: list[str]
    titles: dict[str, str]
    bodies: dict[str, str]
    published: int
    exclusive: bool
    model: bool


def upwards(slug: str, parents: Mapping[str, str]) -> Iterable[str]:
    seen: set[str] = set()
    while slug and slug not in seen:
        seen.add(slug)
        yield slug
        slug = parents.get(slug, "")


def collation_key(text: str, locale: str) -> str:
    """Sorts as readers expect: case and accents aside; Chinese by the order of its national character set,
    which is pinyin for GB 2312's first level and strokes for Big5, Japanese and Korean by theirs."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    if encoding := _COLLATION.get(locale):
        return folded.encode(encoding, "replace").hex()
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(letter)
    )
