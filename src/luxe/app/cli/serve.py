"""`luxe serve UNIT…`: some units of the house in this process; `all` for every one."""

from collections.abc import Sequence
from typing import Annotated

import typer

from luxe.app import serve as serving
from luxe.app.cli import command
from luxe.app.cli.reach import from_environment


def serve(units: Annotated[list[str], typer.Argument(help="Services, sagas, `web`, or `all`.")]) -> None:
    """Serve units until SIGTERM, as the LUXE_* environment says."""
    serving.run(units, from_environment())


def main(arguments: Sequence[str]) -> int:
    return command.run(serve, arguments)
