"""`luxe status`: what runs, on which ports."""

from collections.abc import Sequence

import psutil
import typer
from rich.console import Console
from rich.table import Table

from luxe.app import runfile
from luxe.app.cli import command

NOT_RUNNING = 3


def status(data: command.Data = command.HERE) -> None:
    """Show the processes of the house. Ends with 0 if all run, 1 if one does not, 3 if no house is running."""
    console = Console()
    run = runfile.read(data)
    if run is None:
        console.print(f"No house is running on {data}.", highlight=False)
        raise typer.Exit(NOT_RUNNING)
    table = Table(
        title=f"{run.public_url} · {run.state} · shape {run.shape} · process {run.pid}", title_justify="left"
    )
    for column in ("process", "pid", "ports", "memory", "restarts"):
        table.add_column(column)
    for child in run.children:
        ports = " ".join(f"{name} {port}" for name, port in child.ports.items())
        table.add_row(child.name, str(child.pid or "down"), ports, memory(child.pid), str(child.restarts))
    console.print(table, highlight=False)
    if run.state != "ready" or not all(is_alive(child.pid) for child in run.children):
        raise typer.Exit(1)


def is_alive(pid: int | None) -> bool:
    return pid is not None and psutil.pid_exists(pid)


def memory(pid: int | None) -> str:
    try:
        return f"{psutil.Process(pid).memory_info().rss / 2**20:.0f} MB" if pid else "–"
    except psutil.Error:
        return "–"


def main(arguments: Sequence[str]) -> int:
    return command.run(status, arguments)
