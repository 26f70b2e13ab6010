"""From the documents, prices and stock of others to what the index keeps of a piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import nh3

from luxe.kernel.i18n import CURRENCIES
from luxe.services.catalog.contract import Document
from luxe.services.pricing.contract import Price
from luxe.services.search.domain.pieces import Cost, IndexedPiece, Kept, upwards

_BASIS = 10_000


def indexed(
    document: Document,
    prices: Sequence[Price],
    available: bool,
    parents: Mapping[str, str],
    names: Mapping[str, Mapping[str, str]],
) -> IndexedPiece:
    """`parents` and `names` of categories by slug; a piece is found under every category above its own."""
    draft = document.draft
    categories = list(upwards(draft.category, parents))
    return IndexedPiece(
        id=document.id,
        kept=Kept(
            slug=draft.slug,
            brand=document.brand,
            titles=draft.title,
            costs={currency: cost for currency in CURRENCIES if (cost := _cost(prices, currency))},
            available=available,
        ),
        brand=document.brand_slug,
        categories=categories,
        options=sorted(
            {
                f"{axis}:{value}"
                for variant in draft.variants
                for axis, value in zip(_axes(document), variant.options, strict=True)
            }
        ),
        tags=draft.tags,
        skus=[variant.sku for variant in draft.variants if variant.sku],
        titles={locale: f"{title} {document.brand}" for locale, title in draft.title.items()},
        bodies=_bodies(document, categories, names),
        published=max(0, int(document.listed_at.timestamp())),
        exclusive=draft.exclusive,
        model=bool(draft.model),
    )


def labels(document: Document) -> dict[tuple[str, str], str]:
    """(term, locale) → what an axis or a value of it is called there."""
    found: dict[tuple[str, str], str] = {}
    for option, axis in zip(document.draft.options, _axes(document), strict=True):
        for locale, name in option.name.items():
            found[axis, locale] = name
        for locale, said in option.labels.items():
            for value, label in zip(option.values, said, strict=True):
                found[f"{axis}:{value}", locale] = label
    return found


def _axes(document: Document) -> list[str]:
    return [
        option.name.get("en") or next(iter(option.name.values()), "") for option in document.draft.options
    ]


def _cost(prices: Sequence[Price], currency: str) -> Cost | None:
    priced = [price for price in prices if price.price.currency == currency]
    if not priced:
        return None
    lowest = min(priced, key=lambda price: price.price.minor)
    return Cost(
        minor=lowest.price.minor,
        compare_at=lowest.compare_at.minor if lowest.compare_at else None,
        discount=max(_discount(price) for price in priced),
    )


def _discount(price: Price) -> int:
    if price.compare_at is None or price.compare_at.minor <= price.price.minor:
        return 0
    return (price.compare_at.minor - price.price.minor) * _BASIS // price.compare_at.minor


def _bodies(
    document: Document, categories: Sequence[str], names: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    draft = document.draft
    parts: dict[str, list[str]] = {}
    by_locale: list[Mapping[str, Any]] = [draft.body, draft.care, draft.details, draft.materials]
    by_locale += [option.labels for option in draft.options]
    by_locale += [names.get(category, {}) for category in categories]
    for said in by_locale:
        for locale, text in said.items():
            parts.setdefault(locale, []).extend([text] if isinstance(text, str) else text)
    parts.setdefault("en", []).extend(
        [*draft.tags, *(value for option in draft.options for value in option.values)]
    )
    return {locale: nh3.clean(" ".join(texts), tags=set()) for locale, texts in parts.items()}
