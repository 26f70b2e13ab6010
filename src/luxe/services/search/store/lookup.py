"""Questions put to a snapshot of the index. Blocking, in milliseconds."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import msgspec
from tantivy import Order, Searcher

from luxe.services.search.contract import Query
from luxe.services.search.domain import questions
from luxe.services.search.domain.pieces import Kept
from luxe.services.search.store.conditions import all_of, any_of, beginning, conditions, flag_field, titled
from luxe.services.search.store.schema import field_of, plain_analyzer

_VALUES = 500


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Hits in order, how many there are in all, and counts by facet and value."""

    hits: list[tuple[str, Kept]]
    total: int
    counts: dict[str, dict[str, int]]


def ask(searcher: Searcher, query: Query) -> Found:
    found = conditions(query)
    whole = all_of(found.values())
    field, order = _sort(query)
    result = searcher.search(whole, query.limit, offset=query.offset, order_by_field=field, order=order)
    return Found(
        hits=[_hit(searcher, address) for _, address in result.hits],
        total=result.count,  # pyright: ignore[reportAttributeAccessIssue] - missing from tantivy's stub
        counts=_counts(searcher, query, found),
    )


def begin_with(searcher: Searcher, text: str, limit: int) -> list[tuple[str, Kept]]:
    """Pieces by the beginning of a word of their titles."""
    either = any_of([beginning(text), titled(text)])
    return [_hit(searcher, address) for _, address in searcher.search(either, limit, count=False).hits]


def nearest_words(searcher: Searcher, text: str) -> str:
    """The text with unknown words replaced by the nearest known ones; nothing if there is nothing to correct."""
    corrected, changed = [], False
    for word in plain_analyzer().analyze(text):
        known = [term for term, _ in searcher.terms_with_prefix("words", word[:1], limit=20_000)]
        near = [word] if word in known else get_close_matches(word, known, 1, 0.72)
        corrected.append(near[0] if near else word)
        changed = changed or corrected[-1] != word
    return " ".join(corrected) if changed else ""


def count(searcher: Searcher) -> int:
    return searcher.num_docs


def _hit(searcher: Searcher, address: Any) -> tuple[str, Kept]:
    document = searcher.doc(address)
    return str(document.get_first("id")), msgspec.json.decode(
        bytes(document.get_first("kept") or b"{}"), type=Kept
    )


def _sort(query: Query) -> tuple[str | None, Order]:
    if query.sort == "price_up":
        return f"price_{query.currency}", Order.Asc
    if query.sort == "price_down":
        return f"price_{query.currency}", Order.Desc
    if query.sort == "discount":
        return f"discount_{query.currency}", Order.Desc
    if query.sort == "name":
        return f"name_{field_of(query.locale)}", Order.Asc
    if query.sort == "relevance" and query.text.strip():
        return None, Order.Desc
    return "published", Order.Desc


def _counts(searcher: Searcher, query: Query, found: dict[str, Any]) -> dict[str, dict[str, int]]:
    """One aggregation for all dimensions that are not filtered by, one more for each that is."""
    wanted = _aggregations(query)
    narrowed = {name: name for name in found if name in wanted} | {
        name: "option" for name in found if name.startswith("option:")
    }
    free = {name: each for name, each in wanted.items() if name not in narrowed}
    counts = _aggregate(searcher, all_of(found.values()), free)
    for dimension, source in narrowed.items():
        others = all_of(condition for name, condition in found.items() if name != dimension)
        own = _aggregate(searcher, others, {source: wanted[source]})[source]
        if source == "option":
            prefix = dimension.removeprefix("option:") + ":"
            kept = {
                value: number for value, number in counts["option"].items() if not value.startswith(prefix)
            }
            counts["option"] = kept | {
                value: number for value, number in own.items() if value.startswith(prefix)
            }
        else:
            counts[dimension] = own
    return counts


def _aggregations(query: Query) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        name: {"terms": {"field": name, "size": _VALUES}} for name in ("category", "brand", "option")
    }
    ranges = [_range(start, end) for start, end in questions.bands(query.currency)]
    wanted["price"] = {"range": {"field": f"price_{query.currency}", "ranges": ranges}}
    for flag in questions.FLAGS:
        wanted[flag] = {"terms": {"field": flag_field(flag, query.currency), "size": 2}}
    return wanted


def _aggregate(searcher: Searcher, condition: Any, wanted: dict[str, Any]) -> dict[str, dict[str, int]]:
    found = searcher.aggregate(condition, wanted)
    counts: dict[str, dict[str, int]] = {}
    for name in wanted:
        buckets = found[name]["buckets"]
        if name == "price":
            counts[name] = {_band(each): each["doc_count"] for each in buckets}
        elif name in questions.FLAGS:
            counts[name] = {name: sum(each["doc_count"] for each in buckets if each["key"] == 1)}
        else:
            counts[name] = {str(each["key"]): each["doc_count"] for each in buckets}
    return counts


def _range(start: int, end: int | None) -> dict[str, int]:
    """Tantivy's ranges exclude their upper end, and one that begins with zero must not say so."""
    return ({"from": start} if start else {}) | ({} if end is None else {"to": end + 1})


def _band(bucket: dict[str, Any]) -> str:
    return questions.band_value(int(bucket.get("from", 0)), int(bucket["to"]) - 1 if "to" in bucket else None)
