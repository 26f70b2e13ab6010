"""The short table that a started house prints."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from luxe.app import runfile

SHOWN = ("storefront", "office", "API reference", "mail sink")


def welcome(console: Console, data: Path, seconds: float) -> None:
    """Prints where everything is and who can sign in (`demo-logins.json`, a list of flat objects, if there is one)."""
    run = runfile.read(data)
    if run is None:
        return
    table = Table(title=f"Open after {seconds:.1f} s", title_justify="left", show_header=False, box=None)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name in SHOWN:
        table.add_row(name, run.urls[name])
    console.print(table, highlight=False)
    logins = demo_logins(data)
    if logins:
        console.print(logins, highlight=False)


def demo_logins(data: Path) -> Table | None:
    try:
        people: list[dict[str, str]] = json.loads((data / "demo-logins.json").read_text())
    except FileNotFoundError:
        return None
    columns = list(dict.fromkeys(name for person in people for name in person))
    table = Table(title="Demo logins", title_justify="left", box=None)
    for name in columns:
        table.add_column(name, overflow="fold")
    for person in people:
        table.add_row(*(str(person.get(name, "")) for name in columns))
    return table
