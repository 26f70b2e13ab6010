"""`luxe migrate`: brings every schema to its newest revision."""

from collections.abc import Sequence

from luxe.app import migrate as migrating
from luxe.app.cli import command, reach


def migrate(data: command.Data = command.HERE) -> None:
    """Bring the databases' tables up to date, whether the house is running or not."""
    with reach.house(data) as settings:
        migrating.run(settings)


def main(arguments: Sequence[str]) -> int:
    return command.run(migrate, arguments)
