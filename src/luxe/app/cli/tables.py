"""`luxe import delivery|taxes|closed-days FILE`: a whole table of fulfilment, from a CSV file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from luxe.app import import_tables
from luxe.app.cli import command, reach
from luxe.services.fulfilment.contract import Table

TABLES: dict[str, Table] = {"delivery": "delivery", "taxes": "taxes", "closed-days": "closed_days"}
File = Annotated[
    Path, typer.Argument(help="Its columns are those of the same table in the office.", metavar="FILE.csv")
]


def _importing(table: Table):
    def importing(
        file: File,
        data: command.Data = command.HERE,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Check the file and change nothing.")
        ] = False,
    ) -> None:
        """Put the file's rows in the place of the whole table. A fault names row and column, and then nothing changes."""
        with reach.house(data) as settings:
            code = import_tables.run(settings, table, file, dry_run=dry_run)
        raise typer.Exit(code)

    return importing


def main(arguments: Sequence[str]) -> int:
    """`arguments` begin with `import` and the table's name."""
    _, name, *rest = arguments
    return command.run(_importing(TABLES[name]), [f"import {name}", *rest])
