"""`luxe seed`: fills the demo house; what is there already stays as it is."""

from collections.abc import Sequence

from luxe.app import seed as seeding
from luxe.app.cli import command, reach


def seed(data: command.Data = command.HERE) -> None:
    """Fill the demo house."""
    with reach.house(data) as settings:
        seeding.run(settings)


def main(arguments: Sequence[str]) -> int:
    return command.run(seed, arguments)
