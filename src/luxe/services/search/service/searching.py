"""Asking the index and keeping it up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec
from tantivy import Searcher

from luxe.kernel.house import House
from luxe.kernel.i18n import LOCALES, pick
from luxe.kernel.money import Money
from luxe.services.brands import contract as brands_contract
from luxe.services.catalog import contract as catalog_contract
from luxe.services.catalog.contract import Document
from luxe.services.inventory import contract as inventory_contract
from luxe.services.pricing import contract as pricing_contract
from luxe.services.pricing.contract import Price
from luxe.services.search.contract import Hit, Query, Result, Suggestion
from luxe.services.search.domain import facets, questions, spoken
from luxe.services.search.domain.pieces import IndexedPiece, Kept
from luxe.services.search.service import describing
from luxe.services.search.store import lookup, rows
from luxe.services.search.store.schema import document, plain_analyzer
from luxe.services.search.store.shelf import Shelf

_NAMES_FRESH = timedelta(seconds=15)
_AT_ONCE = 500
_PAGE = 100
_HOUSES = 3
_CATEGORIES = 3


class _Tree(msgspec.Struct, frozen=True, kw_only=True):
    """Categories as the index needs them: parents, and names by locale."""

    parents: dict[str, str]
    names: dict[str, dict[str, str]]


class Search:
    """Implements the Port."""

    def __init__(self, house: House) -> None:
        self.db = house.database("search")
        self.catalog = house.port(catalog_contract.Port)
        self.brands = house.port(brands_contract.Port)
        self.pricing = house.port(pricing_contract.Port)
        self.inventory = house.port(inventory_contract.Port)
        self.shelf = Shelf(house.settings.data_dir / "search")
        self._names = house.cache("search.names")

    async def search(self, *, query: Query) -> Result:
        query = spoken.understood(query)
        questions.check(query)
        searcher = await self._searcher()
        found = lookup.ask(searcher, query)
        corrected = (
            lookup.nearest_words(searcher, query.text) if query.text.strip() and not found.total else ""
        )
        return Result(
            product_ids=[product_id for product_id, _ in found.hits],
            total=found.total,
            facets=facets.facets(query, found.counts, await self._names_in(query.locale)),
            did_you_mean=corrected,
            hits=[_hit(product_id, kept, query) for product_id, kept in found.hits],
        )

    async def suggest(self, *, text: str, locale: str, limit: int = 8) -> list[Suggestion]:
        questions.check(Query(text=text, locale=locale, limit=limit))
        if not text.strip():
            return []
        searcher = await self._searcher()
        names = await self._names_in(locale)
        on_sale = lookup.ask(searcher, Query(limit=1, locale=locale)).counts
        found = [
            Suggestion(kind="house", text=name, href=f"/houses/{slug}")
            for slug, name in names.brands.items()
            if slug in on_sale["brand"] and _begins(name, text)
        ][:_HOUSES]
        found += [
            Suggestion(kind="category", text=name, href=f"/pieces?category={slug}")
            for slug, name in names.categories.items()
            if slug in on_sale["category"] and _begins(name, text)
        ][:_CATEGORIES]
        found += [
            Suggestion(kind="piece", text=pick(kept.titles, locale), href=f"/piece/{kept.slug}")
            for _, kept in lookup.begin_with(searcher, text, limit)
        ]
        return found[:limit]

    async def rebuild(self) -> int:
        await rows.take_turn(self.db.tx, wait=True)
        return await self._rebuild()

    async def mark(self, kind: str, object_id: str) -> None:
        """Notes that a product or variant has to be indexed again."""
        await rows.mark(self.db.tx, kind, object_id)

    async def catch_up(self) -> bool:
        """Indexes what has been marked; builds the index if there is none. True when there is more."""
        marked = await rows.waiting(self.db.tx, _AT_ONCE)
        usable = self.shelf.searcher() is not None
        if (usable and not marked) or not await rows.take_turn(self.db.tx, wait=False):
            return False
        if not usable and self.shelf.searcher() is None:
            await self._rebuild()
        if marked:
            product_ids = await self._products_of(marked)
            found = await self._documents(product_ids)
            on_sale = [each for each in found if each.on_sale]
            gone = sorted(set(product_ids) - {each.id for each in on_sale})
            await asyncio.to_thread(self.shelf.write, gone, await self._pieces(on_sale))
            await rows.done(self.db.tx, [row.seq for row in marked])
            await self._names.forget(*LOCALES)
        return len(marked) == _AT_ONCE

    async def _searcher(self) -> Searcher:
        """A snapshot; the first question to a house without an index waits until it is built."""
        searcher = self.shelf.searcher()
        if searcher is None:
            async with self.db.apart(), self.db.transaction() as tx:
                await rows.take_turn(tx, wait=True)
                if self.shelf.searcher() is None:
                    await self._rebuild()
            searcher = self.shelf.searcher()
        assert searcher is not None
        return searcher

    async def _rebuild(self) -> int:
        found: list[IndexedPiece] = []
        cursor = ""
        while True:
            page = await self.catalog.documents(cursor=cursor, limit=_PAGE)
            found += await self._pieces([each for each in page.items if each.on_sale])
            if page.next is None:
                break
            cursor = page.next
        await asyncio.to_thread(self.shelf.build, (document(piece) for piece in found))
        await self._names.forget(*LOCALES)
        return len(found)

    async def _products_of(self, marked: Sequence[rows.Row]) -> list[str]:
        variants = sorted({row.object_id for row in marked if row.kind == "variant"})
        lines = await self.catalog.lines(variant_ids=variants, locale="en") if variants else []
        return sorted(
            {row.object_id for row in marked if row.kind == "product"} | {line.product_id for line in lines}
        )

    async def _documents(self, product_ids: list[str]) -> list[Document]:
        found: list[Document] = []
        for some in _chunks(product_ids, _PAGE):
            found += (await self.catalog.documents(product_ids=some, limit=_PAGE)).items
        return found

    async def _pieces(self, found: Sequence[Document]) -> list[IndexedPiece]:
        """Documents with their prices and stock; notes on the way what their options are called."""
        if not found:
            return []
        variants = [variant for each in found for variant in each.variant_ids]
        tree = await self._tree()
        prices: dict[str, list[Price]] = {}
        for price in await self.pricing.all_prices(variant_ids=variants):
            prices.setdefault(price.variant_id, []).append(price)
        stock = {
            entry.variant_id
            for entry in await self.inventory.availability(variant_ids=variants)
            if entry.available
        }
        called: dict[tuple[str, str], str] = {}
        for each in found:
            called |= describing.labels(each)
        await rows.keep_labels(self.db.tx, called)
        return [
            describing.indexed(
                each,
                [price for variant in each.variant_ids for price in prices.get(variant, ())],
                any(variant in stock for variant in each.variant_ids),
                tree.parents,
                tree.names,
            )
            for each in found
        ]

    async def _tree(self) -> _Tree:
        drafts = await self.catalog.category_drafts()
        return _Tree(
            parents={draft.slug: draft.parent for draft in drafts},
            names={draft.slug: draft.name for draft in drafts},
        )

    async def _names_in(self, locale: str) -> facets.Names:
        async def gather() -> bytes:
            categories = await self.catalog.categories(locale=locale)
            houses = await self.brands.brands()
            async with self.db.reading() as tx:
                options = await rows.all_labels(tx)
            names = facets.Names(
                categories={category.slug: category.name for category in categories},
                brands={brand.slug: brand.name for brand in houses},
                options=options,
            )
            return msgspec.json.encode(names)

        return msgspec.json.decode(
            await self._names.get_or_compute(locale, _NAMES_FRESH, gather), type=facets.Names
        )


def _hit(product_id: str, kept: Kept, query: Query) -> Hit:
    cost = kept.costs.get(query.currency)
    return Hit(
        id=product_id,
        slug=kept.slug,
        brand=kept.brand,
        title=pick(kept.titles, query.locale),
        price=Money(cost.minor, query.currency) if cost else None,
        compare_at=Money(cost.compare_at, query.currency) if cost and cost.compare_at is not None else None,
        available=kept.available,
    )


def _begins(name: str, text: str) -> bool:
    """Whether any word of a name begins with the text, or a name without spaces holds it."""
    words = " ".join(plain_analyzer().analyze(name))
    wanted = " ".join(plain_analyzer().analyze(text))
    return bool(wanted) and (
        f" {words}".find(f" {wanted}") >= 0 or (not wanted.isascii() and wanted in words)
    )


def _chunks(ids: list[str], size: int) -> Iterator[list[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
