"""The short table that a started house prints."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from luxe.app import runfile

SHOWN = ("storefront", "office", "API reference", "mail sink")


def welcome(console: Console, data: Path, seconds: float) -> None:
    """Prints where everything is and who can sign in (`demo-logins.json`, if seeding wrote one)."""
    run = runfile.read(data)
    if run is None:
        return
    table = Table(title=f"Open after {seconds:.1f} s", title_justify="left", show_header=False, box=None)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name in SHOWN:
        table.add_row(name, run.urls[name])
    console.print(table, highlight=False)
    show_logins(console, data, run.public_url)


def show_logins(console: Console, data: Path, public_url: str) -> None:
    """A table of the people, and under it whatever is an address, whole and on this house's origin."""
    try:
        people: list[dict[str, str]] = json.loads((data / "demo-logins.json").read_text())
    except FileNotFoundError:
        return
    links = [(person["who"], person["where"]) for person in people if person["where"].startswith("http")]
    table = Table(title="Demo logins", title_justify="left", box=None)
    columns = list(dict.fromkeys(name for person in people for name in person))
    for name in columns:
        table.add_column(name, overflow="fold")
    for person in people:
        if not person["where"].startswith("http"):
            table.add_row(*(str(person.get(name, "")) for name in columns))
    console.print(table, highlight=False)
    for who, link in links:
        address = urlsplit(link)
        here = f"{public_url}{address.path}" + (f"?{address.query}" if address.query else "")
        console.print(f" {who}: {here}", highlight=False, soft_wrap=True)
