"""The two forms of an invariant: within one schema, and across schemas that may be in different databases.

The first column that a statement selects names the row, for people. SQL is PostgreSQL's; write a colon as `\\:`. `:now`
and `:patience` (how long something may wait for its timer) can be used.

Some hold `at_rest` only. On a house that is busy they pass over what is under way: rows whose column `run` or `order_id`
names a run that has not ended, or whatever such a run was started for, and rows whose column `under_way` is true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

Row = dict[str, Any]


Schemas = tuple[str, ...] | Literal["every", "sagas"]
"""Schemas by name, or all that there are. In a statement over several, `{schema}` stands for each in turn."""


class Within(msgspec.Struct, frozen=True, kw_only=True):
    """`checked` counts what the invariant speaks of, `broken` selects the rows that break it."""

    name: str
    rule: str
    schemas: Schemas
    checked: str
    broken: str
    at_rest: bool = False


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The first column of `rows` is the key that sources are compared by: `text`, not null, unique among all `schemas`,
    and the rows of each are in its order by `COLLATE "C"`."""

    schemas: Schemas
    rows: str


class Across(msgspec.Struct, frozen=True, kw_only=True):
    """`broken` is called for each key that the left source has (and, if `both`, those that only the right one has) with
    both rows, None where there is none, and says what is wrong with them, or nothing."""

    name: str
    rule: str
    left: Source
    right: Source
    broken: Callable[[Row | None, Row | None], str]
    both: bool = False
    at_rest: bool = True


Invariant = Within | Across

ENTRIES = "sum of entries per currency = 0"
BALANCE = "cached balance = sum of entries"
NOT_NEGATIVE = "no negative points or stock"
UNITS = "units = on hand + held + sold"
SERIAL = "a serial number is in at most one live order"
CAPTURE = "every capture has exactly one order, paid or refunded or under review"
PAID = "no order is paid without a capture"
REFUNDS = "refunds ≤ capture"
HOLDS = "every hold ends by its time"
KEY = "same idempotency key, same single effect"
BETWEEN = "once faults stop, nothing stays in between"
