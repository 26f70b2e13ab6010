"""`data/run.json`: what a running house says of itself to `status`, `down`, tests and benchmarks.

It names every process with its pid and ports, and holds the environment that the processes were given, so a
command such as `luxe migrate` reaches the same engines. It carries passwords and is readable by its owner alone.
"""

import os
from pathlib import Path
from typing import Literal

import msgspec

from luxe.app.premises import is_claimed


class RunningChild(msgspec.Struct, kw_only=True):
    name: str
    pid: int | None
    ports: dict[str, int]
    log: str
    restarts: int = 0


class Run(msgspec.Struct, kw_only=True):
    state: Literal["starting", "ready", "stopping"]
    pid: int
    started: str
    shape: Literal["one", "many"]
    data: str
    listen: str
    port: int
    public_url: str
    urls: dict[str, str]
    env: dict[str, str]
    children: list[RunningChild]


def path(data: Path) -> Path:
    return data / "run.json"


def write(data: Path, run: Run) -> None:
    draft = data / "run.json.new"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(run), indent=1))
    draft.replace(path(data))


def read(data: Path) -> Run | None:
    """What the house on `data` last said, or None when none is running there."""
    try:
        text = path(data).read_bytes()
    except OSError:
        return None
    return msgspec.json.decode(text, type=Run) if is_claimed(data) else None


def remove(data: Path) -> None:
    path(data).unlink(missing_ok=True)
