"""Counts made into facets with the names that a reader knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from luxe.kernel.i18n import format_money, pick
from luxe.kernel.money import Money
from luxe.services.search.contract import Facet, FacetValue, Query
from luxe.services.search.domain import questions

_FLAG_LABELS = {
    "available": "Available",
    "exclusive": "Only here",
    "discounted": "Reduced",
    "with_model": "In three dimensions",
}


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What categories (in tree order), brands and options are called in one locale."""

    categories: dict[str, str]
    brands: dict[str, str]
    options: Mapping[str, Mapping[str, str]]


def facets(query: Query, counts: Mapping[str, Mapping[str, int]], names: Names) -> list[Facet]:
    """Category, brand, one for each option axis, price, flags; values that nothing has are left out unless chosen."""
    found = [
        _facet(
            "category",
            "Category",
            counts["category"],
            query.categories,
            list(names.categories),
            names.categories.get,
        ),
        _facet("brand", "House", counts["brand"], query.brands, list(names.brands), names.brands.get),
        *_options(query, counts["option"], names),
        _prices(query, counts["price"]),
        _flags(query, counts),
    ]
    return [facet for facet in found if facet.values]


def _facet(
    name: str,
    label: str,
    counts: Mapping[str, int],
    chosen: Sequence[str],
    order: Sequence[str],
    label_of: Callable[[str], str | None],
) -> Facet:
    shown = sorted(
        {*counts, *chosen}, key=lambda value: (order.index(value) if value in order else len(order), value)
    )
    values = [
        FacetValue(
            value=value, label=label_of(value) or value, count=counts.get(value, 0), chosen=value in chosen
        )
        for value in shown
        if counts.get(value) or value in chosen
    ]
    return Facet(name=name, label=label, values=values)


def _options(query: Query, counts: Mapping[str, int], names: Names) -> list[Facet]:
    def label_of(term: str) -> str:
        return pick(names.options.get(term, {}), query.locale)

    by_axis = questions.axes(sorted({*counts, *query.options}))
    return [
        _facet(
            f"option:{axis}",
            label_of(axis) or axis,
            {term: counts[term] for term in terms if term in counts},
            [term for term in terms if term in query.options],
            [],
            lambda term: label_of(term) or term.partition(":")[2],
        )
        for axis, terms in sorted(by_axis.items())
    ]


def _prices(query: Query, counts: Mapping[str, int]) -> Facet:
    values = []
    for start, end in questions.bands(query.currency):
        value = questions.band_value(start, end)
        chosen = (query.price_from, query.price_to) == (start, end)
        if counts.get(value) or chosen:
            label = _band_label(start, end, query)
            values.append(FacetValue(value=value, label=label, count=counts.get(value, 0), chosen=chosen))
    return Facet(name="price", label="Price", values=values)


def _band_label(start: int, end: int | None, query: Query) -> str:
    low = format_money(Money(start, query.currency), query.locale)
    if end is None:
        return f"{low} +"
    return f"{low} – {format_money(Money(end + 1, query.currency), query.locale)}"


def _flags(query: Query, counts: Mapping[str, Mapping[str, int]]) -> Facet:
    values = [
        FacetValue(
            value=flag, label=_FLAG_LABELS[flag], count=counts[flag].get(flag, 0), chosen=getattr(query, flag)
        )
        for flag in questions.FLAGS
        if counts[flag].get(flag) or getattr(query, flag)
    ]
    return Facet(name="flag", label="", values=values)
