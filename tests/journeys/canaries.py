"""Card numbers that nobody has, each another one, and the looking for them everywhere afterwards."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from luxe.kernel.cards import is_card_number
from tests.journeys.opened import OpenHouse
from tests.journeys.traces import Traces

MARK = "90817263"
"""In the middle of every one of them, however it is written."""
_BEGINNINGS = (
    ("4", 16),
    ("55", 16),
    ("2223", 16),
    ("37", 15),
    ("36", 14),
    ("3566", 16),
    ("6011", 16),
    ("62", 19),
)
_WAYS = ("{}", " {} ", "card {} thanks", "{},", "({})")
_SEPARATORS = ("", "", " ", "-")
_counter = itertools.count()


def canary() -> str:
    """The next number, written in one of the ways in which people write them."""
    number = next(_counter)
    beginning, length = _BEGINNINGS[number % len(_BEGINNINGS)]
    body = beginning + MARK
    body += str(number).zfill(length)[-(length - len(body) - 1) :]
    digits = next(body + str(last) for last in range(10) if is_card_number(body + str(last)))
    separator = _SEPARATORS[number % len(_SEPARATORS)]
    groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return _WAYS[number % len(_WAYS)].format(separator.join(groups))


def plain_canary() -> str:
    """For places that take no spaces."""
    return re.sub(r"\D", "", canary())


def is_in(text: str | bytes, mark: str = MARK) -> bool:
    if isinstance(text, bytes):
        return mark.encode() in re.sub(rb"[ .,\-+]|%20", b"", text)
    return mark in re.sub(r"[ .,\-+]|%20", "", text)


def in_tables(house: OpenHouse, mark: str = MARK) -> Iterator[str]:
    """Schema, table and row of each that is kept, whatever the type of its column."""
    tables = house.rows(
        "SELECT table_schema AS schema, table_name AS name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        " AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
    )
    assert len(tables) > 100
    for table in tables:
        found = house.rows(
            f'SELECT t\\:\\:text AS row FROM "{table.schema}"."{table.name}" AS t'
            " WHERE regexp_replace(t\\:\\:text, '[ .,+-]', '', 'g') LIKE :mark LIMIT 3",
            mark=f"%{mark}%",
        )
        yield from (f"{table.schema}.{table.name}: {row.row[:300]}" for row in found)


def in_files(folder: Path, mark: str = MARK) -> Iterator[str]:
    """Logs, and the broker's streams as they lie on disk."""
    looked = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            looked += 1
            if is_in(path.read_bytes(), mark):
                yield str(path)
    assert looked, f"{folder} is empty"


def in_traces(traces: Traces, mark: str = MARK) -> Iterator[str]:
    spans = [span for spans in list(traces._by_trace.values()) for span in spans]
    assert spans, "no trace was ever sent"
    for span in spans:
        if is_in(span.name, mark) or any(is_in(value, mark) for value in span.attributes.values()):
            yield f"{span.name} {span.attributes}"
