"""A house that has sold much: copies of one real order's rows, in every table that it left rows in.

Copies have ids of their own, derived from the template's, and are spread over many accounts; all other values are the
template's. No trigger runs for them: a ledger's entries come table by table, and would not sum to zero in between.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from tests.journeys.opened import OpenHouse

ACCOUNTS = 20_000
_AT_ONCE = 50_000
_ID = re.compile(r"\b(?!acc_|var_|prod_|asset_)[a-z]+_[0-9a-z]{26,32}\b")
_PASSES = 3
_TABLES = """
    SELECT schemaname AS schema, tablename AS name FROM pg_tables
    WHERE schemaname IN (SELECT replace(rolname, 'luxe_', '') FROM pg_roles WHERE rolname LIKE 'luxe\\_%')
      AND tablename NOT IN ('outbox', 'inbox') ORDER BY 1, 2"""
_COLUMNS = """
    SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attidentity <> '' AS numbered
    FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""


class Template:
    """An order of a house that has no copies yet, and all that it left in the tables."""

    def __init__(self, house: OpenHouse, order_id: str) -> None:
        self._house = house
        (order,) = house.rows("SELECT run, number, account_id FROM orders.orders WHERE id = :id", id=order_id)
        tables = [f'"{each.schema}"."{each.name}"' for each in house.rows(_TABLES)]
        ids = {order_id, order.run}
        found: dict[str, list[dict[str, Any]]] = {}
        for _ in range(_PASSES):
            found = {table: _rows_with(house, table, ids) for table in tables}
            ids |= set(_ID.findall(repr(found)))
        names = ids | {row["serial"] for row in found['"orders"."sold_units"']} | {order.number}
        names |= {row["key"] for row in found['"checkout"."runs"']}
        self._tables = [table for table, rows in found.items() if rows]
        self._copying = [
            _copying(house, table, row, names, order.account_id)
            for table, rows in found.items()
            for row in rows
        ]

    def copy(self, start: int, end: int) -> int:
        """Writes the copies that have these numbers; returns how many rows they are."""
        self._house.change("ALTER ROLE CURRENT_USER SET session_replication_role = replica")
        for statement in self._copying:
            for first in range(start, end + 1, _AT_ONCE):
                self._house.change(statement, first=first, last=min(end, first + _AT_ONCE - 1))
        self._house.change("ALTER ROLE CURRENT_USER RESET session_replication_role")
        for table in self._tables:
            self._house.change(f"ANALYZE {table}")
        return len(self._copying) * (end - start + 1)


def _rows_with(house: OpenHouse, table: str, ids: set[str]) -> list[dict[str, Any]]:
    rows = house.rows(
        f"SELECT to_jsonb(each) AS row FROM {table} AS each WHERE to_jsonb(each)::text ~ :ids",  # noqa: S608 - names of tables
        ids="|".join(sorted(ids)),
    )
    return [each.row for each in rows]


def _copying(house: OpenHouse, table: str, row: dict[str, Any], names: set[str], account: str) -> str:
    columns = [each for each in house.rows(_COLUMNS, table=table) if not each.numbered]
    listed = ", ".join(f'"{each.name}"' for each in columns)
    values = ", ".join(_value(row[each.name], each.type, names, account) for each in columns)
    numbers = "generate_series(CAST(:first AS int), CAST(:last AS int)) AS n"
    return f"INSERT INTO {table} ({listed}) SELECT {values} FROM {numbers}"  # noqa: S608 - a row of the house itself


def _value(value: Any, type_: str, names: set[str], account: str) -> str:
    if value is None:
        return "NULL"
    if type_ == "jsonb":
        return f"CAST({_quoted(msgspec.json.encode(value).decode())} AS jsonb)"
    if type_ != "text":
        return f"CAST({_quoted(str(value))} AS {type_})"
    text = _quoted(value)
    for name in names:
        text = text.replace(name, f"{name}-' || n || '")
    whose = f"{account}-' || n % {ACCOUNTS} || '"
    return f"({text.replace(account, whose)})"


def _quoted(text: str) -> str:
    """A literal of SQL; a colon would begin a parameter."""
    return "'" + text.replace("'", "''").replace(":", "\\:") + "'"
