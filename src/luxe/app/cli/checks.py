"""`luxe check`: format, lint, types, import law, and the islands' types."""

import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from luxe.app.cli import command
from luxe.app.failure import Failure
from luxe.app.premises import ROOT

PROGRAMS = Path(sysconfig.get_path("scripts"))
ISLANDS = ROOT / "islands"


@dataclass(frozen=True)
class Check:
    name: str
    argv: Sequence[str]
    folder: Path = ROOT


CHECKS = (
    Check("format", ("ruff", "format", "--check", ".")),
    Check("lint", ("ruff", "check", ".")),
    Check("types", ("basedpyright", "--pythonpath", sys.executable)),
    Check("import law", ("lint-imports",)),
    Check("island types", ("npx", "tsc", "--noEmit"), ISLANDS),
)


def run_checks(console: Console) -> list[str]:
    """Runs all of them, shows the output of those that fail, and returns their names."""
    failed = []
    for check in CHECKS:
        if not (check.folder / "package.json").exists() and check.folder == ISLANDS:
            continue
        began = time.monotonic()
        with console.status(check.name):
            done = subprocess.run(
                [program(check.argv[0]), *check.argv[1:]],
                cwd=check.folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        mark = "[red]✗[/red]" if done.returncode else "[green]✓[/green]"
        console.print(f"  {mark} {check.name:<44} {time.monotonic() - began:5.1f} s", highlight=False)
        if done.returncode:
            failed.append(check.name)
            print(done.stdout.rstrip(), flush=True)
    return failed


def program(name: str) -> str:
    found = shutil.which(name, path=str(PROGRAMS)) or shutil.which(name)
    if found is None:
        raise Failure(
            f"{name} is not installed.",
            "Run `./luxe check` from a checkout: it installs the developer's tools.",
        )
    return found


def check() -> None:
    """Check format, lint, types and the import law. Ends with 1 if one of them fails."""
    if run_checks(Console()):
        raise typer.Exit(1)


def main(arguments: Sequence[str]) -> int:
    return command.run(check, arguments)
