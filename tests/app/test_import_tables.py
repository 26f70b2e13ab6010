"""`luxe import delivery|taxes|closed-days`: a whole table from a file, or nothing of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from luxe.app import import_tables
from luxe.app.cli.tables import TABLES
from luxe.app.seed import DEMO
from luxe.services.fulfilment.contract import Port
from luxe.services.fulfilment.domain.sheets import SHEETS, read
from tests.harness import running

GOOD = "Country,Kind,Name,Rate\nFR,vat,TVA,20\n"


async def test_a_file_takes_the_place_of_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("\ufeff" + GOOD)
    bad.write_text(GOOD + "FR,vat,TVA réduite,120\n")
    async with running("fulfilment") as house:
        settings = house.composition.settings

        def run(file: Path, **options: bool) -> int:
            return import_tables.run(settings, "taxes", file, **options)

        before = await house.port(Port).sheet(table="taxes")
        assert await asyncio.to_thread(run, good, dry_run=True) == import_tables.DONE
        assert await asyncio.to_thread(run, bad) == import_tables.REJECTED
        assert await asyncio.to_thread(run, tmp_path / "none.csv") == import_tables.UNUSABLE
        assert await house.port(Port).sheet(table="taxes") == before
        for _ in range(2):
            assert await asyncio.to_thread(run, good) == import_tables.DONE
        assert len((await house.port(Port).sheet(table="taxes")).splitlines()) == 2
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "Would import 1 rows.",
        "row 3, Rate: a percentage of 0 or more, below 100, with at most 6 decimals",
        "Nothing was imported.",
    ]
    assert said[-2:] == ["1 rows: 1 new, 0 gone.", "1 rows: 0 new, 0 gone."]


@pytest.mark.parametrize("name", TABLES)
def test_the_demo_house_brings_tables_without_faults(name: str) -> None:
    rows, faults = read(SHEETS[TABLES[name]], (DEMO / "trade" / f"{name}.csv").read_text())
    assert (faults, len(rows) > 30) == ([], True)
