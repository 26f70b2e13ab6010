"""`luxe import taxes` and its like: puts the rows of a CSV file in the place of a whole table of fulfilment."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from rich.console import Console

from luxe.app.house import Composition
from luxe.kernel.errors import Refusal
from luxe.kernel.settings import Settings
from luxe.services.fulfilment.contract import Port, Replaced, Table
from luxe.services.fulfilment.domain.sheets import SHEETS, Fault, read

UNITS = ("fulfilment", "orders", "inventory")
BY = "import"
DONE, REJECTED, UNUSABLE = 0, 1, 2


def run(settings: Settings, table: Table, file: Path, *, dry_run: bool = False) -> int:
    """The exit code: 0 the table is as the file says, 1 the file has faults, 2 it cannot be read."""
    console = Console()
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        console.print(f"{file} cannot be imported: {error}.", style="red", markup=False, soft_wrap=True)
        return UNUSABLE
    rows, faults = read(SHEETS[table], text)
    if not faults and not dry_run:
        try:
            replaced = asyncio.run(_replace(settings, table, text))
        except Refusal as refusal:
            faults = msgspec.convert(refusal.extra.get("errors", []), list[Fault])
        else:
            console.print(f"{replaced.rows} rows: {replaced.added} new, {replaced.removed} gone.")
            return DONE
    for fault in faults:
        place = f"row {fault.row}, {fault.column}" if fault.column else f"row {fault.row}"
        console.print(f"{place}: {fault.message}", style="red", markup=False, soft_wrap=True)
    if faults:
        console.print("Nothing was imported.")
        return REJECTED
    console.print(f"Would import {len(rows)} rows.")
    return DONE


async def _replace(settings: Settings, table: Table, text: str) -> Replaced:
    composition = Composition(settings, UNITS)
    await composition.start(background=False)
    try:
        return await composition.house.port(Port).replace_sheet(table=table, sheet=text, operator_id=BY)
    finally:
        await composition.stop()
