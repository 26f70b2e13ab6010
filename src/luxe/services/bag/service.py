"""Use cases of bag. The catalogue is asked before the bag is locked, so that nobody waits for it with a lock held."""

from __future__ import annotations

from collections.abc import Callable

from luxe.kernel import clock, context, errors
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.services.bag import domain, store
from luxe.services.bag.contract import MAX_WAITS, MAX_WISHES, Bag, PieceIsBack, Wait, Waiting
from luxe.services.bag.domain import Contents
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.catalog.contract import VariantLine
from luxe.services.inventory.contract import Port as InventoryPort

LONGEST_ID = 64
LONGEST_KEY = 200


class BagService:
    def __init__(self, house: House) -> None:
        self.db = house.database("bag")
        self.catalog = house.port(CatalogPort)
        self.inventory = house.port(InventoryPort)

    async def bag(self, *, account_id: str) -> Bag:
        return await store.read(self.db.tx, account_id)

    async def count(self, *, account_id: str) -> int:
        return sum(line.quantity for line in (await store.read(self.db.tx, account_id)).lines)

    async def put(self, *, account_id: str, variant_id: str, quantity: int, was: int | None = None) -> Bag:
        if quantity > 0:
            await self._demand_on_sale(variant_id)
        now = clock.now()

        def changed(contents: Contents) -> Contents:
            if was is not None:
                domain.demand_unchanged(contents, variant_id, was)
            return domain.put(contents, variant_id, quantity, now)

        return await self._change(account_id, changed)

    async def add(
        self,
        *,
        account_id: str,
        variant_id: str,
        quantity: int = 1,
        key: str = "",
        seen: Money | None = None,
    ) -> Bag:
        if len(key) > LONGEST_KEY or "\0" in key:
            raise errors.BadRequest(f"a key has at most {LONGEST_KEY} characters", code="key_invalid")
        await self._demand_on_sale(variant_id)
        now = clock.now()

        def changed(contents: Contents) -> Contents:
            added = domain.add(contents, variant_id, quantity, key, now)
            return domain.note_seen(added, {variant_id: seen}) if seen is not None else added

        return await self._change(account_id, changed)

    async def note_seen(self, *, account_id: str, prices: dict[str, Money]) -> None:
        contents, _ = await store.lock(self.db.tx, account_id, clock.now())
        noted = domain.note_seen(contents, prices)
        if noted != contents:
            await store.note_seen(self.db.tx, account_id, noted)

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

    async def wait_for(self, *, account_id: str, variant_id: str, wanted: bool) -> None:
        if not wanted:
            await store.wait_no_more(self.db.tx, account_id, variant_id)
            return
        piece = await self._demand_on_sale(variant_id)
        [stock] = await self.inventory.availability(variant_ids=[variant_id])
        if stock.available:
            raise errors.Conflict("it can be had now", code="piece_available")
        if not await store.wait(self.db.tx, account_id, variant_id, piece.product_id, clock.now()):
            raise errors.Conflict("that is enough to wait for", code="waits_full", maximum=MAX_WAITS)

    async def waits(self, *, account_id: str) -> list[Wait]:
        return await store.waits_of(self.db.tx, account_id)

    async def waiting(self, *, variant_ids: list[str]) -> list[Waiting]:
        people = await store.waiting(self.db.tx, variant_ids)
        return [Waiting(variant_id=each, people=people.get(each, 0)) for each in variant_ids]

    async def is_awaited(self, variant_id: str) -> bool:
        async with self.db.reading() as tx:
            return bool(await store.waiting(tx, [variant_id]))

    async def look_again(self, variant_id: str) -> None:
        """Tells who waits for a piece that it is back, if it is. While all of it is only held by others, nothing is said
        and nothing forgotten: that is no coming back."""
        [stock] = await self.inventory.availability(variant_ids=[variant_id])
        if stock.available:
            told = await store.tell(self.db.tx, variant_id, clock.now())
            self.db.emit(
                *(
                    PieceIsBack(variant_id=variant_id, product_id=product_id, account_id=account_id)
                    for account_id, product_id in told
                )
            )
        elif not stock.held:
            await store.gone_again(self.db.tx, variant_id)

    async def _change(self, account_id: str, change: Callable[[Contents], Contents]) -> Bag:
        contents, version = await store.lock(self.db.tx, account_id, clock.now())
        changed = change(contents)
        if changed != contents:
            version = await store.write(self.db.tx, account_id, changed, clock.now())
        return store.shown(account_id, changed, version)

    async def _demand_on_sale(self, variant_id: str) -> VariantLine:
        found: list[VariantLine] = []
        if _may_be_id(variant_id):
            found = await self.catalog.lines(variant_ids=[variant_id], locale=context.current().locale)
        for line in found:
            if line.variant_id == variant_id and line.on_sale:
                return line
        raise errors.NotFound("there is no such piece on sale", code="variant_unknown")


def _may_be_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and text.isascii() and text.isprintable()
