"""`luxe import products FILE` and `luxe export products [FILE]`: Shopify's product CSV, in and out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from luxe.app import export_products, import_products
from luxe.app.cli import command, reach, stock, tables

What = Annotated[
    Literal["products"],
    typer.Argument(
        help="What to move; of the others, `luxe import stock|delivery|taxes|closed-days --help` tells."
    ),
]
File = Annotated[Path, typer.Argument(help="A CSV file as Shopify exports it.", metavar="FILE.csv")]
OutFile = Annotated[Path | None, typer.Argument(help="Without it, standard output.", metavar="[FILE.csv]")]
Currency = Annotated[
    str, typer.Option(help="What the prices are in; without it, the house's own.", metavar="EUR")
]


def importing(
    what: What,
    file: File,
    data: command.Data = command.HERE,
    currency: Currency = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file and change nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="One bad row rejects the whole file.")] = False,
    images: Annotated[
        Path | None, typer.Option(help="Folder that pictures are looked for in first.", metavar="DIR")
    ] = None,
    allow_local: Annotated[
        bool, typer.Option("--allow-local", help="Fetch pictures from private networks too.")
    ] = False,
) -> None:
    """Import products. A bad row rejects its product and names row and column; importing again changes nothing."""
    with reach.house(data) as settings:
        code = import_products.run(
            settings,
            file,
            dry_run=dry_run,
            strict=strict,
            currency=currency,
            images=images,
            allow_local=allow_local,
        )
    raise typer.Exit(code)


def exporting(
    what: What, file: OutFile = None, data: command.Data = command.HERE, currency: Currency = ""
) -> None:
    """Write all products in the same format."""
    with reach.house(data) as settings:
        code = export_products.run(settings, file, currency=currency)
    raise typer.Exit(code)


def main(arguments: Sequence[str]) -> int:
    if list(arguments[:2]) == ["import", "stock"]:
        return stock.main(["import stock", *arguments[2:]])
    if arguments[0] == "import" and len(arguments) > 1 and arguments[1] in tables.TABLES:
        return tables.main(arguments)
    return command.run(importing if arguments[0] == "import" else exporting, arguments)
