"""Importing into a house that runs: counts, again, faults, pictures, other languages, and out again."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from luxe.app import export_products, import_products
from luxe.app.products import demo_house, reading
from luxe.app.products.exporting import export_pieces
from luxe.app.products.importing import Account, Wishes, import_sheet
from luxe.app.products.writing import write
from luxe.kernel.money import Money
from luxe.services.catalog import contract as catalog
from luxe.services.inventory import contract as inventory
from luxe.services.media import contract as media
from luxe.services.pricing import contract as pricing
from tests.app_products.test_csv import FIRST, SHARED, row, table
from tests.harness import Running, drop_database, fresh_database, make_settings, running

UNITS = ("brands", "media", "pricing", "inventory", "catalog")
DEMO = Path(__file__).parents[2] / "demo"


async def bring(house: Running, content: bytes, **wishes: Any) -> Account:
    values: dict[str, Any] = {"currency": "EUR", "locale": "en"} | wishes
    sheet = reading.read(content, values["currency"])
    return await import_sheet(house.house, sheet, Wishes(**values), lambda step, done, total: None)


def counts(account: Account) -> tuple[int, int, int, int]:
    created, changed, unchanged, rejected = (
        account.count(each) for each in ("created", "changed", "unchanged", "rejected")
    )
    return created, changed, unchanged, rejected


async def documents(house: Running) -> list[catalog.Document]:
    return (await house.port(catalog.Port).documents()).items


@pytest.mark.skipif(not SHARED.exists(), reason="the shared files are not beside this checkout")
async def test_the_shared_files_come_in_whole_and_once() -> None:
    async with running(*UNITS) as house:
        for name, products, variants in (("apparel", 20, 22), ("jewelery", 20, 23)):
            content = (SHARED / f"{name}.csv").read_bytes()
            dry = await bring(house, content, dry_run=True)
            assert (counts(dry), dry.variants) == ((products, 0, 0, 0), variants)
            first = await bring(house, content)
            assert (counts(first), first.variants, first.faults) == ((products, 0, 0, 0), variants, [])
            assert len(first.failures) >= products
            assert counts(await bring(house, content)) == (0, 0, products, 0)
            assert counts(await bring(house, content, dry_run=True)) == (0, 0, products, 0)
        found = await documents(house)
        assert len(found) == 40
        assert sum(len(document.variant_ids) for document in found) == 45
        placeholder = await house.port(media.Port).placeholder()
        assert {picture.asset_id for document in found for picture in document.draft.pictures} == {
            placeholder.id
        }
        bracelet = await house.port(catalog.Port).offer(slug="leather-anchor", locale="en", currency="EUR")
        assert [(each.price, each.available) for each in bracelet.offers] == [
            (Money(69_99, "EUR"), 1),
            (Money(55_00, "EUR"), 0),
        ]
        pieces = await export_pieces(house.house, currency="EUR", locale="en")
        assert counts(await bring(house, write(pieces).encode())) == (0, 0, 40, 0)
        assert await documents(house) == found


async def test_the_demo_house_goes_out_and_in_unchanged() -> None:
    async with running(*UNITS) as house:
        await demo_house.load(house.house, DEMO, lambda told: None)
        before = await documents(house)
        pieces = await export_pieces(house.house, currency="CNY", locale="en")
        account = await bring(house, write(pieces).encode(), currency="CNY")
        assert counts(account) == (0, 0, len(before), 0)
        assert account.faults == []
        assert await documents(house) == before


async def test_a_change_in_the_file_is_the_only_change_in_the_house() -> None:
    async with running(*UNITS) as house:
        other = row("b", title="B", vendor="Ondevar", price="10", **{"Variant Inventory Qty": "3"})
        await bring(house, table(FIRST, other))
        account = await bring(house, table(FIRST | {"Variant Price": "43"}, other))
        assert account.outcomes == {"ring": "changed", "b": "unchanged"}
        account = await bring(
            house, table(FIRST | {"Variant Price": "43"}, other | {"Variant Inventory Qty": "2"})
        )
        assert account.outcomes == {"ring": "unchanged", "b": "changed"}


async def test_what_a_csv_cannot_say_stays() -> None:
    async with running(*UNITS) as house:
        await bring(house, table(FIRST | {"Body (HTML)": "<p>Gold</p>"}))
        port = house.port(catalog.Port)
        draft = (await documents(house))[0].draft
        richer = msgspec.structs.replace(
            draft, title=draft.title | {"zh-CN": "戒指"}, care={"en": "Keep dry."}
        )
        await port.put_product(product=richer)
        await bring(house, table(FIRST | {"Body (HTML)": "<p>Gold</p>", "Title": "New ring"}))
        kept = (await documents(house))[0].draft
        assert kept == msgspec.structs.replace(richer, title={"en": "New ring", "zh-CN": "戒指"})


async def test_bad_rows_reject_their_product_and_strict_rejects_all() -> None:
    async with running(*UNITS) as house:
        content = table(
            FIRST,
            row("bad/handle", title="X", vendor="V", price="1"),
            row("c", title="C", vendor="V", price="?"),
        )
        strict = await bring(house, content, strict=True)
        assert [(fault.row, fault.column) for fault in strict.faults] == [(4, "Variant Price"), (3, "Handle")]
        assert await documents(house) == []
        loose = await bring(house, content)
        assert loose.outcomes == {"ring": "created", "bad/handle": "rejected", "c": "rejected"}
        assert [document.draft.slug for document in await documents(house)] == ["ring"]


async def test_stock_that_is_being_bought_is_not_counted_away() -> None:
    async with running(*UNITS) as house:
        stocked = FIRST | {"Variant Inventory Qty": "1"}
        await bring(house, table(stocked))
        variant = (await documents(house))[0].variant_ids[0]
        await house.port(inventory.Port).hold(
            run="run_1", lines=[inventory.HoldLine(variant_id=variant, quantity=1)], seconds=60
        )
        account = await bring(house, table(stocked | {"Variant Inventory Qty": "0"}))
        assert [(fault.row, fault.column) for fault in account.faults] == [(2, "Variant Inventory Qty")]
        assert (await house.port(inventory.Port).availability(variant_ids=[variant]))[0].on_hand == 1


async def test_pictures_come_from_a_folder_and_never_from_inside(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 400), "#336699").save(out, "JPEG")
    (tmp_path / "ring.jpg").write_bytes(out.getvalue())
    (tmp_path.parent / "secret.jpg").write_bytes(out.getvalue())
    async with running(*UNITS) as house:
        content = table(
            FIRST | {"Image Src": "ring.jpg"},
            row(image="../secret.jpg"),
            row(image=f"http://127.0.0.1:{house.settings.listen_port}/healthz"),
            row(image="https://cdn.example/a/ring.jpg?v=1"),
        )
        account = await bring(house, content, images=tmp_path)
        assert sorted(account.failures) == [
            "../secret.jpg",
            f"http://127.0.0.1:{house.settings.listen_port}/healthz",
        ]
        assert "private network" in account.failures[f"http://127.0.0.1:{house.settings.listen_port}/healthz"]
        found = [picture.asset_id for picture in (await documents(house))[0].draft.pictures]
        assert found[0] == found[3]
        assert found[1] == found[2] == (await house.port(media.Port).placeholder()).id
        local = await bring(house, content, images=tmp_path, allow_local=True)
        assert "neither a picture" in local.failures[f"http://127.0.0.1:{house.settings.listen_port}/healthz"]


async def test_an_empty_price_leaves_the_price_alone() -> None:
    async with running(*UNITS) as house:
        await bring(house, table(FIRST))
        account = await bring(house, table(FIRST | {"Variant Price": ""}))
        assert counts(account) == (0, 0, 1, 0)
        variant = (await documents(house))[0].variant_ids
        assert [
            price.price
            for price in await house.port(pricing.Port).prices(variant_ids=variant, currency="EUR")
        ] == [Money(42_99, "EUR")]


def test_the_command_tells_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_and_export(tmp_path)
    told = capsys.readouterr().out
    assert "Imported 1 product with 1 variant: 1 created, 0 changed, 0 unchanged, 1 rejected." in told
    assert "row 3, Variant Price: '?' is not an amount such as 1200 or 42.99 (b)" in told


def import_and_export(tmp_path: Path) -> None:
    """Runs both commands as `luxe` does, each in a loop of its own."""
    url = asyncio.run(fresh_database())
    settings = make_settings(url)
    file = tmp_path / "in.csv"
    file.write_bytes(table(FIRST | {"Image Src": "none.jpg"}, row("b", title="B", vendor="V", price="?")))
    assert import_products.run(settings, file) == import_products.REJECTED
    assert len(list((settings.data_dir / "imports").glob("in-pictures-*.csv"))) == 1
    assert export_products.run(settings, tmp_path / "out.csv") == 0
    assert import_products.run(settings, tmp_path / "out.csv", strict=True) == import_products.DONE
    assert import_products.run(settings, tmp_path / "none.csv") == import_products.UNUSABLE
    asyncio.run(drop_database(url))
