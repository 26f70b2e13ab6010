"""Tables of results, each with machine, commit, command and date."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec

RESULTS = Path(__file__).parent / "results"


class Row(msgspec.Struct, frozen=True):
    what: str
    figure: str
    limit: str = ""


def table(scenario: str, rows: list[Row]) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    with open("/proc/loadavg") as file:
        load = file.read().split()[0]
    head = (
        f"# {scenario}\n\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · commit {commit} · `python -m bench {scenario}` · "
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load average {load} · "
        "load generator, gateway, server, engines and simulators share the cores\n\n| what | figure | limit or peer |\n|---|---|---|\n"
    )
    return head + "".join(f"| {row.what} | {row.figure} | {row.limit} |\n" for row in rows)


def keep(scenario: str, text: str) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{scenario}.md"
    path.write_text(text)
    return path
