"""The tables as CSV, in and out. A fault names row and column, and rows are counted as a spreadsheet does."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

import msgspec
from babel.core import Locale

from luxe.kernel.money import Money, MoneyError
from luxe.services.fulfilment.contract import MethodId, TaxKind
from luxe.services.fulfilment.domain.regions import REGIONS, code_of
from luxe.services.fulfilment.domain.rows import (
    ANY,
    ClosedDay,
    DeliveryRate,
    Origin,
    RoundedPer,
    Rounding,
    TaxRule,
)

COUNTRIES = frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2)
MOST_ROWS = 20_000
LONGEST = 200
_DECIMALS = 6

Row = DeliveryRate | TaxRule | ClosedDay
Read = Callable[[str, dict[str, str]], Any]
"""A cell and its row's cells by column. Raises `ValueError` with what is wrong."""
Write = Callable[[Any, Any], str]
"""A value and its row."""


class Fault(msgspec.Struct, frozen=True):
    row: int
    column: str
    message: str


class Column(msgspec.Struct, frozen=True):
    """`field` of the row under the heading `title`."""

    title: str
    field: str
    read: Read
    write: Write


class Sheet(msgspec.Struct, frozen=True):
    """`key` are the fields by which two rows are the same one."""

    kind: type[Row]
    columns: tuple[Column, ...]
    key: tuple[str, ...]


def write(sheet: Sheet, rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.title for column in sheet.columns])
    for row in rows:
        writer.writerow([column.write(getattr(row, column.field), row) for column in sheet.columns])
    return text.getvalue()


def read(sheet: Sheet, text: str) -> tuple[list[Row], list[Fault]]:
    """The rows, and everything that is wrong with them; columns that are left out have their defaults."""
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        return [], [Fault(1, "", f"this is no CSV: {error}")]
    known = {column.title.casefold(): column for column in sheet.columns}
    heading = [known.get(cell.strip().casefold()) for cell in (lines[0] if lines else [])]
    named = [column.title for column in heading if column]
    if not lines or None in heading or len(set(named)) != len(named):
        return [], [Fault(1, "", "the columns are " + ", ".join(column.title for column in sheet.columns))]
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: set[tuple[Any, ...]] = set()
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(named):
            faults.append(Fault(number, "", "more cells than columns"))
            continue
        row = _row(sheet, number, dict(zip(named, map(str.strip, cells), strict=False)), faults)
        if row is None:
            continue
        key = tuple(getattr(row, field) for field in sheet.key)
        if key in seen:
            faults.append(Fault(number, sheet.columns[0].title, "an earlier row says this already"))
        seen.add(key)
        rows.append(row)
    if len(rows) > MOST_ROWS:
        faults.append(Fault(MOST_ROWS + 2, "", f"at most {MOST_ROWS:,} rows"))
    return rows, faults


def _row(sheet: Sheet, number: int, cells: dict[str, str], faults: list[Fault]) -> Row | None:
    values: dict[str, Any] = {}
    wrong = len(faults)
    optional = {each.name for each in msgspec.structs.fields(sheet.kind) if not each.required}
    for column in sheet.columns:
        cell = cells.get(column.title, "")
        if not cell and column.field in optional:
            continue
        try:
            if len(cell) > LONGEST:
                raise ValueError("too long")
            values[column.field] = column.read(cell, cells)
        except ValueError as error:
            faults.append(Fault(number, column.title, str(error)))
    if len(faults) > wrong:
        return None
    row = sheet.kind(**values)
    faults.extend(Fault(number, column, message) for column, message in _contradictions(row))
    return row if len(faults) == wrong else None


def _contradictions(row: Row) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if isinstance(row, DeliveryRate):
        if row.days_most < row.days_least:
            found.append(("Days most", "not less than Days least"))
        if row.currency == ANY and row.price:
            found.append(("Price", "without a currency it is 0"))
        if row.currency == ANY and row.from_value:
            found.append(("From value", "without a currency there is none"))
    elif isinstance(row, TaxRule):
        if not row.currency and (row.from_value or row.until_value is not None):
            found.append(("Currency", "values need one"))
        if row.until_value is not None and row.until_value <= row.from_value:
            found.append(("Until value", "more than From value"))
        if row.from_day and row.until_day and row.until_day < row.from_day:
            found.append(("Until", "not before From"))
        if row.kind == "cross_border" and (row.country, row.origin) != ("CN", "import"):
            found.append(("Kind", "cross_border is for imports into CN"))
        if row.region and code_of(row.country, row.region) is None:
            found.append(("Region", f"{row.region!r} is no region of {row.country}"))
    return found


def _one_of(*allowed: str) -> Read:
    def chosen(cell: str, _: dict[str, str]) -> str:
        if cell not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return cell

    return chosen


def _country(*more: str) -> Read:
    def country(cell: str, _: dict[str, str]) -> str:
        if cell not in COUNTRIES and cell not in more:
            raise ValueError(f"{cell!r} is no country (two capitals, ISO 3166)")
        return cell

    return country


def _currency(*more: str) -> Read:
    def currency(cell: str, _: dict[str, str]) -> str:
        if cell not in more and not (len(cell) == 3 and cell.isascii() and cell.isupper()):
            raise ValueError(f"{cell!r} is no currency (three capitals, ISO 4217)")
        return cell

    return currency


def _text(cell: str, _: dict[str, str]) -> str:
    if not cell or not cell.isprintable():
        raise ValueError("a text that can be printed")
    return cell


def _region(cell: str, cells: dict[str, str]) -> str:
    country = cells.get("Country", "")
    return (code_of(country, cell) or cell) if country in REGIONS else cell.upper()


def _minor(cell: str, cells: dict[str, str]) -> int:
    currency = cells.get("Currency", "")
    try:
        amount = Money.parse(cell, currency if currency not in ("", ANY) else "XXX")
    except (MoneyError, LookupError) as error:
        raise ValueError(str(error)) from error
    if amount.minor < 0:
        raise ValueError("not below 0")
    return amount.minor


def _price(cell: str, cells: dict[str, str]) -> int | None:
    return _minor(cell, cells) if cell else None


def _days(cell: str, _: dict[str, str]) -> int:
    if not (cell.isascii() and cell.isdecimal() and int(cell) <= 99):
        raise ValueError("a number of days, 0 to 99")
    return int(cell)


def _rate(cell: str, _: dict[str, str]) -> str:
    try:
        rate = Decimal(cell)
    except InvalidOperation as error:
        raise ValueError(f"{cell!r} is no percentage") from error
    if not rate.is_finite() or not 0 <= rate < 100 or round(rate, _DECIMALS) != rate:
        raise ValueError(f"a percentage of 0 or more, below 100, with at most {_DECIMALS} decimals")
    return cell


def _flag(cell: str, _: dict[str, str]) -> bool:
    if cell.casefold() not in ("yes", "no"):
        raise ValueError("yes or no")
    return cell.casefold() == "yes"


def _day(cell: str, _: dict[str, str]) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError as error:
        raise ValueError("a date as 2026-11-23") from error


def _tiers(cell: str, _: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted(set(cell.replace(",", " ").split())))


def _plain(value: Any, _: Any) -> str:
    return "" if value is None else str(value)


def _yes(value: Any, _: Any) -> str:
    return "yes" if value else "no"


def _amount(value: Any, row: Any) -> str:
    if value is None:
        return ""
    return str(Money(value, row.currency).decimal) if row.currency not in ("", ANY) else str(value)


def _column(title: str, field: str, read: Read, write: Write = _plain) -> Column:
    return Column(title, field, read, write)


SHEETS: dict[str, Sheet] = {
    "delivery": Sheet(
        kind=DeliveryRate,
        columns=(
            _column("Method", "method", _one_of(*get_args(MethodId))),
            _column("Country", "country", _country(ANY)),
            _column("Currency", "currency", _currency(ANY)),
            _column("Price", "price", _price, _amount),
            _column("From value", "from_value", _minor, _amount),
            _column("Tiers", "tiers", _tiers, lambda value, _: " ".join(value)),
            _column("Days least", "days_least", _days),
            _column("Days most", "days_most", _days),
            _column("Appointment", "needs_slot", _flag, _yes),
        ),
        key=("method", "country", "currency", "from_value", "tiers"),
    ),
    "taxes": Sheet(
        kind=TaxRule,
        columns=(
            _column("Country", "country", _country()),
            _column("Region", "region", _region),
            _column("Postcode", "postcode", _text),
            _column("Category", "category", _text),
            _column("Kind", "kind", _one_of(*get_args(TaxKind))),
            _column("Name", "name", _text),
            _column("Rate", "rate", _rate),
            _column("Origin", "origin", _one_of(*get_args(Origin))),
            _column("Included", "included", _flag, _yes),
            _column("Compound", "compound", _flag, _yes),
            _column("On delivery", "on_delivery", _flag, _yes),
            _column("Rounding", "rounding", _one_of(*get_args(Rounding))),
            _column("Rounded per", "rounded_per", _one_of(*get_args(RoundedPer))),
            _column("Currency", "currency", _currency()),
            _column("From value", "from_value", _minor, _amount),
            _column("Until value", "until_value", _minor, _amount),
            _column("From", "from_day", _day),
            _column("Until", "until_day", _day),
        ),
        key=(
            *("country", "region", "postcode", "category", "kind", "name", "origin"),
            *("currency", "from_value", "from_day"),
        ),
    ),
    "closed_days": Sheet(
        kind=ClosedDay,
        columns=(
            _column("Country", "country", _country("")),
            _column("Day", "day", _day),
            _column("Name", "name", _text),
        ),
        key=("country", "day"),
    ),
}
"""By the name of the table."""
