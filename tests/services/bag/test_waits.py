"""Two devices with one bag, prices that were seen, and pieces that people wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.bag.contract import MAX_WAITS, PieceIsBack, Port, Waiting
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.inventory.contract import Availability, StockChanged
from luxe.services.inventory.contract import Port as InventoryPort
from tests.harness import Running, running
from tests.services.bag.test_bag_port import Catalogue

MEI, DAVID = "acc_mei", "acc_david"
_NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRICE, RAISED = Money(1_280_000, "CNY"), Money(1_340_000, "CNY")


class Shelves:
    """So many of every piece, and so many of them held."""

    def __init__(self) -> None:
        self.left = 0
        self.held = 0

    async def availability(self, *, variant_ids: list[str]) -> list[Availability]:
        return [
            Availability(variant_id=each, on_hand=self.left + self.held, held=self.held, available=self.left)
            for each in variant_ids
        ]


@asynccontextmanager
async def opened(binding: str = "local") -> AsyncIterator[tuple[Running, Shelves]]:
    shelves = Shelves()
    stubs = {CatalogPort: Catalogue(), InventoryPort: shelves}
    async with running("bag", binding=binding, stubs=stubs) as house:
        yield house, shelves


async def refused(call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value


async def news(house: Running) -> list[str]:
    """Says that stock changed, and returns who was told, in order."""
    async with house.database("bag").transaction():
        await house.service("bag").look_again("var_ring")
    told = [fact.account_id for fact in await house.facts(PieceIsBack)]
    await house.settle()
    return told


async def test_of_two_devices_that_change_a_line_the_second_is_told(binding: str) -> None:
    async with opened(binding) as (house, _):
        bag = house.port(Port)
        await bag.add(account_id=MEI, variant_id="var_ring", quantity=2)
        changes = [
            bag.put(account_id=MEI, variant_id="var_ring", quantity=quantity, was=2) for quantity in (3, 4)
        ]
        done = await asyncio.gather(*changes, return_exceptions=True)
        [told] = [each for each in done if isinstance(each, Refusal)]
        kept = (await bag.bag(account_id=MEI)).lines[0].quantity
        assert (told.code, told.extra) == ("bag_changed", {"quantity": kept})
        assert kept in (3, 4)
        gone = await refused(bag.put(account_id=MEI, variant_id="var_scarf", quantity=1, was=1))
        assert gone.extra == {"quantity": 0}
        removed = await bag.put(account_id=MEI, variant_id="var_ring", quantity=0, was=kept)
        assert removed.lines == []


async def test_the_price_that_was_seen_is_kept_with_the_line(binding: str) -> None:
    async with opened(binding) as (house, _):
        bag = house.port(Port)
        await bag.add(account_id=MEI, variant_id="var_ring", seen=PRICE)
        before = await bag.put(account_id=MEI, variant_id="var_ring", quantity=2)
        assert before.lines[0].seen == PRICE
        await bag.note_seen(account_id=MEI, prices={"var_ring": RAISED, "var_gone": PRICE})
        after = await bag.bag(account_id=MEI)
        assert [(line.variant_id, line.seen) for line in after.lines] == [("var_ring", RAISED)]
        assert after.version == before.version


async def test_who_waits_is_told_once_each_time_in_the_order_of_asking(binding: str) -> None:
    async with opened(binding) as (house, shelves):
        bag = house.port(Port)
        for person in (MEI, DAVID, MEI):
            await bag.wait_for(account_id=person, variant_id="var_ring", wanted=True)
        assert await bag.waiting(variant_ids=["var_ring", "var_scarf"]) == [
            Waiting(variant_id="var_ring", people=2),
            Waiting(variant_id="var_scarf", people=0),
        ]
        assert await news(house) == []
        shelves.left = 1
        assert await news(house) == [MEI, DAVID]
        assert await news(house) == []
        shelves.left, shelves.held = 0, 1
        assert await news(house) == []
        shelves.left, shelves.held = 1, 0
        assert await news(house) == [], "a piece that was only held has not come back"
        shelves.left = 0
        assert await news(house) == []
        await bag.wait_for(account_id=MEI, variant_id="var_ring", wanted=False)
        shelves.left = 2
        assert await news(house) == [DAVID]


async def test_a_fact_of_inventory_is_heard_and_of_two_at_once_one_letter_comes() -> None:
    async with opened() as (house, shelves):
        bag = house.port(Port)
        await bag.wait_for(account_id=MEI, variant_id="var_ring", wanted=True)
        shelves.left = 1
        service = house.service("bag")

        async def once() -> None:
            async with house.database("bag").transaction():
                await service.look_again("var_ring")

        assert await service.is_awaited("var_ring")
        assert not await service.is_awaited("var_scarf")
        [manifest] = house.composition.manifests
        assert [each.fact for each in manifest.reactions] == [StockChanged]
        await asyncio.gather(*(once() for _ in range(6)))
        assert len(await house.facts(PieceIsBack)) == 1


async def test_who_buys_waits_no_more(binding: str) -> None:
    async with opened(binding) as (house, _):
        bag = house.port(Port)
        for person in (MEI, DAVID):
            await bag.wait_for(account_id=person, variant_id="var_ring", wanted=True)
        await bag.take_out(account_id=MEI, variant_ids=["var_ring"])
        assert await bag.waits(account_id=MEI) == []
        assert [wait.variant_id for wait in await bag.waits(account_id=DAVID)] == ["var_ring"]


async def test_there_is_nothing_to_wait_for(binding: str) -> None:
    async with opened(binding) as (house, shelves):
        bag = house.port(Port)
        shelves.left = 1
        for variant_id, code in (("var_ring", "piece_available"), ("var_withdrawn", "variant_unknown")):
            call = bag.wait_for(account_id=MEI, variant_id=variant_id, wanted=True)
            assert (await refused(call)).code == code
        assert await bag.waits(account_id=MEI) == []
        shelves.left = 0
        async with house.database("bag").transaction() as tx:
            waits = house.database("bag").metadata.tables["bag.waits"]
            rows = [
                {"account_id": MEI, "variant_id": f"var_{each}", "product_id": "prd", "asked_at": _NOW}
                for each in range(MAX_WAITS)
            ]
            await tx.execute(waits.insert().values(rows))
        full = bag.wait_for(account_id=MEI, variant_id="var_ring", wanted=True)
        assert (await refused(full)).code == "waits_full"
