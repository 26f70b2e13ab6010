"""The port of bag, bound both ways, with a catalogue that knows a few pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from luxe.kernel.errors import Refusal
from luxe.services.bag import store
from luxe.services.bag.contract import MAX_LINES, Bag, Port
from luxe.services.catalog.contract import Card, VariantLine
from luxe.services.catalog.contract import Port as CatalogPort
from tests.harness import Running, running
from tests.services.statements import statements


class Catalogue:
    """Every `var_` is on sale, apart from `var_withdrawn`; every `prd_` is known."""

    async def lines(self, *, variant_ids: list[str], locale: str) -> list[VariantLine]:
        return [
            VariantLine(
                variant_id=variant_id,
                product_id="prd_1",
                slug="piece",
                sku="P-1",
                brand_id="brd_1",
                brand="Orsini",
                title="A piece",
                label="",
                picture=None,
                on_sale=variant_id != "var_withdrawn",
            )
            for variant_id in variant_ids
            if variant_id.startswith("var_")
        ]

    async def cards(self, *, product_ids: list[str], locale: str) -> list[Card]:
        return [
            Card(
                id=found,
                slug=found,
                brand="",
                title="",
                category="",
                pictures=[],
                has_model=False,
                variant_ids=[],
            )
            for found in product_ids
            if found.startswith("prd_")
        ]


@asynccontextmanager
async def shopping(binding: str = "local") -> AsyncIterator[Running]:
    async with running("bag", binding=binding, stubs={CatalogPort: Catalogue()}) as house:
        yield house


def lines(bag: Bag) -> dict[str, int]:
    return {line.variant_id: line.quantity for line in bag.lines}


async def refused(call: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


async def test_lines_are_set_added_to_and_removed(binding: str) -> None:
    async with shopping(binding) as house:
        bags = house.port(Port)
        assert await bags.bag(account_id="acc_david") == Bag(account_id="acc_david", lines=[], version=0)
        await bags.add(account_id="acc_david", variant_id="var_b")
        await bags.add(account_id="acc_david", variant_id="var_a", quantity=2)
        bag = await bags.put(account_id="acc_david", variant_id="var_b", quantity=3)
        assert [(line.variant_id, line.quantity) for line in bag.lines] == [("var_b", 3), ("var_a", 2)]
        assert bag.version == 3
        assert await bags.bag(account_id="acc_david") == bag
        assert await bags.count(account_id="acc_david") == 5
        assert await bags.put(account_id="acc_david", variant_id="var_b", quantity=3) == bag
        assert lines(await bags.put(account_id="acc_david", variant_id="var_b", quantity=0)) == {"var_a": 2}
        assert await bags.count(account_id="acc_kevin") == 0


async def test_a_key_adds_once(binding: str) -> None:
    async with shopping(binding) as house:
        bags = house.port(Port)
        for _ in range(2):
            await bags.add(account_id="acc_david", variant_id="var_a", quantity=6, key="click-1")
        assert lines(await bags.bag(account_id="acc_david")) == {"var_a": 6}
        assert lines(
            await bags.add(account_id="acc_david", variant_id="var_a", quantity=4, key="click-2")
        ) == {"var_a": 10}


async def test_a_key_is_of_one_bag(binding: str) -> None:
    async with shopping(binding) as house:
        bags = house.port(Port)
        for account in ("acc_david", "acc_kevin"):
            assert lines(await bags.add(account_id=account, variant_id="var_a", key="k")) == {"var_a": 1}


async def test_what_is_refused_changes_nothing(binding: str) -> None:
    async with shopping(binding) as house:
        bags = house.port(Port)
        before = await bags.add(account_id="acc_david", variant_id="var_a", quantity=9)

        def put(variant_id: str, quantity: int) -> Any:
            return bags.put(account_id="acc_david", variant_id=variant_id, quantity=quantity)

        def add(variant_id: str, quantity: int) -> Any:
            return bags.add(account_id="acc_david", variant_id=variant_id, quantity=quantity)

        assert await refused(add("var_a", 2)) == "quantity_invalid"
        assert await refused(add("var_b", 0)) == "quantity_invalid"
        assert await refused(add("var_b", -1)) == "quantity_invalid"
        assert await refused(put("var_b", 11)) == "quantity_invalid"
        assert await refused(put("var_b", -1)) == "quantity_invalid"
        assert await refused(add("unknown", 1)) == "variant_unknown"
        assert await refused(put("var_withdrawn", 1)) == "variant_unknown"
        assert await refused(add("var_\0", 1)) == "variant_unknown"
        assert (
            await refused(bags.add(account_id="acc_david", variant_id="var_b", key="k" * 201))
            == "key_invalid"
        )
        assert await bags.bag(account_id="acc_david") == before
        assert await refused(bags.add(account_id="acc_new", variant_id="unknown")) == "variant_unknown"
        assert await house.rows("bag", "SELECT 1 FROM bag.bags WHERE account_id = 'acc_new'") == []


async def test_a_full_bag_takes_no_new_line() -> None:
    async with shopping() as house:
        bags = house.port(Port)
        for number in range(MAX_LINES):
            await bags.add(account_id="acc_david", variant_id=f"var_{number}")
        assert await refused(bags.add(account_id="acc_david", variant_id="var_more")) == "bag_full"
        assert (await bags.add(account_id="acc_david", variant_id="var_0")).lines[0].quantity == 2


async def test_what_was_bought_is_taken_out(binding: str) -> None:
    async with shopping(binding) as house:
        bags = house.port(Port)
        for variant_id in ("var_a", "var_b", "var_c"):
            await bags.add(account_id="acc_david", variant_id=variant_id)
        for _ in range(2):
            await bags.take_out(account_id="acc_david", variant_ids=["var_a", "var_c", "var_never"])
        await bags.take_out(account_id="acc_david", variant_ids=[])
        await bags.take_out(account_id="acc_nobody", variant_ids=["var_a"])
        bag = await bags.bag(account_id="acc_david")
        assert (lines(bag), bag.version) == ({"var_b": 1}, 4)


async def test_many_clicks_at_once_are_all_counted_and_never_too_many() -> None:
    async with shopping() as house:
        bags = house.port(Port)
        clicks = [bags.add(account_id="acc_david", variant_id=f"var_{number % 2}") for number in range(16)]
        await asyncio.gather(*clicks)
        assert lines(await bags.bag(account_id="acc_david")) == {"var_0": 8, "var_1": 8}
        more = [bags.add(account_id="acc_david", variant_id="var_0") for _ in range(6)]
        outcomes = await asyncio.gather(*more, return_exceptions=True)
        assert [getattr(outcome, "code", "") for outcome in outcomes].count("quantity_invalid") == 4
        assert lines(await bags.bag(account_id="acc_david"))["var_0"] == 10


async def test_the_same_click_arriving_many_times_at_once_counts_once() -> None:
    async with shopping() as house:
        bags = house.port(Port)
        clicks = [bags.add(account_id="acc_david", variant_id="var_a", quantity=6, key="k") for _ in range(8)]
        assert {bag.version for bag in await asyncio.gather(*clicks)} == {1}
        assert lines(await bags.bag(account_id="acc_david")) == {"var_a": 6}


async def test_adding_and_taking_out_at_once_loses_nothing() -> None:
    async with shopping() as house:
        bags = house.port(Port)
        await bags.add(account_id="acc_david", variant_id="var_bought")
        calls: list[Any] = [
            bags.add(account_id="acc_david", variant_id=f"var_{number}") for number in range(8)
        ]
        await asyncio.gather(*calls, bags.take_out(account_id="acc_david", variant_ids=["var_bought"]))
        assert lines(await bags.bag(account_id="acc_david")) == {f"var_{number}": 1 for number in range(8)}


async def test_wishes_newest_first(binding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with shopping(binding) as house:
        bags = house.port(Port)
        for product_id in ("prd_a", "prd_b", "prd_a"):
            await bags.wish(account_id="acc_david", product_id=product_id, wanted=True)
        assert await bags.wishes(account_id="acc_david") == ["prd_b", "prd_a"]
        unknown = bags.wish(account_id="acc_david", product_id="nothing", wanted=True)
        assert await refused(unknown) == "product_unknown"
        monkeypatch.setattr(store, "MAX_WISHES", 2)
        assert (
            await refused(bags.wish(account_id="acc_david", product_id="prd_c", wanted=True)) == "wishes_full"
        )
        await bags.wish(account_id="acc_david", product_id="prd_b", wanted=True)
        for product_id in ("prd_b", "prd_b", "\0"):
            await bags.wish(account_id="acc_david", product_id=product_id, wanted=False)
        assert await bags.wishes(account_id="acc_david") == ["prd_a"]
        assert await bags.wishes(account_id="acc_kevin") == []


async def test_statements_of_a_bag() -> None:
    async with shopping() as house:
        bags = house.port(Port)
        with statements(house, "bag") as adding:
            await bags.add(account_id="acc_david", variant_id="var_a")
        with statements(house, "bag") as reading:
            await bags.bag(account_id="acc_david")
        with statements(house, "bag") as taking:
            await bags.take_out(account_id="acc_david", variant_ids=["var_a"])
        assert (len(adding), len(reading), len(taking)) == (2, 1, 1)


async def test_the_bag_over_rest() -> None:
    async with shopping() as house:
        mine = house.sign_in_as("member", subject="acc_david")
        keys = (f"k{number}" for number in range(99))

        async def send(verb: str, path: str, **body: Any) -> Any:
            headers = mine | {"idempotency-key": next(keys)}
            return await house.rest.request(verb, f"/v1/{path}", headers=headers, json=body or None)

        assert (
            await house.rest.post("/v1/bag/lines", json={"variant_id": "var_a"}, headers=mine)
        ).status_code == 400
        added = await send("POST", "bag/lines", variant_id="var_a", quantity=2)
        assert (added.status_code, added.json()["pieces"]) == (200, 2)
        same = mine | {"idempotency-key": "again"}
        for _ in range(2):
            await house.rest.post("/v1/bag/lines", json={"variant_id": "var_a"}, headers=same)
        assert (await house.rest.get("/v1/bag", headers=mine)).json()["pieces"] == 3
        assert (await send("PUT", "bag/lines/var_a", quantity=5)).json()["lines"][0]["quantity"] == 5
        assert (await send("PUT", "bag/lines/var_a", quantity=11)).status_code == 422
        full = await send("POST", "bag/lines", variant_id="var_a", quantity=6)
        assert (full.status_code, full.json()["code"]) == (409, "quantity_invalid")
        gone = await send("PUT", "bag/lines/nothing", quantity=1)
        assert (gone.status_code, gone.json()["code"]) == (404, "variant_unknown")
        assert (await send("DELETE", "bag/lines/var_a")).json()["lines"] == []
        assert (await send("PUT", "wishes/prd_a")).status_code == 204
        assert (await house.rest.get("/v1/wishes", headers=mine)).json() == {"items": ["prd_a"]}
        assert (await send("DELETE", "wishes/prd_a")).status_code == 204
        assert (await house.rest.get("/v1/wishes", headers=mine)).json() == {"items": []}
        assert (await house.rest.get("/v1/bag")).status_code == 401
        assert (await house.rest.get("/v1/bag", headers=house.sign_in_as("advisor"))).status_code == 403
