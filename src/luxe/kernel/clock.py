"""The one source of time: aware UTC, replaceable in tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _system() -> datetime:
    return datetime.now(UTC)


class _Clock:
    def __init__(self) -> None:
        self.read: Callable[[], datetime] = _system


_clock = _Clock()


def now() -> datetime:
    return _clock.read()


def replace_clock(read: Callable[[], datetime] | None) -> None:
    """Tests may stand the clock still; `None` restores the system's."""
    _clock.read = read or _system


def ahead(offset: timedelta) -> Callable[[], datetime]:
    """A running clock that is `offset` before or after the system's."""
    return lambda: _system() + offset
