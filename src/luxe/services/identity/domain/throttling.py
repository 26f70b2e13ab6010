"""How long a guesser waits: nothing at first, then twice as long after each failure."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

FREE_PER_EMAIL = 5
FREE_PER_ADDRESS = 20
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


def wait(failures: int, free: int) -> timedelta:
    """The pause after so many failures in a row; the `free` first cost nothing."""
    if failures < free:
        return timedelta(0)
    doublings = min(failures - free, 20)
    return min(LONGEST_WAIT, FIRST_WAIT * 2**doublings)


def seconds_left(failures: int, free: int, until: datetime, now: datetime) -> int:
    """Nobody waits while failures are free, whatever a neighbour's clock has written."""
    return max(0, ceil((until - now).total_seconds())) if failures >= free else 0
