"""A draft made safe and checked, before anything is stored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import msgspec
import nh3

from luxe.kernel.errors import PayloadInvalid
from luxe.kernel.i18n import LOCALES
from luxe.services.catalog.contract import CategoryDraft, ProductDraft

MAX_OPTIONS = 3
MAX_VARIANTS = 2_000
MAX_PICTURES = 250
MAX_BODY = 500_000
MAX_TITLE = 500
_SLUG = re.compile(r"^[^\W_](?:[\w.-]{0,253}[^\W_])?$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TAGS = {
    *("p", "br", "hr", "div", "span", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("strong", "b", "em", "i", "u", "s", "sub", "sup", "small", "blockquote", "q", "cite", "abbr", "a"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}


def sanitised(draft: ProductDraft) -> ProductDraft:
    """The draft with bodies that are safe to show: no scripts, styles, pictures or addresses but http, https, mailto."""
    return msgspec.structs.replace(
        draft, body={locale: clean_html(body) for locale, body in draft.body.items()}
    )


def clean_html(html: str) -> str:
    """Plain text stays as it is; markup is reduced to what tells structure. Cleaning twice changes nothing more."""
    if not any(sign in html for sign in "<>&"):
        return html
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )


def fingerprint(draft: ProductDraft) -> str:
    """Equal for drafts that say the same."""
    return hashlib.blake2b(msgspec.json.encode(draft, order="sorted"), digest_size=16).hexdigest()


def check(draft: ProductDraft) -> None:
    """Raises `product_invalid` with every fault found, each a field and a message."""
    faults = [*_texts(draft), *_options(draft), *_variants(draft), *_limits(draft)]
    refuse(faults)


def refuse(faults: list[tuple[str, str]]) -> None:
    if faults:
        listed = [{"field": field, "message": message} for field, message in faults]
        raise PayloadInvalid(
            f"{listed[0]['field']}: {listed[0]['message']}", code="product_invalid", errors=listed
        )


def check_category(draft: CategoryDraft) -> None:
    """Raises `category_invalid`."""
    if (
        not _SLUG.match(draft.slug)
        or not draft.name
        or not set(draft.name) <= set(LOCALES)
        or draft.parent == draft.slug
    ):
        raise PayloadInvalid(
            "a category has a slug, a name by locale, and is not its own parent", code="category_invalid"
        )


def _texts(draft: ProductDraft) -> Iterable[tuple[str, str]]:
    if not _SLUG.match(draft.slug):
        yield "slug", "a slug is letters and digits with - . _ between them, at most 255"
    if not any(title.strip() for title in draft.title.values()):
        yield "title", "a product has a title"
    if any(len(title) > MAX_TITLE for title in draft.title.values()):
        yield "title", f"longer than {MAX_TITLE} characters"
    if any(len(body) > MAX_BODY for body in draft.body.values()):
        yield "body", f"longer than {MAX_BODY} characters"
    fields = [("title", draft.title), ("body", draft.body), ("details", draft.details), ("care", draft.care)]
    fields.append(("materials", draft.materials))
    fields += [(f"options.{index}.name", option.name) for index, option in enumerate(draft.options)]
    fields += [(f"options.{index}.labels", option.labels) for index, option in enumerate(draft.options)]
    fields += [(f"pictures.{index}.alt", picture.alt) for index, picture in enumerate(draft.pictures)]
    for field, by_locale in fields:
        for locale in by_locale:
            if locale not in LOCALES:
                yield field, f"{locale!r} is not a locale of this house"
    if any(_CONTROL.search(title) for title in draft.title.values()):
        yield "title", "it contains control characters"


def _options(draft: ProductDraft) -> Iterable[tuple[str, str]]:
    if len(draft.options) > MAX_OPTIONS:
        yield "options", f"more than {MAX_OPTIONS} options"
    for index, option in enumerate(draft.options):
        if not any(option.name.values()):
            yield f"options.{index}.name", "an option has a name"
        if len(set(option.values)) != len(option.values) or not all(option.values):
            yield f"options.{index}.values", "values are distinct and not empty"
        for locale, labels in option.labels.items():
            if len(labels) != len(option.values):
                yield f"options.{index}.labels", f"{locale}: one label for each value"


def _variants(draft: ProductDraft) -> Iterable[tuple[str, str]]:
    if not draft.variants:
        yield "variants", "a product has at least one variant"
    seen: set[tuple[str, ...]] = set()
    skus: set[str] = set()
    for index, variant in enumerate(draft.variants):
        field = f"variants.{index}"
        if len(variant.options) != len(draft.options):
            yield f"{field}.options", "one value for each option"
            continue
        for value, option in zip(variant.options, draft.options, strict=True):
            if value not in option.values:
                yield f"{field}.options", f"{value!r} is not a value of its option"
        if tuple(variant.options) in seen:
            yield f"{field}.options", "another variant has the same options"
        if variant.sku and variant.sku in skus:
            yield f"{field}.sku", f"another variant has the SKU {variant.sku!r}"
        if not 0 <= variant.weight_grams <= 2**31 - 1:
            yield f"{field}.weight_grams", "not a weight"
        seen.add(tuple(variant.options))
        skus.add(variant.sku)


def _limits(draft: ProductDraft) -> Iterable[tuple[str, str]]:
    if len(draft.variants) > MAX_VARIANTS:
        yield "variants", f"more than {MAX_VARIANTS} variants"
    if len(draft.pictures) > MAX_PICTURES:
        yield "pictures", f"more than {MAX_PICTURES} pictures"
    if b"\\u0000" in msgspec.json.encode(draft):
        yield "product", "it contains a NUL character"
