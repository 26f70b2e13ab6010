"""`luxe test`: the checks and every test, or one suite by its folder's name."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from luxe.app.cli import command
from luxe.app.cli.checks import run_checks
from luxe.app.failure import Failure
from luxe.app.premises import ROOT

TESTS = ROOT / "tests"
# What the browser tests need from Debian: the browser, and faces for the scripts that pages are read in.
PACKAGES = {"chromium": "chromium", "fonts-noto-cjk": "", "fonts-noto-core": ""}
CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True}


def suites() -> list[str]:
    return sorted(folder.name for folder in TESTS.iterdir() if any(folder.glob("**/test_*.py")))


def run_suite(
    context: typer.Context,
    suite: Annotated[
        str, typer.Argument(help="A folder of tests/; none means the checks and all of them.")
    ] = "",
) -> None:
    """Run the checks and every test, or one suite. Whatever else is given goes to pytest."""
    console = Console()
    options = list(context.args)
    if suite.startswith("-"):
        suite, options = "", [suite, *options]
    if suite and suite not in suites():
        raise Failure(f"There is no suite {suite!r}.", f"There are: {', '.join(suites())}.")
    failed = [] if suite else run_checks(console)
    bring_packages(console)
    given = [str(TESTS / suite)] if suite else [str(TESTS), *spread()]
    done = subprocess.run([sys.executable, "-m", "pytest", *given, *options], cwd=ROOT)
    if failed:
        print(f"luxe: the tests ran, but these checks failed: {', '.join(failed)}", file=sys.stderr)
    raise typer.Exit(done.returncode or (1 if failed else 0))


def spread() -> list[str]:
    """What makes pytest run on every processor; no more than four, as each process brings engines of its own."""
    processes = min(os.cpu_count() or 1, 4)
    return ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"] if processes > 1 else []


def bring_packages(console: Console) -> None:
    """Installs what is missing where that is possible, and says what is missing where it is not."""
    missing = [package for package, binary in PACKAGES.items() if not is_installed(package, binary)]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        console.print(
            f"  [yellow]![/yellow] missing for the browser tests: {' '.join(missing)}", highlight=False
        )
        return
    with console.status(f"installing {' '.join(missing)}"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update"], capture_output=True, env=environment)
        done = subprocess.run(
            ["apt-get", "install", "-y", "--no-install-recommends", *missing],
            capture_output=True,
            text=True,
            env=environment,
        )
    if done.returncode:
        console.print(f"  [yellow]![/yellow] could not install {' '.join(missing)}:", highlight=False)
        console.print("\n".join(done.stderr.splitlines()[-3:]), highlight=False, markup=False)


def is_installed(package: str, binary: str) -> bool:
    if binary and shutil.which(binary):
        return True
    status = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True)
    return "install ok installed" in status.stdout


def main(arguments: Sequence[str]) -> int:
    return command.run(run_suite, arguments, context_settings=CONTEXT)
