"""The use cases of catalog."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from luxe.kernel import clock, context
from luxe.kernel.errors import NotFound
from luxe.kernel.house import House
from luxe.kernel.i18n import pick
from luxe.kernel.ids import new_id
from luxe.services.brands import contract as brands_contract
from luxe.services.catalog import contract, store
from luxe.services.catalog.contract import (
    Card,
    Category,
    CategoryDraft,
    Document,
    DocumentPage,
    Offer,
    OfferPage,
    ProductChanged,
    ProductDraft,
    ProductListing,
    ProductOffer,
    ProductView,
    PutResult,
    VariantDraft,
    VariantLine,
    VariantOffer,
)
from luxe.services.catalog.domain import cursors, documents, drafts, offers, views
from luxe.services.inventory import contract as inventory_contract
from luxe.services.media import contract as media_contract
from luxe.services.pricing import contract as pricing_contract

DUE_AT_ONCE = 200


class Catalog:
    """Implements the Port."""

    def __init__(self, house: House) -> None:
        self.db = house.database("catalog")
        self.house = house
        self.brands = house.port(brands_contract.Port)
        self.media = house.port(media_contract.Port)
        self.pricing = house.port(pricing_contract.Port)
        self.inventory = house.port(inventory_contract.Port)

    async def put_category(self, *, category: CategoryDraft) -> None:
        drafts.check_category(category)
        if await store.put_category(self.db.tx, msgspec.structs.asdict(category)):
            self.db.audit("catalog.category_put", category.slug)
            self.turn_pages()

    async def put_product(self, *, product: ProductDraft) -> PutResult:
        draft = drafts.sanitised(product)
        drafts.check(draft)
        print_ = drafts.fingerprint(draft)
        found = await store.locked(self.db.tx, slug=draft.slug)
        if found is not None and found.fingerprint == print_:
            kept = (await store.variants_of(self.db.tx, [found.id]))[found.id]
            return PutResult(product_id=found.id, variant_ids=[row.id for row in kept], outcome="unchanged")
        row = await self._row_of(draft, print_)
        if found is None:
            fresh = row | {"id": new_id("prod"), "withdrawn": False, "version": 1}
            fresh["on_sale"] = _visible(fresh)
            if await store.insert_if_new(self.db.tx, fresh):
                return await self._put_parts(draft, fresh, "created")
            found = await store.locked(self.db.tx, slug=draft.slug)
        assert found is not None
        changed = row | {"version": found.version + 1, "listed_at": row["published_at"] or found.listed_at}
        changed["on_sale"] = _visible(changed | {"withdrawn": found.withdrawn})
        await store.update_product(self.db.tx, found.id, changed)
        return await self._put_parts(draft, changed | {"id": found.id}, "changed")

    async def withdraw(self, *, product_id: str, reason: str) -> None:
        found = await store.locked(self.db.tx, product_id=product_id)
        if found is None:
            raise _unknown()
        if found.withdrawn:
            return
        changed = {"withdrawn": True, "on_sale": False, "version": found.version + 1}
        await store.update_product(self.db.tx, product_id, changed)
        await self._record(product_id, "withdrawn", reason)
        self._say(product_id, found.version + 1, False, "catalog.withdrawn")

    async def publish(self, *, product_id: str) -> None:
        found = await store.locked(self.db.tx, product_id=product_id)
        if found is None:
            raise _unknown()
        if found.published and not found.withdrawn:
            return
        changed: dict[str, Any] = {"withdrawn": False, "published": True, "version": found.version + 1}
        changed["on_sale"] = _visible({**found._mapping, **changed})
        await store.update_product(self.db.tx, product_id, changed)
        await self._record(product_id, "published", "")
        self._say(product_id, found.version + 1, changed["on_sale"], "catalog.published")

    async def product(self, *, slug: str, locale: str) -> ProductView:
        row = await store.on_sale_by_name(self.db.tx, slug)
        if row is None:
            raise _unknown()
        return (await self._views([row], locale))[0]

    async def cards(self, *, product_ids: list[str], locale: str) -> list[Card]:
        return [piece.card() for piece in await self._pieces_by_id(product_ids, locale)]

    async def lines(self, *, variant_ids: list[str], locale: str) -> list[VariantLine]:
        found = await store.lines(self.db.tx, variant_ids, locale)
        wanted = (found[variant_id] for variant_id in variant_ids if variant_id in found)
        return [views.Piece(row, said, [], locale).line(variant) for variant, row, said in wanted]

    async def products(self, *, locale: str, cursor: str = "", limit: int = 24) -> ProductListing:
        rows, following = await self._page(cursor, limit)
        return ProductListing(items=await self._views(rows, locale), next=following)

    async def offers(self, *, locale: str, currency: str, cursor: str = "", limit: int = 24) -> OfferPage:
        rows, following = await self._page(cursor, limit)
        return OfferPage(items=await self._offers(await self._pieces(rows, locale), currency), next=following)

    async def offers_of(self, *, product_ids: list[str], locale: str, currency: str) -> list[Offer]:
        return await self._offers(await self._pieces_by_id(product_ids, locale), currency)

    async def offer(self, *, slug: str, locale: str, currency: str) -> ProductOffer:
        view = await self.product(slug=slug, locale=locale)
        variant_ids = [variant.id for variant in view.variants]
        found = await self._variant_offers(variant_ids, currency)
        return ProductOffer(product=view, offers=[found[variant_id] for variant_id in variant_ids])

    async def categories(self, *, locale: str) -> list[Category]:
        rows = await store.all_categories(self.db.tx)
        counts = views.tree_counts(
            {row.slug: row.parent for row in rows}, await store.category_counts(self.db.tx)
        )
        return [
            Category(
                slug=row.slug, name=pick(row.name, locale), parent=row.parent, count=counts.get(row.slug, 0)
            )
            for row in rows
        ]

    async def category_drafts(self) -> list[CategoryDraft]:
        return [
            CategoryDraft(slug=row.slug, name=row.name, parent=row.parent, position=row.position)
            for row in await store.all_categories(self.db.tx)
        ]

    async def documents(
        self, *, cursor: str = "", limit: int = 100, product_ids: list[str] | None = None
    ) -> DocumentPage:
        limit = cursors.check_limit(limit)
        if product_ids is not None:
            rows = sorted((await store.by_ids(self.db.tx, product_ids)).values(), key=lambda row: row.slug)
            return DocumentPage(items=await self._documents(rows), next=None)
        rows = list(await store.by_slug_page(self.db.tx, cursor, limit + 1))
        following = rows[limit - 1].slug if len(rows) > limit else None
        return DocumentPage(items=await self._documents(rows[:limit]), next=following)

    async def take_brand(self, brand_id: str) -> None:
        """Follows a brand's change of name, which is copied beside each of its pieces."""
        found = await self.brands.brands(brand_ids=[brand_id])
        rows = await store.of_brand(self.db.tx, brand_id)
        if not found or all((row.brand, row.brand_slug) == (found[0].name, found[0].slug) for row in rows):
            return
        await store.rename_brand(self.db.tx, brand_id, found[0].name, found[0].slug)
        for row in rows:
            self._say(row.id, row.version + 1, row.on_sale, "catalog.brand_renamed")

    async def reveal_due(self) -> bool:
        """Shows pieces whose time of publication has come; True when there may be more."""
        rows = await store.due(self.db.tx, clock.now(), DUE_AT_ONCE)
        if rows:
            await store.show(self.db.tx, [row.id for row in rows])
        for row in rows:
            self._say(row.id, row.version + 1, True, "catalog.revealed")
        return len(rows) == DUE_AT_ONCE

    def turn_pages(self) -> None:
        """After the commit, every process forgets the pages it has encoded."""
        self.db.after_commit(lambda: self.house.announce(contract.CHANGED, ""))

    async def _row_of(self, draft: ProductDraft, print_: str) -> dict[str, Any]:
        """The columns that a draft decides. Raises `product_invalid`, `category_unknown`."""
        brand = next(iter(await self.brands.brands(brand_ids=[draft.brand_id])), None)
        if brand is None:
            drafts.refuse([("brand_id", "no such brand")])
        assert brand is not None
        if draft.category and draft.category not in {
            row.slug for row in await store.all_categories(self.db.tx)
        }:
            raise NotFound(f"no category {draft.category!r}", code="category_unknown")
        return {
            "slug": draft.slug,
            "brand_id": brand.id,
            "brand": brand.name,
            "brand_slug": brand.slug,
            "category": draft.category,
            "document": msgspec.to_builtins(await self._neutral(draft)),
            "source_locale": documents.source_locale(draft),
            "published": draft.published,
            "published_at": draft.published_at,
            "listed_at": draft.published_at or clock.now(),
            "fingerprint": print_,
        }

    async def _neutral(self, draft: ProductDraft) -> documents.Neutral:
        shown = [picture.asset_id for picture in draft.pictures]
        others = sorted({variant.picture for variant in draft.variants if variant.picture} - set(shown))
        wanted = [*shown, *others, *([draft.model] if draft.model else [])]
        known = {asset.id: asset for asset in await self.media.assets(asset_ids=wanted)} if wanted else {}
        faults = [
            (f"pictures.{asset_id}", "no such picture")
            for asset_id in (*shown, *others)
            if asset_id not in known or known[asset_id].kind != "picture"
        ]
        if draft.model and (draft.model not in known or known[draft.model].kind != "model"):
            faults.append(("model", "no such model"))
        drafts.refuse(faults)

        def stored(asset_id: str, source: str) -> documents.StoredPicture:
            asset = known[asset_id]
            return documents.StoredPicture(
                asset_id=asset_id,
                source=source,
                url=asset.url,
                width=asset.width,
                height=asset.height,
                colour=asset.colour,
            )

        return documents.Neutral(
            tags=draft.tags,
            options=[option.values for option in draft.options],
            pictures=[stored(picture.asset_id, picture.source) for picture in draft.pictures],
            variant_pictures=[stored(asset_id, "") for asset_id in others],
            model=draft.model,
            model_url=known[draft.model].url if draft.model else "",
            exclusive=draft.exclusive,
            extra=draft.extra,
        )

    async def _put_parts(self, draft: ProductDraft, row: dict[str, Any], outcome: str) -> PutResult:
        """Texts and variants of the product whose row was just written."""
        product_id = row["id"]
        await store.replace_texts(self.db.tx, product_id, documents.texts_of(draft))
        variant_ids = await self._put_variants(product_id, draft)
        self._say(product_id, row["version"], row["on_sale"], f"catalog.{outcome}")
        return PutResult(product_id=product_id, variant_ids=variant_ids, outcome=outcome)

    async def _put_variants(self, product_id: str, draft: ProductDraft) -> list[str]:
        rows = (await store.variants_of(self.db.tx, [product_id], retired=True))[product_id]
        known = [documents.KnownVariant(id=row.id, sku=row.sku, options=row.options) for row in rows]
        ids = [matched or new_id("var") for matched in documents.match_variants(draft.variants, known)]
        fresh = [
            {
                **msgspec.structs.asdict(variant),
                "id": id_,
                "product_id": product_id,
                "position": position,
                "retired": False,
            }
            for position, (id_, variant) in enumerate(zip(ids, draft.variants, strict=True))
        ]
        await store.replace_variants(self.db.tx, product_id, fresh)
        return ids

    async def _page(self, cursor: str, limit: int) -> tuple[Sequence[Any], str | None]:
        limit = cursors.check_limit(limit)
        rows = await store.on_sale_page(self.db.tx, cursors.decode(cursor), limit + 1)
        last = rows[limit - 1] if len(rows) > limit else None
        return rows[:limit], cursors.encode(last.listed_at, last.id) if last is not None else None

    async def _pieces(self, rows: Sequence[Any], locale: str) -> list[views.Piece]:
        said = await store.texts_of(self.db.tx, rows, locale)
        variants = await store.variants_of(self.db.tx, [row.id for row in rows])
        return [views.Piece(row, said[row.id], variants[row.id], locale) for row in rows]

    async def _pieces_by_id(self, product_ids: list[str], locale: str) -> list[views.Piece]:
        rows = await store.by_ids(self.db.tx, product_ids, on_sale=True)
        return await self._pieces([rows[id_] for id_ in product_ids if id_ in rows], locale)

    async def _views(self, rows: Sequence[Any], locale: str) -> list[ProductView]:
        names = {row.slug: pick(row.name, locale) for row in await store.all_categories(self.db.tx)}
        return [piece.view(names.get(piece.row.category, "")) for piece in await self._pieces(rows, locale)]

    async def _offers(self, pieces: Sequence[views.Piece], currency: str) -> list[Offer]:
        variant_ids = [variant.id for piece in pieces for variant in piece.variants]
        found = await self._variant_offers(variant_ids, currency)
        return [offers.offer(piece.card(), piece.neutral.exclusive, found) for piece in pieces]

    async def _variant_offers(self, variant_ids: list[str], currency: str) -> dict[str, VariantOffer]:
        priced, stock = await asyncio.gather(
            self.pricing.prices(variant_ids=variant_ids, currency=currency),
            self.inventory.availability(variant_ids=variant_ids),
        )
        prices = {price.variant_id: price for price in priced}
        available = {entry.variant_id: entry.available for entry in stock}
        return {
            id_: VariantOffer(
                variant_id=id_,
                price=price.price if (price := prices.get(id_)) else None,
                compare_at=price.compare_at if price else None,
                lowest_30d=price.lowest_30d if price else None,
                available=available.get(id_, 0),
            )
            for id_ in variant_ids
        }

    async def _documents(self, rows: Sequence[Any]) -> list[Document]:
        said = await store.texts_of(self.db.tx, rows)
        variants = await store.variants_of(self.db.tx, [row.id for row in rows])
        return [_document(row, said[row.id], variants[row.id]) for row in rows]

    async def _record(self, product_id: str, state: str, reason: str) -> None:
        row = {
            "product_id": product_id,
            "state": state,
            "reason": reason,
            "actor": context.current().actor,
            "at": clock.now(),
        }
        await store.add_visibility(self.db.tx, [row])

    def _say(self, product_id: str, version: int, on_sale: bool, action: str) -> None:
        self.db.audit(action, product_id, version=version)
        self.db.emit(ProductChanged(product_id=product_id, version=version, on_sale=on_sale))
        self.turn_pages()


def _document(row: Any, said: dict[str, documents.Texts], variants: Sequence[Any]) -> Document:
    draft = documents.draft_of(
        slug=row.slug,
        brand_id=row.brand_id,
        category=row.category,
        published=row.published,
        published_at=row.published_at,
        neutral=msgspec.convert(row.document, documents.Neutral),
        texts=said,
        variants=[
            VariantDraft(
                sku=variant.sku,
                options=variant.options,
                barcode=variant.barcode,
                weight_grams=variant.weight_grams,
                picture=variant.picture,
            )
            for variant in variants
        ],
    )
    return Document(
        id=row.id,
        draft=draft,
        brand=row.brand,
        variant_ids=[variant.id for variant in variants],
        on_sale=row.on_sale,
        version=row.version,
        brand_slug=row.brand_slug,
        listed_at=row.listed_at,
    )


def _visible(row: dict[str, Any]) -> bool:
    at = row["published_at"]
    return row["published"] and not row["withdrawn"] and (at is None or at <= clock.now())


def _unknown() -> NotFound:
    return NotFound("no such piece", code="product_unknown")
