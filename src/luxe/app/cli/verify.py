"""`luxe verify`: whether everything that must be true of the house is, and which row breaks it."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from luxe.app import verify as verifying
from luxe.app.cli import command, reach
from luxe.app.failure import Failure


def verify(
    data: command.Data = command.HERE,
    at_rest: Annotated[
        bool,
        typer.Option("--at-rest", help="Nobody uses the house: what is under way or stuck is wrong too."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check every invariant of the house, while it runs or not. Ends with 1 if one is broken, and names the rows."""
    with reach.house(data) as settings:
        try:
            report = asyncio.run(verifying.verify(settings, at_rest))
        except verifying.Unverifiable as error:
            raise Failure(
                f"The house cannot be verified: {error}", "`luxe migrate` brings its tables up to date."
            ) from error
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(report, enc_hook=str), indent=2).decode())
    else:
        _tell(report)
    if report.broken:
        raise typer.Exit(1)


def _tell(report: verifying.Report) -> None:
    console = Console()
    width = max(len(each.name) for each in report.findings)
    for each in report.findings:
        mark = "[red]✗[/red]" if each.broken else "[green]✓[/green]"
        end = f", {each.broken:,} broken ({each.rule})" if each.broken else ""
        console.print(
            f"  {mark} {each.name:<{width}} {each.checked:>11,} checked{end}", highlight=False, soft_wrap=True
        )
        for row in each.rows:
            said = ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)
            console.print(f"      {said}", style="red", markup=False, highlight=False, soft_wrap=True)
        if each.broken > len(each.rows):
            console.print(f"      and {each.broken - len(each.rows):,} more", style="red")
    if report.under_way or report.stuck:
        console.print(
            f"{report.under_way} runs are under way, {report.stuck} need a person.", highlight=False
        )
    count = len(report.findings)
    console.print(
        f"{len(report.broken)} of {count} invariants are broken."
        if report.broken
        else f"All {count} invariants hold.",
        highlight=False,
    )


def main(arguments: Sequence[str]) -> int:
    return command.run(verify, arguments)
