"""What is under version control, as the architecture tests see it."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "luxe"


@cache
def tracked() -> tuple[str, ...]:
    """Paths of every tracked file that exists, relative to the root."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for path in sorted(listed.stdout.split("\0")) if path and (ROOT / path).is_file())


def tracked_python() -> list[str]:
    return [path for path in tracked() if path.endswith(".py")]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def is_text(path: str) -> bool:
    return b"\0" not in (ROOT / path).read_bytes()[:4096]


@cache
def parsed(path: str) -> ast.Module:
    return ast.parse(read(path))


def is_migration(path: str) -> bool:
    return "/migrations/" in path
