"""A CSV file of stock: each row says how many units of a variant are at a location, or names one by its serial number."""

from __future__ import annotations

import csv
import io

import msgspec

from luxe.services.inventory.domain.changes import MAIN
from luxe.services.inventory.domain.lines import MAX_AT_ONCE, unfit_serials

NAMES = ("Variant", "SKU", "Barcode")
"""A row names its variant by one of these: id, SKU or barcode."""
LOCATION, QUANTITY, SERIAL, LOT, NOTE = "Location", "Quantity", "Serial", "Lot", "Note"
COLUMNS = (*NAMES, LOCATION, QUANTITY, SERIAL, LOT, NOTE)
_LONGEST = 500


class Unreadable(Exception):
    """The file is no CSV of stock at all."""


class Fault(msgspec.Struct, frozen=True):
    """Something wrong in a cell. Rows are counted as a spreadsheet does: the header is the first."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.message}"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`by` is the column that names the variant. `serial` and `quantity` exclude each other."""

    row: int
    by: str
    name: str
    location: str
    quantity: int | None
    serial: str
    lot: str
    note: str


def read(content: bytes) -> tuple[list[Entry], list[Fault]]:
    """Raises `Unreadable`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start:,}") from error
    if "\x00" in text:
        raise Unreadable("it contains NUL characters")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    entries: list[Entry] = []
    faults: list[Fault] = []
    try:
        columns = _header(next(reader, []))
        for number, cells in enumerate(reader, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns):
                faults.append(Fault(number, "", "more cells than columns"))
                continue
            found = _entry(number, dict(zip(columns, map(str.strip, cells), strict=False)), faults)
            if found is not None:
                entries.append(found)
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num}: {error}") from error
    return entries, faults


def _header(cells: list[str]) -> list[str]:
    known = {column.casefold(): column for column in COLUMNS}
    columns = []
    for cell in cells:
        column = known.get(cell.strip().casefold())
        if column is None:
            raise Unreadable(f"{cell!r} is no column of stock; those are {', '.join(COLUMNS)}")
        if column in columns:
            raise Unreadable(f"the column {column} is there twice")
        columns.append(column)
    if not set(columns) & set(NAMES):
        raise Unreadable(f"the first row has none of the columns {', '.join(NAMES)}")
    if not {QUANTITY, SERIAL} & set(columns):
        raise Unreadable(f"the first row has neither {QUANTITY} nor {SERIAL}")
    return columns


def _entry(row: int, cells: dict[str, str], faults: list[Fault]) -> Entry | None:
    wrong = len(faults)
    by = next((column for column in NAMES if cells.get(column)), "")
    quantity, serial = cells.get(QUANTITY, ""), cells.get(SERIAL, "")
    number = int(quantity) if quantity.isascii() and quantity.isdecimal() and len(quantity) < 9 else None
    if not by:
        faults.append(Fault(row, NAMES[0], "names no variant"))
    if not quantity and not serial:
        faults.append(Fault(row, QUANTITY, "empty, and there is no serial"))
    elif serial and quantity not in ("", "1"):
        faults.append(Fault(row, QUANTITY, "a serial number is one piece"))
    elif quantity and (number is None or number > MAX_AT_ONCE):
        faults.append(Fault(row, QUANTITY, f"{quantity!r} is not a whole number up to {MAX_AT_ONCE:,}"))
    if serial and unfit_serials([serial]):
        faults.append(Fault(row, SERIAL, "a serial number has 1 to 64 characters that can be printed"))
    faults.extend(
        Fault(row, column, "too long")
        for column, most in ((LOT, 64), (NOTE, _LONGEST))
        if len(cells.get(column, "")) > most
    )
    if cells.get(LOT) and number == 0:
        faults.append(Fault(row, QUANTITY, "a lot has at least one piece"))
    if len(faults) > wrong:
        return None
    return Entry(
        row=row,
        by=by,
        name=cells[by],
        location=cells.get(LOCATION) or MAIN,
        quantity=None if serial else number,
        serial=serial,
        lot=cells.get(LOT, ""),
        note=cells.get(NOTE, ""),
    )
