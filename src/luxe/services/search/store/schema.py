"""The index's fields and how text becomes terms."""

from __future__ import annotations

import re
from functools import cache

import msgspec
from tantivy import (
    Document,
    Filter,
    Index,
    Schema,
    SchemaBuilder,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from luxe.kernel.i18n import CURRENCIES, LOCALES
from luxe.services.search.domain.pieces import IndexedPiece, collation_key

VERSION = 1
"""Raise it with any change of fields or analysis; an index of another version is built afresh."""

CJK = ("zh-CN", "zh-TW", "ja", "ko")
_STEMMERS = {
    "en": "english",
    "fr": "french",
    "it": "italian",
    "de": "german",
    "es": "spanish",
    "pt": "portuguese",
    "ru": "russian",
    "ar": "arabic",
}
_LATIN = re.compile(r"[A-Za-z0-9À-ɏ]+")
_DISCOUNT_SHIFT = 34
RAW = ("brand", "category", "option", "tag", "sku")
FLAG_FIELDS = ("available", "exclusive", "model")


def field_of(locale: str) -> str:
    """A locale as part of a field's name."""
    return locale.replace("-", "_").lower()


@cache
def schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("kept", stored=True)
    for name in RAW:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name="plain", index_option="freq")
    for locale in LOCALES:
        name = field_of(locale)
        builder.add_text_field(f"title_{name}", tokenizer_name=f"text_{name}", index_option="position")
        builder.add_text_field(f"body_{name}", tokenizer_name=f"text_{name}", index_option="freq")
        builder.add_text_field(f"name_{name}", fast=True, tokenizer_name="raw", index_option="basic")
    for currency in CURRENCIES:
        builder.add_unsigned_field(f"price_{currency}", fast=True, indexed=True)
        builder.add_unsigned_field(f"discount_{currency}", fast=True, indexed=True)
        builder.add_unsigned_field(f"discounted_{currency}", fast=True, indexed=True)
    for name in FLAG_FIELDS:
        builder.add_unsigned_field(name, fast=True, indexed=True)
    builder.add_unsigned_field("published", fast=True, indexed=True)
    return builder.build()


@cache
def plain_analyzer() -> TextAnalyzer:
    return (
        TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build()
    )


@cache
def analyzer(locale: str) -> TextAnalyzer:
    """Pairs of characters for Chinese, Japanese and Korean; elsewhere words, folded, and stemmed where a stemmer exists."""
    if locale in CJK:
        return TextAnalyzerBuilder(Tokenizer.ngram(1, 2, False)).filter(Filter.lowercase()).build()
    builder = (
        TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(60)).filter(Filter.lowercase())
    )
    builder = builder.filter(Filter.ascii_fold())
    if locale in _STEMMERS:
        builder = builder.filter(Filter.stemmer(_STEMMERS[locale]))
    return builder.build()


def register(index: Index) -> Index:
    index.register_tokenizer("plain", plain_analyzer())
    for locale in LOCALES:
        index.register_tokenizer(f"text_{field_of(locale)}", analyzer(locale))
    return index


def document(piece: IndexedPiece) -> Document:
    found = Document()
    found.add_text("id", piece.id)
    found.add_bytes("kept", msgspec.json.encode(piece.kept))
    raw = zip(RAW, ([piece.brand], piece.categories, piece.options, piece.tags, piece.skus), strict=True)
    for name, values in raw:
        for value in values:
            found.add_text(name, value)
    found.add_text("words", " ".join([*piece.titles.values(), *piece.tags]))
    _add_texts(found, piece)
    for currency, cost in piece.kept.costs.items():
        found.add_unsigned(f"price_{currency}", cost.minor)
        found.add_unsigned(f"discount_{currency}", (cost.discount << _DISCOUNT_SHIFT) | piece.published)
        found.add_unsigned(f"discounted_{currency}", int(cost.discount > 0))
    for name, flag in zip(FLAG_FIELDS, (piece.kept.available, piece.exclusive, piece.model), strict=True):
        found.add_unsigned(name, int(flag))
    found.add_unsigned("published", piece.published)
    return found


def _add_texts(found: Document, piece: IndexedPiece) -> None:
    for locale, title in piece.titles.items():
        found.add_text(f"title_{field_of(locale)}", title)
    for locale, body in piece.bodies.items():
        found.add_text(f"body_{field_of(locale)}", body)
    latin = {
        word
        for locale in CJK
        for word in _LATIN.findall(piece.titles.get(locale, "") + piece.bodies.get(locale, ""))
    }
    if latin:
        found.add_text("body_en", " ".join(sorted(latin)))
    fallback = piece.kept.titles.get("en") or next(iter(piece.kept.titles.values()), "")
    for locale in LOCALES:
        title = piece.kept.titles.get(locale) or fallback
        found.add_text(f"name_{field_of(locale)}", collation_key(title, locale))
