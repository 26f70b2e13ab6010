"""Puts the pieces of a sheet into the house. The same sheet again changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from luxe.app.products import checking, translating
from luxe.app.products.addresses import Fetcher
from luxe.app.products.pictures import Pictures
from luxe.app.products.sheet import QUANTITY, Fault, Piece, PieceVariant, ReadPiece, Sheet
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.services.brands import contract as brands_contract
from luxe.services.catalog import contract as catalog_contract
from luxe.services.catalog.contract import Document, ProductDraft
from luxe.services.inventory import contract as inventory_contract
from luxe.services.inventory.domain.changes import MAIN
from luxe.services.media import contract as media_contract
from luxe.services.pricing import contract as pricing_contract
from luxe.services.pricing.contract import PriceDraft

Outcome = Literal["created", "changed", "unchanged", "rejected"]
Tell = Callable[[str, int, int], None]
_AT_ONCE = 4
_PAGE = 100


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How to import. `images` is the folder of pictures; `allow_local` permits addresses inside private networks."""

    currency: str
    locale: str
    dry_run: bool = False
    strict: bool = False
    images: Path | None = None
    allow_local: bool = False


class Account(msgspec.Struct, kw_only=True):
    """What an import did (or, dry, would do). `failures` are pictures that could not be had, with the reason."""

    outcomes: dict[str, Outcome] = {}
    variants: int = 0
    faults: list[Fault] = []
    failures: dict[str, str] = {}

    def count(self, outcome: Outcome) -> int:
        return sum(each == outcome for each in self.outcomes.values())


async def import_sheet(house: House, sheet: Sheet, wishes: Wishes, tell: Tell) -> Account:
    """Imports what is sound; with `strict`, everything or nothing. `tell` hears a step, how much is done, and of how much."""
    importer = _Importer(house, wishes, tell)
    await importer.look(sheet)
    account = Account(faults=[*sheet.faults])
    sound = []
    for read in sheet.pieces:
        faults = checking.faults(read, importer.draft(read.piece, dry=True))
        account.faults += faults
        if not faults:
            sound.append(read)
    account.outcomes = {fault.handle: "rejected" for fault in account.faults if fault.handle}
    if wishes.strict and account.faults:
        return account
    account.variants = sum(len(read.piece.variants) for read in sound)
    if wishes.dry_run:
        for read in sound:
            account.outcomes[read.piece.handle] = await importer.foresee(read.piece)
        return account
    await importer.prepare(sound)
    await importer.put_all(sound, account)
    account.failures = importer.failures
    account.faults.sort(key=lambda fault: fault.row)
    return account


class _Importer:
    def __init__(self, house: House, wishes: Wishes, tell: Tell) -> None:
        self.brands = house.port(brands_contract.Port)
        self.catalog = house.port(catalog_contract.Port)
        self.media = house.port(media_contract.Port)
        self.pricing = house.port(pricing_contract.Port)
        self.inventory = house.port(inventory_contract.Port)
        self.wishes = wishes
        self.tell = tell
        self.existing: dict[str, Document] = {}
        self.brand_ids: dict[str, str] = {}
        self.categories: list[catalog_contract.CategoryDraft] = []
        self.assets: dict[str, str] = {}
        self.failures: dict[str, str] = {}

    async def look(self, sheet: Sheet) -> None:
        """Reads what the house has under these handles."""
        handles = {read.piece.handle for read in sheet.pieces}
        cursor = ""
        while handles:
            page = await self.catalog.documents(cursor=cursor, limit=_PAGE)
            self.existing |= {each.draft.slug: each for each in page.items if each.draft.slug in handles}
            if page.next is None:
                break
            cursor = page.next
        self.categories = await self.catalog.category_drafts()
        self.brand_ids = {brand.name.casefold(): brand.id for brand in await self.brands.brands()}

    async def prepare(self, sound: list[ReadPiece]) -> None:
        """Makes the brands and categories that are missing, and has every picture."""
        for vendor in dict.fromkeys(read.piece.vendor for read in sound):
            self.brand_ids[vendor.casefold()] = (await self.brands.brand_for_vendor(name=vendor)).id
        for type_ in dict.fromkeys(read.piece.type for read in sound):
            category = translating.category_for(type_, self.categories, self.wishes.locale)
            if category is not None and category not in self.categories:
                await self.catalog.put_category(category=category)
                self.categories.append(category)
        sources = dict.fromkeys(source for read in sound for source in _sources(read.piece))
        fetcher = Fetcher(allow_local=self.wishes.allow_local)
        placeholder = (await self.media.placeholder()).id if sources else ""
        pictures = Pictures(self.media, fetcher, self.wishes.images, self._known(placeholder))
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            self.tell("pictures", done, len(sources))

        try:
            await pictures.gather(sources, tick)
        finally:
            await fetcher.close()
        self.assets, self.failures = pictures.assets, pictures.failures

    async def put_all(self, sound: list[ReadPiece], account: Account) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)
        done = 0

        async def take(read: ReadPiece) -> None:
            nonlocal done
            async with gate:
                try:
                    account.outcomes[read.piece.handle] = await self._put(read.piece)
                except Refusal as refusal:
                    account.outcomes[read.piece.handle] = "rejected"
                    account.faults.append(_refused(read, refusal))
                done += 1
                self.tell("pieces", done, len(sound))

        await asyncio.gather(*(take(read) for read in sound))

    async def foresee(self, piece: Piece) -> Outcome:
        """What importing would do; pictures are not fetched for it."""
        document = self.existing.get(piece.handle)
        if document is None:
            return "created"
        if checking.cleaned(self.draft(piece, dry=True)) != document.draft:
            return "changed"
        priced = await self.pricing.prices(variant_ids=document.variant_ids, currency=self.wishes.currency)
        now = {price.variant_id: (price.price, price.compare_at) for price in priced}
        pairs = list(zip(document.variant_ids, piece.variants, strict=True))
        if any(
            each.price is not None and now.get(id_) != (each.price, each.compare_at) for id_, each in pairs
        ):
            return "changed"
        return "changed" if await self._miscounted(pairs) else "unchanged"

    def draft(self, piece: Piece, *, dry: bool = False) -> ProductDraft:
        document = self.existing.get(piece.handle)
        category = translating.category_for(piece.type, self.categories, self.wishes.locale)
        assets = self.assets
        if dry:
            assets = dict.fromkeys(_sources(piece), "") | self._known("")
        return translating.draft_of(
            piece,
            brand_id=self.brand_ids.get(piece.vendor.casefold(), ""),
            category=category.slug if category else "",
            assets=assets,
            existing=document.draft if document else None,
            locale=self.wishes.locale,
        )

    async def _put(self, piece: Piece) -> Outcome:
        put = await self.catalog.put_product(product=self.draft(piece))
        pairs = list(zip(put.variant_ids, piece.variants, strict=True))
        prices = [
            PriceDraft(variant_id=id_, price=each.price, compare_at=each.compare_at)
            for id_, each in pairs
            if isinstance(each.price, Money)
        ]
        repriced = await self.pricing.put_prices(prices=prices) if prices else 0
        miscounted = await self._miscounted(pairs)
        for id_, quantity in miscounted:
            await self.inventory.count(variant_id=id_, quantity=quantity, reason="import")
        if put.outcome == "created":
            return "created"
        return "changed" if put.outcome == "changed" or repriced or miscounted else "unchanged"

    async def _miscounted(self, pairs: list[tuple[str, PieceVariant]]) -> list[tuple[str, int]]:
        """Variants whose stock at the main location is not what the sheet says, with what it says."""
        counted = [(id_, each.quantity) for id_, each in pairs if each.quantity is not None]
        if not counted:
            return []
        stock = await self.inventory.stock(variant_ids=[id_ for id_, _ in counted])
        there = {each.variant_id: each.free + each.held for each in stock if each.location == MAIN}
        return [pair for pair in counted if there.get(pair[0], 0) != pair[1]]

    def _known(self, placeholder: str) -> dict[str, str]:
        """Assets by the source they came from; the placeholder is no answer, so that it is tried again."""
        known: dict[str, str] = {}
        for document in self.existing.values():
            pictures = {
                picture.source or picture.asset_id: picture.asset_id for picture in document.draft.pictures
            }
            of_variants = {each.picture: each.picture for each in document.draft.variants if each.picture}
            _, extras = translating.unpacked(document.draft.extra, len(document.draft.variants))
            for extra, variant in zip(extras, document.draft.variants, strict=True):
                if variant.picture and translating.VARIANT_IMAGE in extra:
                    of_variants[extra[translating.VARIANT_IMAGE]] = variant.picture
            known |= of_variants | pictures
        return {source: asset for source, asset in known.items() if asset != placeholder}


def _sources(piece: Piece) -> list[str]:
    listed = [image.src for image in piece.images]
    return list(dict.fromkeys([*listed, *(variant.image for variant in piece.variants if variant.image)]))


def _refused(read: ReadPiece, refusal: Refusal) -> Fault:
    column = QUANTITY if refusal.code in ("stock_in_use", "quantity_invalid") else ""
    return Fault(
        row=read.row, column=column, message=refusal.detail or refusal.code, handle=read.piece.handle
    )
