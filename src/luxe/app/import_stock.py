"""`luxe import stock`: brings the house's stock to what a CSV file says, and tells what became of it.

A quantity without a lot is a count of what is at the location. A lot is received there once, whatever was sold of it
since. A serial number is received once. So the same file again changes nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console

from luxe.app.house import Composition
from luxe.app.stock_sheet import LOCATION, LOT, QUANTITY, SERIAL, Entry, Fault, Unreadable, read
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.settings import Settings
from luxe.services.catalog import contract as catalog_contract
from luxe.services.inventory import contract as inventory_contract

UNITS = ("brands", "media", "pricing", "inventory", "catalog")
DONE, REJECTED, UNUSABLE = 0, 1, 2
SHOWN_FAULTS = 50
REASON = "import"

Outcome = Literal["received", "counted", "unchanged"]


class Account(msgspec.Struct, kw_only=True):
    """What an import did (or, dry, would do). With faults found in the file, nothing."""

    outcomes: Counter[Outcome]
    faults: list[Fault]


class _Work(msgspec.Struct, frozen=True):
    entry: Entry
    variant_id: str


def run(settings: Settings, file: Path, *, dry_run: bool = False) -> int:
    """The exit code: 0 the stock is as the file says, 1 it has faults, 2 not a file that can be read."""
    console = Console()
    try:
        entries, faults = read(file.read_bytes())
    except (Unreadable, OSError) as error:
        console.print(f"{file} cannot be imported: {error}.", style="red", markup=False, soft_wrap=True)
        return UNUSABLE
    account = asyncio.run(_import(settings, entries, faults, dry_run))
    for fault in account.faults[:SHOWN_FAULTS]:
        console.print(str(fault), style="red", markup=False, soft_wrap=True)
    if len(account.faults) > SHOWN_FAULTS:
        console.print(f"and {len(account.faults) - SHOWN_FAULTS} more", style="red")
    told = ", ".join(
        f"{account.outcomes[outcome]} {outcome}" for outcome in ("received", "counted", "unchanged")
    )
    if account.faults and not account.outcomes:
        console.print("Nothing was imported.")
    else:
        console.print(f"{'Would import' if dry_run else 'Imported'} {len(entries)} rows: {told}.")
    return REJECTED if account.faults else DONE


async def _import(settings: Settings, entries: list[Entry], faults: list[Fault], dry_run: bool) -> Account:
    composition = Composition(settings, UNITS)
    await composition.start(background=False)
    try:
        return await import_entries(composition.house, entries, faults, dry_run=dry_run)
    finally:
        await composition.stop()


async def import_entries(
    house: House, entries: list[Entry], faults: list[Fault], *, dry_run: bool
) -> Account:
    """Checks every row before the first change; what the house then still refuses is told of its own row alone."""
    importer = _Importer(house)
    works, found = await importer.look(entries)
    account = Account(outcomes=Counter(), faults=sorted([*faults, *found], key=lambda fault: fault.row))
    if account.faults:
        return account
    for work in works:
        try:
            outcome = await importer.foresee(work)
            if outcome != "unchanged" and not dry_run:
                await importer.put(work)
        except Refusal as refusal:
            account.faults.append(_refused(work.entry, refusal))
        else:
            account.outcomes[outcome] += 1
    return account


class _Importer:
    def __init__(self, house: House) -> None:
        self.catalog = house.port(catalog_contract.Port)
        self.inventory = house.port(inventory_contract.Port)

    async def look(self, entries: list[Entry]) -> tuple[list[_Work], list[Fault]]:
        """The variants that the rows mean, and what is wrong with a row in this house or beside another one."""
        known = await self._variants()
        places = {each.code: each for each in await self.inventory.locations()}
        works: list[_Work] = []
        faults: list[Fault] = []
        for entry in entries:
            variants = known.get((entry.by, entry.name), [])
            if len(variants) != 1:
                several = "several variants have it" if variants else "no variant has it"
                faults.append(Fault(entry.row, entry.by, f"{entry.name!r}: {several}"))
                continue
            if entry.location not in places or not places[entry.location].active:
                faults.append(Fault(entry.row, LOCATION, f"{entry.location!r} is no open location"))
                continue
            works.append(_Work(entry, variants[0]))
        faults += _contradictions(works)
        faults += [fault for work in works if (fault := await self._clash(work))]
        return works, faults

    async def foresee(self, work: _Work) -> Outcome:
        entry = work.entry
        if entry.serial:
            known = (await self.inventory.units(serial=entry.serial)).items
            return "unchanged" if known else "received"
        if entry.lot:
            return "received" if await self._received(work) is None else "unchanged"
        stock = await self.inventory.stock(variant_ids=[work.variant_id])
        there = sum(each.free + each.held for each in stock if each.location == entry.location)
        return "unchanged" if there == entry.quantity else "counted"

    async def put(self, work: _Work) -> None:
        entry = work.entry
        if entry.serial or entry.lot:
            await self.inventory.receive(
                variant_id=work.variant_id,
                quantity=entry.quantity or 1,
                reason=REASON,
                key=f"import:{entry.location}:{work.variant_id}:{entry.serial or entry.lot}",
                location=entry.location,
                serials=[entry.serial] if entry.serial else None,
                lot=entry.lot,
                note=entry.note,
            )
        else:
            await self.inventory.count(
                variant_id=work.variant_id,
                quantity=entry.quantity or 0,
                reason=REASON,
                location=entry.location,
            )

    async def _variants(self) -> dict[tuple[str, str], list[str]]:
        """Column and name → the ids of the variants that bear it."""
        known: dict[tuple[str, str], list[str]] = {}
        cursor = ""
        while True:
            page = await self.catalog.documents(cursor=cursor, limit=100)
            for document in page.items:
                for variant_id, variant in zip(document.variant_ids, document.draft.variants, strict=True):
                    names = (("Variant", variant_id), ("SKU", variant.sku), ("Barcode", variant.barcode))
                    for name in names:
                        if name[1]:
                            known.setdefault(name, []).append(variant_id)
            if page.next is None:
                return known
            cursor = page.next

    async def _clash(self, work: _Work) -> Fault | None:
        """A serial that is another variant's, or a lot that came with another number of pieces."""
        entry = work.entry
        if entry.serial:
            units = (await self.inventory.units(serial=entry.serial)).items
            if any(unit.variant_id != work.variant_id for unit in units):
                return Fault(entry.row, SERIAL, f"{entry.serial!r} is another piece")
        elif entry.lot:
            before = await self._received(work)
            if before not in (None, entry.quantity):
                return Fault(entry.row, QUANTITY, f"this lot was received with {before} pieces")
        return None

    async def _received(self, work: _Work) -> int | None:
        """How many pieces of a lot came to a location; None if it never came."""
        cursor: str | None = ""
        while cursor is not None:
            page = await self.inventory.movements(variant_id=work.variant_id, cursor=cursor, limit=200)
            for each in page.items:
                if (each.kind, each.lot, each.location) == ("receive", work.entry.lot, work.entry.location):
                    return each.quantity
            cursor = page.next
        return None


def _contradictions(works: list[_Work]) -> list[Fault]:
    """Rows that say again, or otherwise, what a row before them said."""
    faults = []
    serials: set[str] = set()
    said: set[tuple[str, str, str]] = set()
    counted = {(work.variant_id, work.entry.location) for work in works if not _adds(work.entry)}
    for work in works:
        entry = work.entry
        place = (work.variant_id, entry.location)
        if entry.serial and entry.serial in serials:
            faults.append(Fault(entry.row, SERIAL, f"{entry.serial!r} is there twice"))
        elif not entry.serial and (*place, entry.lot) in said:
            faults.append(Fault(entry.row, LOT if entry.lot else QUANTITY, "an earlier row says it already"))
        elif _adds(entry) and place in counted:
            column = SERIAL if entry.serial else LOT
            faults.append(Fault(entry.row, column, "another row counts this variant at this location"))
        serials.add(entry.serial)
        if not entry.serial:
            said.add((*place, entry.lot))
    return faults


def _adds(entry: Entry) -> bool:
    return bool(entry.serial or entry.lot)


def _refused(entry: Entry, refusal: Refusal) -> Fault:
    column = {"serial_taken": SERIAL, "location_inactive": LOCATION}.get(refusal.code, QUANTITY)
    return Fault(entry.row, column, refusal.detail or refusal.code)
