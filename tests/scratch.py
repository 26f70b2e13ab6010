"""Where tests put what they throw away: in memory if there is room, as a new file costs a disk a millisecond.

A database has between three and fifteen hundred files, and most tests have one of their own. Memory outlives a process that is
killed as a disk does, so nothing that a test learns from a kill is lost; what a killed test run leaves is swept up by the next.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
"""In bytes; several times what the whole run needs at once."""
PREFIX = "luxe-scratch-"


def scratch(name: str) -> Path:
    """A new folder; whoever makes it removes it."""
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-{name}-", dir=_root()))


@cache
def _root() -> Path | None:
    """None stands for the usual place."""
    try:
        free = shutil.disk_usage(MEMORY).free
    except OSError:
        return None
    if not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    _sweep()
    return MEMORY if free > ROOM else None


def _sweep() -> None:
    """Removes what runs left here that were killed."""
    for left in MEMORY.glob(f"{PREFIX}*"):
        maker = left.name.removeprefix(PREFIX).partition("-")[0]
        if maker.isdecimal() and not psutil.pid_exists(int(maker)):
            shutil.rmtree(left, ignore_errors=True)
