"""`luxe import products FILE` and `luxe export products [FILE]`: Shopify's product CSV, in and out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from luxe.app import export_products, import_products
from luxe.app.cli import command, reach

What = Annotated[Literal["products"], typer.Argument(help="What to move; so far there is one thing.")]
Currency = Annotated[str, typer.Option(help="Currency of the file's prices; the house's own if left out.")]


def bring_in(
    what: What,
    file: Annotated[Path, typer.Argument(help="A CSV file as Shopify exports it.", metavar="FILE.csv")],
    data: command.Data = command.HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file and change nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="One bad row rejects the whole file.")] = False,
    currency: Currency = "",
    images: Annotated[Path | None, typer.Option(help="Folder that image names refer to.", metavar="DIR")] = None,
    allow_local: Annotated[
        bool, typer.Option("--allow-local", help="Fetch pictures from this machine's own network too.")
    ] = False,
) -> None:
    """Import products. A bad row rejects its product and names row and column; importing again changes nothing.

    Ends with 0 if all were imported, 1 if some were rejected, 2 if the file cannot be read.
    """
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


def take_out(
    what: What,
    file: Annotated[Path | None, typer.Argument(help="Where to; printed if left out.", metavar="FILE.csv")] = None,
    data: command.Data = command.HERE,
    currency: Currency = "",
) -> None:
    """Write all products in the same format."""
    with reach.house(data) as settings:
        code = export_products.run(settings, file, currency=currency)
    raise typer.Exit(code)


def main(arguments: Sequence[str]) -> int:
    return command.run(bring_in if arguments[0] == "import" else take_out, arguments)
