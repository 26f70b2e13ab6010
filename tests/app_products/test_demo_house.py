"""The demo house loads whole, and again without a change."""

from __future__ import annotations

import time
from pathlib import Path

from luxe.app.products import demo_house
from luxe.services.brands import contract as brands
from luxe.services.catalog import contract as catalog
from luxe.services.inventory import contract as inventory
from luxe.services.search import contract as search
from tests.harness import running

UNITS = ("brands", "media", "pricing", "inventory", "catalog", "search")
DEMO = Path(__file__).parents[2] / "demo"


async def test_the_demo_house_loads_and_loads_again() -> None:
    async with running(*UNITS) as house:
        told: list[str] = []
        started = time.perf_counter()
        await demo_house.load(house.house, DEMO, told.append)
        print(f"first load {time.perf_counter() - started:.1f} s")
        first = (await house.port(catalog.Port).documents()).items
        assert len(first) >= 24
        assert all(each.on_sale for each in first)
        assert len(await house.port(brands.Port).brands()) >= 6
        assert all(brand.supplied for brand in await house.port(brands.Port).brands())
        stock = await house.port(inventory.Port).availability(
            variant_ids=[v for each in first for v in each.variant_ids]
        )
        page = await house.port(catalog.Port).offers(locale="zh-CN", currency="JPY")
        assert len(page.items) == 24
        assert all(tile.price is not None for tile in page.items)

        started = time.perf_counter()
        await demo_house.load(house.house, DEMO, told.append)
        print(f"second load {time.perf_counter() - started:.1f} s")
        assert (await house.port(catalog.Port).documents()).items == first
        variants = [variant for each in first for variant in each.variant_ids]
        assert await house.port(inventory.Port).availability(variant_ids=variants) == stock

        await house.settle()
        started = time.perf_counter()
        await house.run_jobs("search")
        print(f"index {time.perf_counter() - started:.1f} s")
        found = await house.port(search.Port).search(query=search.Query(text="子午线", locale="zh-CN"))
        assert found.total >= 1
