"""Reads every product of the house as pieces of the CSV."""

from __future__ import annotations

from luxe.app.products import translating
from luxe.app.products.sheet import Piece
from luxe.kernel.house import House
from luxe.kernel.i18n import pick
from luxe.services.catalog import contract as catalog_contract
from luxe.services.inventory import contract as inventory_contract
from luxe.services.inventory.domain.changes import MAIN
from luxe.services.pricing import contract as pricing_contract

_PAGE = 100


async def export_pieces(house: House, *, currency: str, locale: str) -> list[Piece]:
    """Every product, on sale or not, in order of handle, in one currency and language."""
    catalog = house.port(catalog_contract.Port)
    names = {each.slug: pick(each.name, locale) for each in await catalog.category_drafts()}
    pieces: list[Piece] = []
    cursor = ""
    while True:
        page = await catalog.documents(cursor=cursor, limit=_PAGE)
        variants = [variant for document in page.items for variant in document.variant_ids]
        priced = await house.port(pricing_contract.Port).prices(variant_ids=variants, currency=currency)
        counted = await house.port(inventory_contract.Port).stock(variant_ids=variants)
        prices = {price.variant_id: (price.price, price.compare_at) for price in priced}
        stock = dict.fromkeys(variants, 0) | {
            each.variant_id: each.free + each.held for each in counted if each.location == MAIN
        }
        for document in page.items:
            type_ = names.get(document.draft.category, document.draft.category)
            pieces.append(
                translating.piece_of(document, type_=type_, prices=prices, stock=stock, locale=locale)
            )
        if page.next is None:
            return pieces
        cursor = page.next
