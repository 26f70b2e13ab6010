"""Between a piece of the CSV, in one language and currency, and the documents of the house, in all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from luxe.app.products.sheet import VARIANT_IMAGE, Piece, PieceImage, PieceVariant
from luxe.kernel.i18n import pick
from luxe.kernel.money import Money
from luxe.services.catalog.contract import (
    CategoryDraft,
    Document,
    OptionDraft,
    PictureDraft,
    ProductDraft,
    VariantDraft,
)

_OF_ALL = "*"


def category_for(type_: str, categories: Sequence[CategoryDraft], locale: str) -> CategoryDraft | None:
    """The category that a `Type` names, in any language or by its slug; a new one if there is none; None for no type."""
    if not type_:
        return None
    wanted = type_.casefold()
    for category in categories:
        if wanted in (category.slug, *(name.casefold() for name in category.name.values())):
            return category
    slug = re.sub(r"[\W_]+", "-", wanted).strip("-")[:100].strip("-") or "other"
    return CategoryDraft(slug=slug, name={locale: type_}, position=len(categories))


def draft_of(
    piece: Piece,
    *,
    brand_id: str,
    category: str,
    assets: Mapping[str, str],
    existing: ProductDraft | None,
    locale: str,
) -> ProductDraft:
    """The piece laid over what the house has: what a CSV cannot say (other languages, care, models) stays.

    `assets` are media ids by the source of a picture.
    """
    old = existing or ProductDraft(slug=piece.handle, brand_id=brand_id, title={}, variants=[])
    return msgspec.structs.replace(
        old,
        brand_id=brand_id,
        category=category,
        title=_with(old.title, locale, piece.title),
        body=_with(old.body, locale, piece.body),
        tags=piece.tags,
        options=_options(piece, old, locale),
        variants=[
            VariantDraft(
                sku=variant.sku,
                options=variant.options,
                barcode=variant.barcode,
                weight_grams=variant.grams,
                picture=assets[variant.image] if variant.image else "",
            )
            for variant in piece.variants
        ],
        pictures=_pictures(piece, old, assets, locale),
        published=piece.published,
        extra=packed(piece),
    )


def piece_of(
    document: Document,
    *,
    type_: str,
    prices: Mapping[str, tuple[Money, Money | None]],
    stock: Mapping[str, int],
    locale: str,
) -> Piece:
    """What a CSV can say of a document. `prices` (with those to compare) and `stock` by variant."""
    draft = document.draft
    own, of_variants = unpacked(draft.extra, len(draft.variants))
    variants = []
    sources = {picture.asset_id: picture.source for picture in draft.pictures}
    for id_, variant, extra in zip(document.variant_ids, draft.variants, of_variants, strict=True):
        price, compare_at = prices.get(id_, (None, None))
        image = extra.pop(VARIANT_IMAGE, "") or sources.get(variant.picture) or variant.picture
        variants.append(
            PieceVariant(
                options=variant.options,
                sku=variant.sku,
                grams=variant.weight_grams,
                quantity=stock.get(id_, 0),
                price=price,
                compare_at=compare_at,
                barcode=variant.barcode,
                image=image,
                extra=extra,
            )
        )
    return Piece(
        handle=draft.slug,
        title=pick(draft.title, locale),
        body=pick(draft.body, locale),
        vendor=document.brand,
        type=type_,
        tags=draft.tags,
        published=draft.published,
        option_names=[pick(option.name, locale) for option in draft.options],
        variants=variants,
        images=[
            PieceImage(src=picture.source or picture.asset_id, alt=picture.alt.get(locale, ""))
            for picture in draft.pictures
        ],
        extra=own,
    )


def packed(piece: Piece) -> dict[str, str]:
    """Unused columns as one dictionary: a variant's under `Column[position]`, or `Column[*]` where all agree.

    The address of a variant's picture is among them, because a placeholder stands for many addresses.
    """
    found = dict(piece.extra)
    of_variants = [
        variant.extra | ({VARIANT_IMAGE: variant.image} if variant.image else {})
        for variant in piece.variants
    ]
    for column in sorted({column for extra in of_variants for column in extra}):
        values = [extra.get(column, "") for extra in of_variants]
        if len(set(values)) == 1:
            found[f"{column}[{_OF_ALL}]"] = values[0]
        else:
            found |= {f"{column}[{index}]": value for index, value in enumerate(values) if value}
    return found


def unpacked(extra: Mapping[str, str], variants: int) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The inverse of `packed`."""
    own: dict[str, str] = {}
    of_variants: list[dict[str, str]] = [{} for _ in range(variants)]
    for key, value in extra.items():
        column, _, place = key.removesuffix("]").rpartition("[")
        if not key.endswith("]") or not (place == _OF_ALL or (place.isdecimal() and int(place) < variants)):
            own[key] = value
        elif place == _OF_ALL:
            for each in of_variants:
                each[column] = value
        else:
            of_variants[int(place)][column] = value
    return own, of_variants


def _options(piece: Piece, old: ProductDraft, locale: str) -> list[OptionDraft]:
    """Values in order of appearance; translations stay where an option still has the same values."""
    found = []
    for index, name in enumerate(piece.option_names):
        values = list(dict.fromkeys(variant.options[index] for variant in piece.variants))
        before = old.options[index] if index < len(old.options) else None
        if before is not None and pick(before.name, locale) == name and set(values) <= set(before.values):
            found.append(before)
        else:
            found.append(OptionDraft(name={locale: name}, values=values))
    return found


def _pictures(piece: Piece, old: ProductDraft, assets: Mapping[str, str], locale: str) -> list[PictureDraft]:
    known = {picture.source or picture.asset_id: picture for picture in old.pictures}
    found = []
    for image in piece.images:
        before = known.get(image.src)
        found.append(
            PictureDraft(
                asset_id=assets[image.src],
                alt=_with(before.alt if before else {}, locale, image.alt),
                source=before.source if before else image.src,
            )
        )
    return found


def _with(texts: Mapping[str, str], locale: str, text: str) -> dict[str, str]:
    """An empty text is no text, and a text that is only what the reader falls back on says nothing new."""
    if text and pick(texts, locale) == text:
        return dict(texts)
    kept = {tag: said for tag, said in texts.items() if tag != locale}
    return {locale: text, **kept} if text else kept
