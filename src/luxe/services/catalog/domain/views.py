"""Stored documents as they read in one language, with fallback field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from luxe.kernel.i18n import pick
from luxe.services.catalog.contract import (
    Card,
    OptionValueView,
    OptionView,
    PictureView,
    ProductView,
    VariantLine,
    VariantView,
)
from luxe.services.catalog.domain.documents import Neutral, StoredPicture, Texts

CARD_PICTURES = 2


class Said:
    """A product's texts as heard in one locale."""

    def __init__(self, texts: Mapping[str, Texts], locale: str) -> None:
        self._texts = texts
        self._locale = locale

    def text(self, field: str) -> str:
        return pick(
            {locale: getattr(said, field) or "" for locale, said in self._texts.items()}, self._locale
        )

    def items(self, field: str) -> list[str]:
        given = {locale: getattr(said, field) for locale, said in self._texts.items() if getattr(said, field)}
        return given[best] if (best := pick({locale: locale for locale in given}, self._locale)) else []

    def at(self, field: str, index: int) -> str:
        return pick(
            {locale: getattr(said, field).get(str(index), "") for locale, said in self._texts.items()},
            self._locale,
        )

    def labels(self, index: int, values: list[str]) -> list[str]:
        given = {
            locale: said.option_labels[str(index)]
            for locale, said in self._texts.items()
            if str(index) in said.option_labels
        }
        return given[best] if (best := pick({locale: locale for locale in given}, self._locale)) else values


class Piece:
    """One product in one language; its views. `row` and `variants` are rows of the tables of those names."""

    def __init__(self, row: Any, texts: Mapping[str, Texts], variants: Sequence[Any], locale: str) -> None:
        self.row = row
        self.neutral = msgspec.convert(row.document, Neutral)
        self.said = Said(texts, locale)
        self.variants = variants
        self._labels = [self.said.labels(index, values) for index, values in enumerate(self.neutral.options)]

    def view(self, category_name: str) -> ProductView:
        row, neutral = self.row, self.neutral
        return ProductView(
            id=row.id,
            slug=row.slug,
            brand_id=row.brand_id,
            brand=row.brand,
            brand_slug=row.brand_slug,
            category=row.category,
            category_name=category_name,
            title=self.said.text("title"),
            body=self.said.text("body"),
            details=self.said.items("details"),
            materials=self.said.items("materials"),
            care=self.said.text("care"),
            tags=neutral.tags,
            options=[self._option(index) for index in range(len(neutral.options))],
            variants=[self._variant(variant) for variant in self.variants],
            pictures=self._pictures(),
            model_url=f"{neutral.model_url}/model.glb" if neutral.model_url else "",
            exclusive=neutral.exclusive,
            published_at=row.published_at,
            version=row.version,
        )

    def card(self) -> Card:
        return Card(
            id=self.row.id,
            slug=self.row.slug,
            brand=self.row.brand,
            title=self.said.text("title"),
            category=self.row.category,
            pictures=self._pictures(CARD_PICTURES),
            has_model=bool(self.neutral.model),
            variant_ids=[variant.id for variant in self.variants],
        )

    def line(self, variant: Any) -> VariantLine:
        return VariantLine(
            variant_id=variant.id,
            product_id=self.row.id,
            slug=self.row.slug,
            sku=variant.sku,
            brand_id=self.row.brand_id,
            brand=self.row.brand,
            title=self.said.text("title"),
            label=self._label(variant),
            picture=self._picture_of(variant) or next(iter(self._pictures(1)), None),
            on_sale=self.row.on_sale and not variant.retired,
            brand_slug=self.row.brand_slug,
            category=self.row.category,
        )

    def _option(self, index: int) -> OptionView:
        pairs = zip(self.neutral.options[index], self._labels[index], strict=True)
        return OptionView(
            name=self.said.at("option_names", index),
            values=[OptionValueView(value=value, label=label) for value, label in pairs],
        )

    def _variant(self, variant: Any) -> VariantView:
        return VariantView(
            id=variant.id,
            sku=variant.sku,
            options=variant.options,
            label=self._label(variant),
            barcode=variant.barcode,
            weight_grams=variant.weight_grams,
            picture=self._picture_of(variant),
        )

    def _label(self, variant: Any) -> str:
        """The values as labelled now; a retired variant's values may be none of the product's any more."""
        labels = [
            self._labels[index][self.neutral.options[index].index(value)]
            if index < len(self.neutral.options) and value in self.neutral.options[index]
            else value
            for index, value in enumerate(variant.options)
        ]
        return " / ".join(labels)

    def _pictures(self, limit: int | None = None) -> list[PictureView]:
        return [
            _picture(picture, self.said.at("alts", index) or self.said.text("title"))
            for index, picture in enumerate(self.neutral.pictures[:limit])
        ]

    def _picture_of(self, variant: Any) -> PictureView | None:
        if not variant.picture:
            return None
        for index, picture in enumerate(self.neutral.pictures):
            if picture.asset_id == variant.picture:
                return _picture(picture, self.said.at("alts", index) or self.said.text("title"))
        own = (picture for picture in self.neutral.variant_pictures if picture.asset_id == variant.picture)
        return next((_picture(picture, self.said.text("title")) for picture in own), None)


def _picture(picture: StoredPicture, alt: str) -> PictureView:
    return PictureView(
        asset_id=picture.asset_id,
        url=picture.url,
        alt=alt,
        width=picture.width,
        height=picture.height,
        colour=picture.colour,
    )


def tree_counts(parents: Mapping[str, str], own: Mapping[str, int]) -> dict[str, int]:
    """Pieces in each category and everything under it. A cycle of parents counts each category once."""
    totals = dict.fromkeys(parents, 0)
    for slug, count in own.items():
        for above in _upwards(slug, parents):
            totals[above] = totals.get(above, 0) + count
    return totals


def _upwards(slug: str, parents: Mapping[str, str]) -> Iterable[str]:
    seen: set[str] = set()
    while slug and slug not in seen:
        seen.add(slug)
        yield slug
        slug = parents.get(slug, "")
