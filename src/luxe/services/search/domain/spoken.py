"""Queries typed as conditions, such as `category = handbags, price >= 5000, sort by discount descending`."""

from __future__ import annotations

import re

import msgspec

from luxe.kernel.money import Money, MoneyError
from luxe.services.search.contract import Query, Sort

_EQUALS = re.compile(r"^(category|brand|house|tag)\s*(?:=|:|is)\s*(.+)$", re.IGNORECASE)
_PRICE = re.compile(r"^price\s*(>=|<=|>|<|=)\s*([\d.,_ ]+)$", re.IGNORECASE)
_SORT = re.compile(
    r"^sort\s+by\s+(price|discount|date|name|newest|relevance)(?:\s+(asc|desc)(?:ending)?)?$", re.IGNORECASE
)
_SORTS: dict[tuple[str, str], Sort] = {
    ("price", "asc"): "price_up",
    ("price", "desc"): "price_down",
    ("price", ""): "price_up",
    ("discount", "desc"): "discount",
    ("discount", ""): "discount",
    ("date", "desc"): "newest",
    ("date", ""): "newest",
    ("newest", ""): "newest",
    ("name", "asc"): "name",
    ("name", ""): "name",
    ("relevance", ""): "relevance",
}
_LISTS = {"category": "categories", "brand": "brands", "house": "brands", "tag": "tags"}


def understood(query: Query) -> Query:
    """The query with the conditions in its text made filters; what is no condition stays text. Prices in major units."""
    if not any(sign in query.text for sign in "=<>") and "sort by" not in query.text.lower():
        return query
    changes: dict[str, object] = {}
    left: list[str] = []
    for clause in re.split(r",(?!\d{3}(?:\D|$))|;|\band\b", query.text):
        said = clause.strip()
        if said and not _take(said, query, changes):
            left.append(said)
    return msgspec.structs.replace(query, text=" ".join(left), **changes)


def _take(clause: str, query: Query, changes: dict[str, object]) -> bool:
    if found := _EQUALS.match(clause):
        field = _LISTS[found[1].lower()]
        chosen = changes.get(field) or list(getattr(query, field))
        assert isinstance(chosen, list)
        changes[field] = [*chosen, re.sub(r"[\s_]+", "-", found[2].strip().lower())]
        return True
    if found := _PRICE.match(clause):
        return _take_price(found[1], found[2], query.currency, changes)
    if (found := _SORT.match(clause)) and (sort := _SORTS.get((found[1].lower(), (found[2] or "").lower()))):
        changes["sort"] = sort
        return True
    return False


def _take_price(sign: str, text: str, currency: str, changes: dict[str, object]) -> bool:
    try:
        minor = Money.parse(re.sub(r"[,_ ]", "", text), currency).minor
    except MoneyError:
        return False
    if sign in (">=", ">", "="):
        changes["price_from"] = minor + (sign == ">")
    if sign in ("<=", "<", "="):
        changes["price_to"] = minor - (sign == "<")
    return True
