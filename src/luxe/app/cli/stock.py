"""`luxe import stock FILE`: units by location, from a CSV file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from luxe.app import import_stock
from luxe.app.cli import command, reach

File = Annotated[
    Path,
    typer.Argument(
        help="Columns: Variant, SKU or Barcode; Location; Quantity or Serial; Lot; Note.", metavar="FILE.csv"
    ),
]


def importing(
    file: File,
    data: command.Data = command.HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file and change nothing.")] = False,
) -> None:
    """Bring the stock to what the file says. A fault names row and column, and then nothing changes; the same file
    again changes nothing."""
    with reach.house(data) as settings:
        code = import_stock.run(settings, file, dry_run=dry_run)
    raise typer.Exit(code)


def main(arguments: Sequence[str]) -> int:
    return command.run(importing, arguments)
