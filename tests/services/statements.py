"""Counts the SQL statements that a unit sends; BEGIN and COMMIT are not counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.harness import Running


@contextmanager
def statements(house: Running, unit: str) -> Iterator[list[str]]:
    """The statements sent while the block runs."""
    engine = house.database(unit).engine.sync_engine
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
