"""Reads a product CSV into pieces. Whatever is wrong is told by row and column, and rejects its own product only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator

import msgspec

from luxe.app.products import sheet
from luxe.app.products.sheet import Fault, Piece, PieceImage, PieceVariant, ReadPiece, Sheet
from luxe.kernel.money import Money, MoneyError

_CELL_LIMIT = 5_000_000
_AMOUNT = re.compile(r"^\d{1,15}(\.\d{1,6})?$", re.ASCII)
_WHOLE = re.compile(r"^-?\d{1,9}(\.0+)?$", re.ASCII)
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


class Unreadable(Exception):
    """The file is no product CSV at all."""


class _Row(msgspec.Struct, frozen=True):
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


class _Bad(Exception):
    def __init__(self, row: int, column: str, message: str) -> None:
        super().__init__(message)
        self.row, self.column, self.message = row, column, message


def read(content: bytes, currency: str) -> Sheet:
    """Raises `Unreadable`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start:,}") from error
    if "\x00" in text:
        raise Unreadable("it contains NUL characters")
    groups: dict[str, list[_Row]] = {}
    faults: list[Fault] = []
    count = 0
    for row in _rows(text, faults):
        count += 1
        if row[sheet.HANDLE].strip():
            groups.setdefault(row[sheet.HANDLE].strip(), []).append(row)
        elif any(row.cells.values()):
            faults.append(Fault(row=row.number, column=sheet.HANDLE, message="empty"))
    short = {fault.handle for fault in faults}
    pieces = []
    for handle, rows in groups.items():
        if handle in short:
            continue
        try:
            pieces.append(_piece(handle, rows, currency))
        except _Bad as bad:
            faults.append(Fault(row=bad.row, column=bad.column, message=bad.message, handle=handle))
    return Sheet(pieces=pieces, faults=sorted(faults, key=lambda fault: fault.row), rows=count)


def _rows(text: str, faults: list[Fault]) -> Iterator[_Row]:
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
        missing = [column for column in (sheet.HANDLE, sheet.TITLE) if column not in header]
        if missing:
            raise Unreadable(f"the first row has no column {' and '.join(missing)}")
        if twice := sorted({column for column in header if column and header.count(column) > 1}):
            raise Unreadable(f"the column {twice[0]} is there twice")
        for number, cells in enumerate(reader, start=2):
            if not cells:
                continue
            row = _Row(number, {column: cell for column, cell in zip(header, cells, strict=False) if column})
            if len(cells) == len(header):
                yield row
            else:
                message = f"{len(cells)} cells where the first row has {len(header)}"
                faults.append(Fault(row=number, column="", message=message, handle=row[sheet.HANDLE].strip()))
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num:,}: {error}") from error


def _piece(handle: str, rows: list[_Row], currency: str) -> ReadPiece:
    first = rows[0]
    if not first[sheet.TITLE].strip():
        raise _Bad(first.number, sheet.TITLE, "empty")
    if not first[sheet.VENDOR].strip():
        raise _Bad(first.number, sheet.VENDOR, "empty; it names the house that makes the piece")
    for row in rows[1:]:
        if row[sheet.TITLE] not in ("", first[sheet.TITLE]):
            raise _Bad(row.number, sheet.TITLE, f"another title under the handle {handle!r}")
    with_variants = [row for index, row in enumerate(rows) if index == 0 or _is_variant(row)]
    names = _option_names(first, with_variants)
    variants = [_variant(row, names, currency) for row in with_variants]
    _check_distinct(variants, with_variants)
    piece = Piece(
        handle=handle,
        title=first[sheet.TITLE],
        body=first[sheet.BODY],
        vendor=first[sheet.VENDOR].strip(),
        type=first[sheet.TYPE].strip(),
        tags=list(dict.fromkeys(tag.strip() for tag in first[sheet.TAGS].split(",") if tag.strip())),
        published=_published(first),
        option_names=names,
        variants=variants,
        images=_images(rows),
        extra=_extra(first, lambda column: not sheet.is_variant_column(column)),
    )
    return ReadPiece(piece=piece, row=first.number, variant_rows=[row.number for row in with_variants])


def _is_variant(row: _Row) -> bool:
    told = (*sheet.OPTION_VALUES, sheet.PRICE, sheet.SKU, sheet.BARCODE)
    return any(row[column] for column in told)


def _option_names(first: _Row, rows: list[_Row]) -> list[str]:
    names = [first[column] for column in sheet.OPTION_NAMES]
    single = len(rows) == 1 and first[sheet.OPTION_VALUES[0]] in ("", sheet.NO_OPTION[1])
    if single and names[0] in ("", sheet.NO_OPTION[0]) and not any(names[1:]):
        return []
    for index, name in enumerate(names):
        valued = next((row for row in rows if row[sheet.OPTION_VALUES[index]]), None)
        if valued is not None and not name:
            raise _Bad(
                first.number, sheet.OPTION_NAMES[index], f"empty, but row {valued.number} has a value for it"
            )
        if name and index and not names[index - 1]:
            raise _Bad(first.number, sheet.OPTION_NAMES[index - 1], "empty, but the next option has a name")
    return [name for name in names if name]


def _variant(row: _Row, names: list[str], currency: str) -> PieceVariant:
    options = []
    for index, name in enumerate(names):
        value = row[sheet.OPTION_VALUES[index]]
        if not value:
            raise _Bad(row.number, sheet.OPTION_VALUES[index], f"empty; every variant has a {name}")
        options.append(value)
    price, compare_at = _money(row, sheet.PRICE, currency), _money(row, sheet.COMPARE_AT, currency)
    if compare_at is not None and price is None:
        raise _Bad(row.number, sheet.PRICE, "empty, but there is a price to compare it with")
    quantity = _whole(row, sheet.QUANTITY)
    grams = _whole(row, sheet.GRAMS) or 0
    if grams < 0:
        raise _Bad(row.number, sheet.GRAMS, "a weight is not negative")
    return PieceVariant(
        options=options,
        sku=row[sheet.SKU],
        grams=grams,
        quantity=None if quantity is None else max(0, quantity),
        price=price,
        compare_at=compare_at if compare_at is not None and compare_at.minor else None,
        barcode=row[sheet.BARCODE],
        image=row[sheet.VARIANT_IMAGE].strip(),
        extra=_extra(row, sheet.is_variant_column),
    )


def _check_distinct(variants: list[PieceVariant], rows: list[_Row]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    skus: dict[str, int] = {}
    for variant, row in zip(variants, rows, strict=True):
        if (other := seen.setdefault(tuple(variant.options), row.number)) != row.number:
            raise _Bad(row.number, sheet.OPTION_VALUES[0], f"the same options as row {other}")
        if variant.sku and (other := skus.setdefault(variant.sku, row.number)) != row.number:
            raise _Bad(row.number, sheet.SKU, f"the same SKU as row {other}")


def _images(rows: list[_Row]) -> list[PieceImage]:
    """In order of their positions; without one, where they stand. The same address twice is one image."""
    found: dict[str, tuple[int, PieceImage]] = {}
    for row in rows:
        src = row[sheet.IMAGE].strip()
        if src and src not in found:
            position = _whole(row, sheet.POSITION)
            place = len(found) + 1 if position is None else position
            found[src] = (place, PieceImage(src=src, alt=row[sheet.ALT]))
    return [image for _, image in sorted(found.values(), key=lambda placed: placed[0])]


def _published(row: _Row) -> bool:
    said = row[sheet.PUBLISHED].strip().lower()
    if said and said not in (*_TRUE, *_FALSE):
        raise _Bad(row.number, sheet.PUBLISHED, f"{row[sheet.PUBLISHED]!r} is neither true nor false")
    return said not in _FALSE and row[sheet.STATUS].strip().lower() not in ("draft", "archived")


def _money(row: _Row, column: str, currency: str) -> Money | None:
    text = row[column].strip()
    if not text:
        return None
    if not _AMOUNT.match(text):
        raise _Bad(row.number, column, f"{text!r} is not an amount such as 1200 or 42.99")
    try:
        return Money.parse(text, currency)
    except MoneyError as error:
        raise _Bad(row.number, column, str(error)) from error


def _whole(row: _Row, column: str) -> int | None:
    text = row[column].strip()
    if not text:
        return None
    if not _WHOLE.match(text):
        raise _Bad(row.number, column, f"{text!r} is not a whole number")
    return int(text.partition(".")[0])


def _extra(row: _Row, wanted: Callable[[str], bool]) -> dict[str, str]:
    return {
        column: cell
        for column, cell in row.cells.items()
        if cell and sheet.is_extra(column) and wanted(column)
    }
