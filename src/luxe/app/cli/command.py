"""How every verb is run through typer."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from luxe.app.premises import DEFAULT_DATA

Data = Annotated[Path, typer.Option("--data", help="The house's data folder.", metavar="DIR")]
HERE = DEFAULT_DATA


def run(
    command: Callable[..., Any], arguments: Sequence[str], context_settings: dict[str, Any] | None = None
) -> int:
    """Runs `command` with the arguments after the verb; usage errors and `typer.Exit` leave as `SystemExit`."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(context_settings=context_settings)(command)
    app(args=list(arguments[1:]), prog_name=f"luxe {arguments[0]}", standalone_mode=True)
    return 0
