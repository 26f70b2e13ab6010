"""A bank's statement as CSV: the columns are named in the guide, what else there is in the file is left alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date

from luxe.kernel.money import Money, MoneyError, exponent
from luxe.services.payments.domain.bank_files import (
    LONGEST_ENTRY,
    LONGEST_TEXT,
    Credit,
    Fault,
    Statement,
    Unreadable,
    once_each,
)

COLUMNS = ("entry", "received_on", "amount", "currency", "text")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ";\t,"
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")
_GROUPED = re.compile(
    r"\d{1,3}(?:(?P<group>[ '’.,\u00a0\u202f])\d{3})(?:(?P=group)\d{3})*(?:(?P<point>[.,])\d+)?"
)
_GROUP = 3
_MOST_DIGITS = 18


def read(content: bytes, today: date) -> Statement:
    """Raises `Unreadable`."""
    text = decoded(content)
    heading = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=heading.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Unreadable([Fault(1, "", f"this is no CSV: {error}")]) from error
    titles = [cell.strip().casefold() for cell in (lines[0] if lines else [])]
    missing = [column for column in COLUMNS if titles.count(column) != 1]
    if missing:
        raise Unreadable([Fault(1, each, "there has to be one column of this name") for each in missing])
    places = {column: titles.index(column) for column in COLUMNS}
    found: list[Credit] = []
    faults: list[Fault] = []
    went_out = 0
    for row, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        named = {column: cells[at].strip() if at < len(cells) else "" for column, at in places.items()}
        credit = _credit(row, named, today, faults)
        if credit is None:
            continue
        if credit.amount.minor < 0:
            went_out += 1
        else:
            found.append(credit)
    if faults:
        raise Unreadable(faults)
    once = once_each(found, "entry")
    return Statement(format="csv", account="", credits=once, passed_over=went_out + len(found) - len(once))


def decoded(content: bytes) -> str:
    """UTF-8, or UTF-16 with its mark, or Windows-1252, which is what is left. Raises `Unreadable`."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    try:
        if marked:
            return content.decode(marked)
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return content.decode("cp1252")
    except UnicodeDecodeError as error:
        wanted = "this is neither UTF-8 nor UTF-16 nor Windows-1252"
        raise Unreadable([Fault(1, "", wanted)]) from error


def amount_of(text: str, currency: str) -> Money:
    """An amount as banks write it: `1234.56`, `1.234,56`, `1 234,56`, `-12`. A single point or comma parts the minor units;
    it groups thousands only where there are two, or another sign after it. What could be either is neither: `1.250` in a
    currency of cents. Raises `MoneyError`."""
    sign, digits = (-1, text[1:]) if text[:1] in ("-", "−") else (1, text.removeprefix("+"))
    digits = digits.strip()
    grouped = _GROUPED.fullmatch(digits)
    if _PLAIN.fullmatch(digits):
        plain = digits.replace(",", ".")
        if len(plain.partition(".")[2]) == _GROUP > exponent(currency):
            raise MoneyError(f"{text!r} can be read in two ways: write it with its minor units")
    elif grouped and grouped["group"] != grouped["point"]:
        plain = digits.replace(grouped["group"], "").replace(",", ".")
    else:
        raise MoneyError(f"{text!r} is not an amount")
    if len(plain) > _MOST_DIGITS:
        raise MoneyError(f"{text!r} is too much")
    return Money.parse(plain, currency) * sign


def _credit(row: int, cells: Mapping[str, str], today: date, faults: list[Fault]) -> Credit | None:
    """None, and what is wrong among `faults`. What went out has an amount below nothing."""
    wrong = len(faults)
    if not 1 <= len(cells["entry"]) <= LONGEST_ENTRY:
        faults.append(Fault(row, "entry", f"the bank's id of it, in {LONGEST_ENTRY} letters at most"))
    day = today
    try:
        day = date.fromisoformat(cells["received_on"])
    except ValueError:
        faults.append(Fault(row, "received_on", f"{cells['received_on']!r} is no day such as {today}"))
    if day > today:
        faults.append(Fault(row, "received_on", f"{day} has not begun"))
    currency = cells["currency"].upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        faults.append(Fault(row, "currency", f"{cells['currency']!r} is no currency such as EUR"))
        return None
    amount = Money.zero(currency)
    try:
        amount = amount_of(cells["amount"], currency)
        if amount.minor == 0:
            faults.append(Fault(row, "amount", "nothing has moved"))
    except MoneyError as error:
        faults.append(Fault(row, "amount", str(error)))
    if len(faults) > wrong:
        return None
    return Credit(
        row=row, entry=cells["entry"], amount=amount, text=cells["text"][:LONGEST_TEXT], received_on=day
    )
