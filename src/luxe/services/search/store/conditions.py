"""A query model as conditions of the index, one by one, so that facets can leave their own out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tantivy import FieldType, Occur
from tantivy import Query as Condition

from luxe.services.search.contract import Query
from luxe.services.search.domain import questions
from luxe.services.search.store.schema import CJK, analyzer, field_of, plain_analyzer, schema

_FLAG_FIELDS = {"available": "available", "exclusive": "exclusive", "with_model": "model"}
_SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), ("ja",)),
    (re.compile(r"[\u3400-\u9fff\uf900-\ufaff]"), ("zh-CN", "zh-TW", "ja")),
    (re.compile(r"[\uac00-\ud7af\u1100-\u11ff]"), ("ko",)),
    (re.compile(r"[\u0600-\u06ff]"), ("ar",)),
    (re.compile(r"[\u0400-\u04ff]"), ("ru",)),
)
_CJK_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]+")
_TITLE_WEIGHT = 3.0
_SKU_WEIGHT = 8.0


def conditions(query: Query) -> dict[str, Condition]:
    """By dimension: text, tag, category, brand, option:<axis>, price, and each flag asked for."""
    found: dict[str, Condition] = {}
    if query.text.strip():
        found["text"] = text(query.text, query.locale)
    for name, values in (("category", query.categories), ("brand", query.brands), ("tag", query.tags)):
        if values:
            found[name] = Condition.term_set_query(schema(), name, values)
    for axis, values in questions.axes(query.options).items():
        found[f"option:{axis}"] = Condition.term_set_query(schema(), "option", values)
    if query.price_from is not None or query.price_to is not None:
        found["price"] = between(f"price_{query.currency}", query.price_from, query.price_to)
    for flag in questions.FLAGS:
        if getattr(query, flag):
            found[flag] = term(flag_field(flag, query.currency), 1)
    return found


def flag_field(flag: str, currency: str) -> str:
    return _FLAG_FIELDS.get(flag, f"discounted_{currency}")


def all_of(found: Iterable[Condition]) -> Condition:
    parts = [(Occur.Must, condition) for condition in found]
    return Condition.boolean_query(parts) if parts else Condition.all_query()


def any_of(found: Iterable[Condition]) -> Condition:
    parts = [(Occur.Should, condition) for condition in found]
    return Condition.boolean_query(parts) if parts else Condition.empty_query()


def term(field: str, value: str | int) -> Condition:
    return Condition.term_query(schema(), field, value)


def between(field: str, low: int | None, high: int | None) -> Condition:
    return Condition.range_query(schema(), field, FieldType.Unsigned, low, high)


def text(said: str, locale: str) -> Condition:
    """Every word must be found, in title or body, in the reader's language, English, or the languages of its script."""
    words = [word for word in said.split() if any(letter.isalnum() for letter in word)]
    if not words:
        return Condition.empty_query()
    wanted = list(dict.fromkeys([locale, "en", *_locales_of(said)]))
    last = len(words) - 1
    found = [_word(word, wanted, open_end=index == last) for index, word in enumerate(words)]
    sku = Condition.boost_query(term("sku", said.strip()), _SKU_WEIGHT)
    return any_of([all_of(found), sku])


def beginning(said: str) -> Condition:
    """Pieces whose titles hold every word, the last of them as the beginning of a word."""
    words = plain_analyzer().analyze(said)
    if not words:
        return Condition.empty_query()
    whole = [term("words", word) for word in words[:-1]]
    return all_of([*whole, _prefix(words[-1])])


def titled(said: str) -> Condition:
    """Titles in Chinese, Japanese or Korean that hold these characters."""
    runs = _CJK_RUN.findall(said)
    found = [_pairs(run, f"title_{field_of(locale)}") for run in runs for locale in CJK]
    return any_of(found)


def _locales_of(said: str) -> list[str]:
    return [locale for script, locales in _SCRIPTS if script.search(said) for locale in locales]


def _word(word: str, locales: list[str], *, open_end: bool) -> Condition:
    found: list[Condition] = []
    for locale in locales:
        name = field_of(locale)
        for field, weight in ((f"title_{name}", _TITLE_WEIGHT), (f"body_{name}", 1.0)):
            condition = _in_field(word, locale, field)
            if condition is not None:
                found.append(Condition.boost_query(condition, weight))
    if open_end and (plain := plain_analyzer().analyze(word)) and len(plain[-1]) > 1:
        found.append(_prefix(plain[-1]))
    return any_of(found)


def _in_field(word: str, locale: str, field: str) -> Condition | None:
    if locale in CJK:
        runs = _CJK_RUN.findall(word)
        return all_of(_pairs(run, field) for run in runs) if runs else None
    terms = analyzer(locale).analyze(word)
    return all_of(term(field, each) for each in terms) if terms else None


def _pairs(run: str, field: str) -> Condition:
    """All pairs of neighbouring characters; a single character is itself."""
    if len(run) == 1:
        return term(field, run)
    return all_of(term(field, run[at : at + 2]) for at in range(len(run) - 1))


def _prefix(word: str) -> Condition:
    return Condition.fuzzy_term_query(schema(), "words", word, distance=0, prefix=True)
