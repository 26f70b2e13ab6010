"""Use cases of bag. The catalogue is asked before the bag is locked, so that nobody waits for it with a lock held."""

from __future__ import annotations

from collections.abc import Callable

from luxe.kernel import clock, context, errors
from luxe.kernel.house import House
from luxe.services.bag import domain, store
from luxe.services.bag.contract import MAX_WISHES, Bag
from luxe.services.bag.domain import Contents
from luxe.services.catalog.contract import Port as CatalogPort

LONGEST_ID = 64
LONGEST_KEY = 200


class BagService:
    def __init__(self, house: House) -> None:
        self.db = house.database("bag")
        self.catalog = house.port(CatalogPort)

    async def bag(self, *, account_id: str) -> Bag:
        return await store.read(self.db.tx, account_id)

    async def count(self, *, account_id: str) -> int:
        return sum(line.quantity for line in (await store.read(self.db.tx, account_id)).lines)

    async def put(self, *, account_id: str, variant_id: str, quantity: int) -> Bag:
        if quantity > 0:
            await self._demand_on_sale(variant_id)
        now = clock.now()
        return await self._change(
            account_id, lambda contents: domain.put(contents, variant_id, quantity, now)
        )

    async def add(self, *, account_id: str, variant_id: str, quantity: int = 1, key: str = "") -> Bag:
        if len(key) > LONGEST_KEY or "\0" in key:
            raise errors.BadRequest(f"a key has at most {LONGEST_KEY} characters", code="key_invalid")
        await self._demand_on_sale(variant_id)
        now = clock.now()
        return await self._change(
            account_id, lambda contents: domain.add(contents, variant_id, quantity, key, now)
        )

    async def take_out(self, *, account_id: str, variant_ids: list[str]) -> None:
        if variant_ids:
            await store.take_out(self.db.tx, account_id, variant_ids, clock.now())

    async def wishes(self, *, account_id: str) -> list[str]:
        return await store.wishes_of(self.db.tx, account_id)

    async def wish(self, *, account_id: str, product_id: str, wanted: bool) -> None:
        if not _may_be_id(product_id):
            if wanted:
                raise errors.NotFound("there is no such product", code="product_unknown")
            return
        if not wanted:
            await store.unwish(self.db.tx, account_id, product_id)
            return
        found = await self.catalog.cards(product_ids=[product_id], locale=context.current().locale)
        if [card.id for card in found] != [product_id]:
            raise errors.NotFound("there is no such product", code="product_unknown")
        if not await store.wish(self.db.tx, account_id, product_id, clock.now()):
            raise errors.Conflict("the wish list is full", code="wishes_full", maximum=MAX_WISHES)

    async def _change(self, account_id: str, change: Callable[[Contents], Contents]) -> Bag:
        contents, version = await store.lock(self.db.tx, account_id, clock.now())
        changed = change(contents)
        if changed != contents:
            version = await store.write(self.db.tx, account_id, changed, clock.now())
        return store.shown(account_id, changed, version)

    async def _demand_on_sale(self, variant_id: str) -> None:
        found = []
        if _may_be_id(variant_id):
            found = await self.catalog.lines(variant_ids=[variant_id], locale=context.current().locale)
        if not any(line.variant_id == variant_id and line.on_sale for line in found):
            raise errors.NotFound("there is no such piece on sale", code="variant_unknown")


def _may_be_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and text.isascii() and text.isprintable()
