"""`luxe import stock`: what comes in, what again changes nothing, and what is wrong by row and column."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from luxe.app import import_stock
from luxe.app.import_stock import Account, import_entries
from luxe.app.stock_sheet import Unreadable, read
from luxe.kernel.settings import Settings
from luxe.services.inventory import contract as inventory
from tests.app_products.test_csv import row, table
from tests.app_products.test_import import UNITS, bring, documents
from tests.harness import Running, drop_database, fresh_database, make_settings, running

HEAD = "SKU,Location,Quantity,Serial,Lot\n"


async def _house(house: Running) -> str:
    """A house with two pieces, SKUs ring-1 and ring-2, and a boutique; the id of ring-1."""
    rows = [
        row(
            Handle=name,
            Title=name.title(),
            Vendor="Aurel",
            **{"Variant SKU": f"{name}-1", "Variant Price": "10"},
        )
        for name in ("ring", "chain")
    ]
    await bring(house, table(*rows))
    await house.port(inventory.Port).put_location(
        location=inventory.Location(code="bund", name="Bund", kind="boutique", country="CN")
    )
    found = {each.draft.variants[0].sku: each.variant_ids[0] for each in await documents(house)}
    return found["ring-1"]


async def _import(house: Running, text: str, dry_run: bool = False) -> Account:
    entries, faults = read((HEAD + text).encode())
    return await import_entries(house.house, entries, faults, dry_run=dry_run)


async def _in_a_thread(settings: Settings, file: Path) -> int:
    return await asyncio.to_thread(import_stock.run, settings, file)


async def test_counts_lots_and_serials_come_in_once() -> None:
    async with running(*UNITS) as house:
        variant = await _house(house)
        text = "ring-1,main,4,,\nring-1,bund,2,,L-1\nchain-1,,,S-1,L-2\nchain-1,bund,,S-2,\n"
        port = house.port(inventory.Port)
        dry = await _import(house, text, dry_run=True)
        assert (dict(dry.outcomes), dry.faults) == ({"counted": 1, "received": 3}, [])
        assert (await port.availability(variant_ids=[variant]))[0].on_hand == 0
        first = await _import(house, text)
        assert (first.outcomes, first.faults) == (dry.outcomes, [])
        stock = await port.stock(variant_ids=[variant])
        assert [(each.location, each.free) for each in stock] == [("bund", 2), ("main", 4)]
        (unit,) = (await port.units(serial="S-1")).items
        assert (unit.location, unit.lot) == ("main", "L-2")
        again = await _import(house, text)
        assert (dict(again.outcomes), again.faults) == ({"unchanged": 4}, [])
        assert await port.stock(variant_ids=[variant]) == stock


async def test_a_lot_and_a_serial_that_were_sold_do_not_come_back() -> None:
    async with running(*UNITS) as house:
        variant = await _house(house)
        port = house.port(inventory.Port)
        text = "ring-1,main,1,,L-1\nring-1,main,,S-1,\n"
        await _import(house, text)
        await port.hold(run="r", lines=[inventory.HoldLine(variant_id=variant, quantity=2)], seconds=60)
        await port.commit(run="r", order_id="ord_1")
        assert dict((await _import(house, text)).outcomes) == {"unchanged": 2}
        assert (await port.availability(variant_ids=[variant]))[0].on_hand == 0


async def test_every_fault_names_row_and_column_and_nothing_comes_in() -> None:
    async with running(*UNITS) as house:
        variant = await _house(house)
        port = house.port(inventory.Port)
        await port.receive(variant_id="var_other", quantity=1, reason="x", key="k", serials=["S-9"])
        text = (
            "ring-1,main,3,,\n"
            "ring-9,main,1,,\n"
            "ring-1,moon,1,,\n"
            "ring-1,bund,some,,\n"
            "ring-1,bund,2,S-3,\n"
            "ring-1,bund,,,\n"
            ",bund,1,,\n"
            "chain-1,bund,,S-9,\n"
            "chain-1,bund,,S-4,\n"
            "chain-1,bund,,S-4,\n"
            "ring-1,main,,S-5,\n"
            "ring-1,main,5,,\n"
        )
        account = await _import(house, text)
        assert [(fault.row, fault.column) for fault in account.faults] == [
            (3, "SKU"),
            (4, "Location"),
            (5, "Quantity"),
            (6, "Quantity"),
            (7, "Quantity"),
            (8, "Variant"),
            (9, "Serial"),
            (11, "Serial"),
            (12, "Serial"),
            (13, "Quantity"),
        ]
        assert not account.outcomes
        assert (await port.availability(variant_ids=[variant]))[0].on_hand == 0


async def test_what_the_house_refuses_is_told_of_its_own_row() -> None:
    async with running(*UNITS) as house:
        variant = await _house(house)
        port = house.port(inventory.Port)
        await _import(house, "ring-1,main,3,,\n")
        await port.hold(run="r", lines=[inventory.HoldLine(variant_id=variant, quantity=2)], seconds=60)
        account = await _import(house, "ring-1,main,1,,\nring-1,bund,1,,\n")
        assert [(fault.row, fault.column) for fault in account.faults] == [(2, "Quantity")]
        assert dict(account.outcomes) == {"counted": 1}
        assert (await port.availability(variant_ids=[variant]))[0].on_hand == 4


async def test_a_lot_with_another_number_is_a_fault() -> None:
    async with running(*UNITS) as house:
        await _house(house)
        await _import(house, "ring-1,main,2,,L-1\n")
        account = await _import(house, "ring-1,main,3,,L-1\n")
        assert [str(fault) for fault in account.faults] == [
            "row 2, Quantity: this lot was received with 2 pieces"
        ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"SKU,Quantity\n\x00", "NUL"),
        (b"SKU,Colour,Quantity\n", "'Colour' is no column"),
        (b"SKU,sku,Quantity\n", "twice"),
        (b"Location,Quantity\n", "none of the columns"),
        (b"SKU,Location\n", "neither"),
        (b'SKU,Quantity\n"a', "line 2"),
        (b"", "none of the columns"),
    ],
)
def test_a_file_that_is_no_stock_is_refused_whole(content: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read(content)


async def test_the_command_ends_with_what_became_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = await fresh_database()
    try:
        file = tmp_path / "stock.csv"
        file.write_text(HEAD + "nobody-1,main,1,,\n")
        code = await _in_a_thread(make_settings(url), file)
        assert code == import_stock.REJECTED
        told = capsys.readouterr().out.splitlines()
        assert told == ["row 2, SKU: 'nobody-1': no variant has it", "Nothing was imported."]
        file.write_text("nonsense")
        assert await _in_a_thread(make_settings(url), file) == import_stock.UNUSABLE
    finally:
        await drop_database(url)


async def test_products_count_at_the_main_location_whatever_is_elsewhere() -> None:
    async with running(*UNITS) as house:
        variant = await _house(house)
        port = house.port(inventory.Port)
        await _import(house, "ring-1,bund,2,,\n")
        sheet = table(
            row(Handle="ring", Title="Ring", Vendor="Aurel")
            | {"Variant SKU": "ring-1", "Variant Price": "10", "Variant Inventory Qty": "3"}
        )
        for outcome in ("changed", "unchanged"):
            assert (await bring(house, sheet)).outcomes == {"ring": outcome}
        stock = await port.stock(variant_ids=[variant])
        assert [(each.location, each.free) for each in stock] == [("bund", 2), ("main", 3)]
