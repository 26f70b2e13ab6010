"""`luxe import products`: reads a Shopify product CSV into the house and tells what became of it."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from luxe.app.house import Composition
from luxe.app.products import reading
from luxe.app.products.importing import Account, Wishes, import_sheet
from luxe.app.products.sheet import Sheet
from luxe.kernel import clock
from luxe.kernel.i18n import CURRENCIES
from luxe.kernel.settings import Settings

UNITS = ("brands", "media", "pricing", "inventory", "catalog")
SHOWN_FAULTS = 50
DONE, REJECTED, UNUSABLE = 0, 1, 2


def run(
    settings: Settings,
    file: Path,
    *,
    dry_run: bool = False,
    strict: bool = False,
    currency: str = "",
    images: Path | None = None,
    allow_local: bool = False,
) -> int:
    """The exit code: 0 all imported, 1 some (or with `strict`, all) rejected, 2 not a file that can be read."""
    console = Console()
    wishes = Wishes(
        currency=currency or settings.base_currency,
        locale=settings.default_locale,
        dry_run=dry_run,
        strict=strict,
        images=images,
        allow_local=allow_local,
    )
    if wishes.currency not in CURRENCIES:
        console.print(
            f"{wishes.currency} is not a currency of this house: {', '.join(CURRENCIES)}.", style="red"
        )
        return UNUSABLE
    try:
        sheet = reading.read(file.read_bytes(), wishes.currency)
    except (reading.Unreadable, OSError) as error:
        console.print(f"{file} cannot be imported: {error}.", style="red", markup=False, soft_wrap=True)
        return UNUSABLE
    account = asyncio.run(_import(settings, sheet, wishes, console))
    _tell(console, account, wishes)
    if account.failures:
        report = _write_report(settings.data_dir / "imports", file.stem, account.failures)
        console.print(
            f"{len(account.failures)} pictures could not be had and show a placeholder; see {report}."
        )
    return REJECTED if account.faults else DONE


async def _import(settings: Settings, sheet: Sheet, wishes: Wishes, console: Console) -> Account:
    composition = Composition(settings, UNITS)
    await composition.start(background=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console) as progress:
            tasks: dict[str, TaskID] = {}

            def tell(step: str, done: int, total: int) -> None:
                if step not in tasks:
                    tasks[step] = progress.add_task(step, total=total)
                progress.update(tasks[step], completed=done)

            return await import_sheet(composition.house, sheet, wishes, tell)
    finally:
        await composition.stop()


def _tell(console: Console, account: Account, wishes: Wishes) -> None:
    for fault in account.faults[:SHOWN_FAULTS]:
        console.print(str(fault), style="red", markup=False, soft_wrap=True)
    if len(account.faults) > SHOWN_FAULTS:
        console.print(f"and {len(account.faults) - SHOWN_FAULTS} more", style="red")
    if wishes.strict and account.faults:
        console.print("Nothing was imported.")
        return
    told = [
        f"{account.count(outcome)} {outcome}" for outcome in ("created", "changed", "unchanged", "rejected")
    ]
    verb = "Would import" if wishes.dry_run else "Imported"
    products = len(account.outcomes) - account.count("rejected")
    amount = f"{_counted(products, 'product')} with {_counted(account.variants, 'variant')}"
    console.print(f"{verb} {amount}: {', '.join(told)}.", soft_wrap=True)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _write_report(folder: Path, stem: str, failures: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-pictures-{clock.now():%Y%m%d-%H%M%S}.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("Image Src", "Reason"))
        writer.writerows(sorted(failures.items()))
    return path
