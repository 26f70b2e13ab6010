"""Every query of catalog. The number of statements of each function is constant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    Row,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.i18n import SOURCE
from luxe.services.catalog.domain.documents import Texts
from luxe.services.catalog.tables import categories, products, texts, variants, visibility

_FALLBACKS = {"zh-TW": ["zh-CN"]}


async def all_categories(tx: AsyncConnection) -> Sequence[Row[Any]]:
    return (await tx.execute(select(categories).order_by(categories.c.position, categories.c.slug))).all()


async def category_counts(tx: AsyncConnection) -> dict[str, int]:
    """Pieces on sale directly in each category."""
    counted = (
        select(products.c.category, func.count()).where(products.c.on_sale).group_by(products.c.category)
    )
    return {row[0]: row[1] for row in await tx.execute(counted)}


async def put_category(tx: AsyncConnection, row: dict[str, Any]) -> bool:
    """False if it was the same already."""
    statement = insert(categories).values(row)
    changed = {name: statement.excluded[name] for name in ("name", "parent", "position")}
    differs = or_(*(categories.c[name].is_distinct_from(statement.excluded[name]) for name in changed))
    statement = statement.on_conflict_do_update(index_elements=["slug"], set_=changed, where=differs)
    return (await tx.execute(statement.returning(categories.c.slug))).first() is not None


async def locked(tx: AsyncConnection, *, slug: str = "", product_id: str = "") -> Row[Any] | None:
    where = products.c.slug == slug if slug else products.c.id == product_id
    return (await tx.execute(select(products).where(where).with_for_update())).first()


async def insert_if_new(tx: AsyncConnection, row: dict[str, Any]) -> bool:
    statement = insert(products).values(row).on_conflict_do_nothing(index_elements=["slug"])
    return (await tx.execute(statement.returning(products.c.id))).first() is not None


async def update_product(tx: AsyncConnection, product_id: str, row: dict[str, Any]) -> None:
    await tx.execute(update(products).where(products.c.id == product_id).values(row))


async def replace_texts(tx: AsyncConnection, product_id: str, by_locale: dict[str, Texts]) -> None:
    await tx.execute(
        delete(texts).where(texts.c.product_id == product_id, texts.c.locale.not_in(list(by_locale)))
    )
    rows = [
        {"product_id": product_id, "locale": locale, "document": msgspec.to_builtins(said)}
        for locale, said in by_locale.items()
    ]
    statement = insert(texts).values(rows)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["product_id", "locale"], set_={"document": statement.excluded.document}
        )
    )


async def replace_variants(tx: AsyncConnection, product_id: str, rows: Sequence[dict[str, Any]]) -> None:
    """Rows are written by id; variants that are not among them are retired, never deleted."""
    kept = [row["id"] for row in rows]
    gone = update(variants).where(variants.c.product_id == product_id, variants.c.id.not_in(kept))
    await tx.execute(gone.values(retired=True))
    for start in range(0, len(rows), 1_000):
        statement = insert(variants).values(rows[start : start + 1_000])
        columns = ("position", "sku", "options", "barcode", "weight_grams", "picture", "retired")
        changed = {name: statement.excluded[name] for name in columns}
        await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


async def on_sale_page(
    tx: AsyncConnection, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """Newest first."""
    statement = select(products).where(products.c.on_sale)
    if after is not None:
        statement = statement.where(tuple_(products.c.listed_at, products.c.id) < after)
    statement = statement.order_by(products.c.listed_at.desc(), products.c.id.desc()).limit(limit)
    return (await tx.execute(statement)).all()


async def on_sale_by_name(tx: AsyncConnection, name: str) -> Row[Any] | None:
    """By slug or id."""
    statement = select(products).where(
        or_(products.c.slug == name, products.c.id == name), products.c.on_sale
    )
    return (await tx.execute(statement.order_by((products.c.slug == name).desc()).limit(1))).first()


async def by_ids(tx: AsyncConnection, ids: Iterable[str], *, on_sale: bool = False) -> dict[str, Row[Any]]:
    statement = select(products).where(products.c.id.in_(list(ids)))
    if on_sale:
        statement = statement.where(products.c.on_sale)
    return {row.id: row for row in await tx.execute(statement)}


async def by_slug_page(tx: AsyncConnection, after: str, limit: int) -> Sequence[Row[Any]]:
    statement = select(products).where(products.c.slug > after).order_by(products.c.slug).limit(limit)
    return (await tx.execute(statement)).all()


async def of_brand(tx: AsyncConnection, brand_id: str) -> Sequence[Row[Any]]:
    return (await tx.execute(select(products).where(products.c.brand_id == brand_id).with_for_update())).all()


async def rename_brand(tx: AsyncConnection, brand_id: str, name: str, slug: str) -> None:
    statement = update(products).where(products.c.brand_id == brand_id)
    await tx.execute(statement.values(brand=name, brand_slug=slug, version=products.c.version + 1))


async def due(tx: AsyncConnection, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Published pieces whose time has come; taken with SKIP LOCKED."""
    statement = (
        select(products)
        .where(
            products.c.published, ~products.c.withdrawn, ~products.c.on_sale, products.c.published_at <= now
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await tx.execute(statement)).all()


async def show(tx: AsyncConnection, ids: Sequence[str]) -> None:
    statement = update(products).where(products.c.id == bindparam("which"))
    await tx.execute(
        statement.values(on_sale=True, version=products.c.version + 1), [{"which": id_} for id_ in ids]
    )


async def texts_of(tx: AsyncConnection, rows: Iterable[Any], locale: str = "") -> dict[str, dict[str, Texts]]:
    """By product id and locale: all locales, or those that a reader of one falls back on."""
    sources = {row.id: row.source_locale for row in rows}
    statement = select(texts).where(texts.c.product_id.in_(list(sources)))
    if locale:
        wanted = {locale, *_FALLBACKS.get(locale, ()), SOURCE, *sources.values()}
        statement = statement.where(texts.c.locale.in_(sorted(wanted)))
    found: dict[str, dict[str, Texts]] = {product_id: {} for product_id in sources}
    for row in await tx.execute(statement.order_by(texts.c.locale)):
        found[row.product_id][row.locale] = msgspec.convert(row.document, Texts)
    return found


async def variants_of(
    tx: AsyncConnection, product_ids: Iterable[str], *, retired: bool = False
) -> dict[str, list[Row[Any]]]:
    """By product id, in their order; the retired ones only if asked for, last."""
    ids = list(product_ids)
    statement = select(variants).where(variants.c.product_id.in_(ids))
    if not retired:
        statement = statement.where(~variants.c.retired)
    found: dict[str, list[Row[Any]]] = {product_id: [] for product_id in ids}
    for row in await tx.execute(statement.order_by(variants.c.retired, variants.c.position)):
        found[row.product_id].append(row)
    return found


class _Part:
    """The columns of one table in a row of several."""

    def __init__(self, row: Row[Any], table: Table) -> None:
        self._row = row
        self._table = table

    def __getattr__(self, name: str) -> Any:
        return self._row._mapping[self._table.c[name]]


async def lines(
    tx: AsyncConnection, variant_ids: Sequence[str], locale: str
) -> dict[str, tuple[_Part, _Part, dict[str, Texts]]]:
    """By id: a variant, its product, and the product's texts that a reader of the locale falls back on."""
    wanted = sorted({locale, *_FALLBACKS.get(locale, ()), SOURCE})
    found: dict[str, tuple[_Part, _Part, dict[str, Texts]]] = {}
    for row in await tx.execute(_LINES, {"locales": wanted, "variant_ids": list(variant_ids)}):
        variant = _Part(row, variants)
        found[variant.id] = (
            variant,
            _Part(row, products),
            msgspec.convert(row.said or {}, dict[str, Texts]),
        )
    return found


def _lines() -> Select[Any]:
    said = (
        select(func.jsonb_object_agg(texts.c.locale, texts.c.document))
        .where(
            texts.c.product_id == products.c.id,
            or_(
                texts.c.locale == any_(bindparam("locales", type_=ARRAY(Text))),
                texts.c.locale == products.c.source_locale,
            ),
        )
        .scalar_subquery()
        .label("said")
    )
    return (
        select(variants, products, said)
        .select_from(variants.join(products, products.c.id == variants.c.product_id))
        .where(variants.c.id == any_(bindparam("variant_ids", type_=ARRAY(Text))))
    )


_LINES = _lines()


async def add_visibility(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await tx.execute(insert(visibility), rows)
