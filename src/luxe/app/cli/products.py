"""`luxe import products FILE` and `luxe export products FILE`: Shopify's product CSV, in and out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from luxe.app import products
from luxe.app.cli import command, reach

What = Annotated[Literal["products"], typer.Argument(help="What to move; so far there is one thing.")]
File = Annotated[Path, typer.Argument(help="A CSV file as Shopify exports it.", metavar="FILE.csv")]


def import_products(
    what: What,
    file: File,
    data: command.Data = command.HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file and change nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="One bad row rejects the whole file.")] = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder that image names refer to.", metavar="DIR")
    ] = None,
) -> None:
    """Import products. A bad row rejects its product and names row and column; importing again changes nothing."""
    with reach.house(data) as settings:
        code = products.import_file(settings, file, dry_run=dry_run, strict=strict, pictures=pictures)
    raise typer.Exit(code)


def export_products(what: What, file: File, data: command.Data = command.HERE) -> None:
    """Write all products in the same format."""
    with reach.house(data) as settings:
        code = products.export_file(settings, file)
    raise typer.Exit(code)


def main(arguments: Sequence[str]) -> int:
    return command.run(import_products if arguments[0] == "import" else export_products, arguments)
