"""Draft to stored documents and back: what is said once, and what is said in each language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from luxe.services.catalog.contract import OptionDraft, PictureDraft, ProductDraft, VariantDraft

SOURCE = "en"


class StoredPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture with what media said of it; assets never change, so the copy stays true."""

    asset_id: str
    source: str
    url: str
    width: int
    height: int
    colour: str


class Neutral(msgspec.Struct, frozen=True, kw_only=True):
    """What of a product is the same in every language. `variant_pictures` are pictures that only variants show."""

    tags: list[str]
    options: list[list[str]]
    pictures: list[StoredPicture]
    variant_pictures: list[StoredPicture]
    model: str
    model_url: str
    exclusive: bool
    extra: dict[str, str]


class Texts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of a product is said in one language. Options and pictures by their position, written as text."""

    title: str | None = None
    body: str | None = None
    details: list[str] | None = None
    materials: list[str] | None = None
    care: str | None = None
    option_names: dict[str, str] = {}
    option_labels: dict[str, list[str]] = {}
    alts: dict[str, str] = {}


def source_locale(draft: ProductDraft) -> str:
    """The language the draft was written in: English if it has a title in it, else its first."""
    return SOURCE if draft.title.get(SOURCE) else next(iter(draft.title))


def texts_of(draft: ProductDraft) -> dict[str, Texts]:
    locales: set[str] = set()
    for by_locale in (draft.title, draft.body, draft.details, draft.materials, draft.care):
        locales |= set(by_locale)
    for option in draft.options:
        locales |= set(option.name) | set(option.labels)
    for picture in draft.pictures:
        locales |= set(picture.alt)
    return {locale: _texts_in(draft, locale) for locale in sorted(locales)}


def _texts_in(draft: ProductDraft, locale: str) -> Texts:
    options, pictures = list(enumerate(draft.options)), list(enumerate(draft.pictures))
    return Texts(
        title=draft.title.get(locale),
        body=draft.body.get(locale),
        details=draft.details.get(locale),
        materials=draft.materials.get(locale),
        care=draft.care.get(locale),
        option_names={str(index): option.name[locale] for index, option in options if locale in option.name},
        option_labels={
            str(index): option.labels[locale] for index, option in options if locale in option.labels
        },
        alts={str(index): picture.alt[locale] for index, picture in pictures if locale in picture.alt},
    )


def draft_of(
    *,
    slug: str,
    brand_id: str,
    category: str,
    published: bool,
    published_at: datetime | None,
    neutral: Neutral,
    texts: Mapping[str, Texts],
    variants: Sequence[VariantDraft],
) -> ProductDraft:
    """The draft that was stored, exactly."""

    def by_locale(field: str) -> dict[str, Any]:
        found = {locale: getattr(said, field) for locale, said in texts.items()}
        return {locale: value for locale, value in found.items() if value is not None}

    def by_position(field: str, index: int) -> dict[str, Any]:
        found = {locale: getattr(said, field).get(str(index)) for locale, said in texts.items()}
        return {locale: value for locale, value in found.items() if value is not None}

    return ProductDraft(
        slug=slug,
        brand_id=brand_id,
        category=category,
        title=by_locale("title"),
        body=by_locale("body"),
        details=by_locale("details"),
        materials=by_locale("materials"),
        care=by_locale("care"),
        tags=neutral.tags,
        options=[
            OptionDraft(
                name=by_position("option_names", index),
                values=values,
                labels=by_position("option_labels", index),
            )
            for index, values in enumerate(neutral.options)
        ],
        variants=list(variants),
        pictures=[
            PictureDraft(asset_id=picture.asset_id, alt=by_position("alts", index), source=picture.source)
            for index, picture in enumerate(neutral.pictures)
        ],
        model=neutral.model,
        exclusive=neutral.exclusive,
        published=published,
        published_at=published_at,
        extra=neutral.extra,
    )


class KnownVariant(msgspec.Struct, frozen=True, kw_only=True):
    """A variant that is there already, retired or not."""

    id: str
    sku: str
    options: list[str]


def match_variants(drafts: Sequence[VariantDraft], known: Sequence[KnownVariant]) -> list[str | None]:
    """For each draft the id of the variant it continues, by SKU, else by options where a SKU is empty."""
    free = {variant.id: variant for variant in known}
    by_sku = {variant.sku: variant.id for variant in known if variant.sku}
    matched: list[str | None] = [None] * len(drafts)
    for index, draft in enumerate(drafts):
        if draft.sku and (found := by_sku.get(draft.sku)) in free:
            matched[index] = found
            del free[found]
    for index, draft in enumerate(drafts):
        if matched[index] is not None:
            continue
        for variant in free.values():
            if variant.options == draft.options and not (variant.sku and draft.sku):
                matched[index] = variant.id
                del free[variant.id]
                break
    return matched
