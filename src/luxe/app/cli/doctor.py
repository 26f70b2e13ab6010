"""`luxe doctor`: what is missing or wrong on this machine, and what to do about it."""

import os
import re
import resource
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import psutil
import typer
from rich.console import Console

from luxe.app import runfile
from luxe.app.cli import command
from luxe.app.cli.suites import PACKAGES, is_installed
from luxe.app.engines.engine import http_answers
from luxe.app.engines.envoy import BINARY as ENVOY
from luxe.app.engines.postgres import BINARIES as POSTGRES
from luxe.app.failure import Failure
from luxe.app.premises import DEFAULT_PORT, ROOT, check_port, prepare_folder

MARKS = {"fine": "[green]✓[/green]", "worth knowing": "[yellow]![/yellow]", "wrong": "[red]✗[/red]"}
BUNDLE = ROOT / "src" / "luxe" / "web" / "static" / "dist"
MEMORY = 2 * 2**30
FILES = 1024


@dataclass(frozen=True)
class Finding:
    mark: Literal["fine", "worth knowing", "wrong"]
    text: str
    remedy: str = ""


def tool(name: str, argv: Sequence[str]) -> Finding:
    """Whether a program that comes in a wheel runs on this machine, and as which version."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("wrong", f"{name} does not run: {error}", "Remove .luxe/env and run ./luxe again.")
    if done.returncode:
        return Finding(
            "wrong", f"{name} does not run: {done.stderr.strip()[:200]}", "This machine may be too old."
        )
    *_, version = re.findall(r"\d+\.\d+(?:\.\d+)?", done.stdout) or [done.stdout.strip()]
    return Finding("fine", f"{name} {version}")


def tools() -> Iterator[Finding]:
    programs = Path(sysconfig.get_path("scripts"))
    yield Finding("fine", f"Python {sys.version.split()[0]} in {sys.prefix}")
    yield tool("PostgreSQL", [str(POSTGRES / "postgres"), "--version"])
    yield tool("NATS", [str(programs / "nats-server"), "--version"])
    yield tool("Envoy", [str(ENVOY), "--version"])
    yield tool("Node", [str(programs / "node"), "--version"])


def machine() -> Iterator[Finding]:
    memory = psutil.virtual_memory().available
    mark = "fine" if memory >= MEMORY else "worth knowing"
    yield Finding(
        mark, f"{memory / 2**30:.1f} GB of memory are free", "2 GB are comfortable for the whole house."
    )
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    mark = "fine" if files >= FILES else "worth knowing"
    yield Finding(mark, f"{files} files may be open in a process", "Raise it with ulimit -n.")
    if os.geteuid() == 0 and shutil.which("useradd") is None:
        yield Finding(
            "wrong", "useradd is missing and root may not run PostgreSQL", "Start LUXE as another user."
        )
    missing = [package for package, binary in PACKAGES.items() if not is_installed(package, binary)]
    if missing:
        yield Finding(
            "worth knowing", f"missing for the browser tests: {' '.join(missing)}", "apt-get install them."
        )
    if not BUNDLE.exists():
        yield Finding("worth knowing", "the islands are not built", "./luxe up builds them.")


def place(data: Path, port: int) -> Iterator[Finding]:
    run = runfile.read(data)
    yield from _attempt(f"{data} can be written to", lambda: prepare_folder(data))
    if run is None:
        yield from _attempt(f"port {port} is free", lambda: check_port("127.0.0.1", port))
        yield Finding("fine", "no house is running here")
    else:
        yield Finding("fine", f"a house is running here: {run.public_url} (process {run.pid})")
        yield from _running(run)
    secrets = data / "secrets.json"
    if secrets.exists() and secrets.stat().st_mode & 0o077:
        yield Finding("wrong", f"{secrets} can be read by others", f"chmod 600 {secrets}")


def _running(run: runfile.Run) -> Iterator[Finding]:
    for child in run.children:
        if child.pid is None or not psutil.pid_exists(child.pid):
            yield Finding("wrong", f"{child.name} is not running", f"Its log: {child.log}")
        elif child.restarts:
            yield Finding(
                "worth knowing", f"{child.name} was restarted {child.restarts} times", f"Its log: {child.log}"
            )
    gateway = next((child for child in run.children if child.name == "gateway"), None)
    if gateway and not http_answers(gateway.ports["http"], "/healthz"):
        yield Finding("wrong", "the house does not answer through its gateway", f"Its log: {gateway.log}")


def _attempt(text: str, attempt: Callable[[], None]) -> Iterator[Finding]:
    try:
        attempt()
    except Failure as failure:
        yield Finding("wrong", failure.problem, " ".join(failure.remedies))
    else:
        yield Finding("fine", text)


def doctor(
    data: command.Data = command.HERE,
    port: Annotated[int, typer.Option(help="The port to look at.")] = DEFAULT_PORT,
) -> None:
    """Look for what is missing or wrong. Ends with 1 if something has to be mended."""
    console = Console()
    findings = [*tools(), *machine(), *place(data.absolute(), port)]
    for finding in findings:
        console.print(f"  {MARKS[finding.mark]} {finding.text}", highlight=False)
        if finding.mark != "fine" and finding.remedy:
            console.print(f"      {finding.remedy}", highlight=False)
    if any(finding.mark == "wrong" for finding in findings):
        raise typer.Exit(1)


def main(arguments: Sequence[str]) -> int:
    return command.run(doctor, arguments)
