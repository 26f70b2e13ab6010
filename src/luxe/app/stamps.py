"""Stamps: a note of what something was made from, so that a start repeats only what has changed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


def digest(files: Iterable[Path]) -> str:
    """A number for these files' names and contents, whatever order they come in."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file}\0{file.stat().st_size}\0".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


@dataclass(frozen=True)
class Stamp:
    path: Path
    source: str

    def is_current(self) -> bool:
        return self.path.exists() and self.path.read_text() == self.source

    def renew(self) -> None:
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(self.source)
