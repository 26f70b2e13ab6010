"""A bank's statement as a file: which kind it is, and what all kinds of it have in common."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from luxe.kernel.cards import has_card_number
from luxe.kernel.money import Money
from luxe.services.payments.contract.bank import MOST_ENTRIES, StatementFormat

LONGEST_ENTRY = 140
LONGEST_TEXT = 500
_REFERENCE = re.compile(r"(?=LX([0-9A-Z]{10}))")
_MISREAD = str.maketrans("OIL", "011")


class Fault(msgspec.Struct, frozen=True):
    """What is wrong where: `row` as a spreadsheet counts it, or the number of the entry in XML."""

    row: int
    column: str
    message: str


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in. `entry` is the bank's own id of it, or one that is made of what the bank says of it."""

    row: int
    entry: str
    amount: Money
    text: str
    received_on: date


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """`account` is empty where the file does not say whose it is."""

    format: StatementFormat
    account: str
    credits: list[Credit]
    passed_over: int


class Unreadable(Exception):
    """The file cannot be taken as it is; nothing of it is."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = [
            replace(each, message="this looks like the number of a card")
            if has_card_number(each.message)
            else each
            for each in faults
        ]


def codes_in(text: str) -> list[str]:
    """The ends of ids that a text may name as references, however a bank spaced them; a letter O stands for a nought there,
    I and L for a one."""
    plain = "".join(each for each in text.upper() if each.isascii() and each.isalnum())
    return [code.translate(_MISREAD).lower() for code in _REFERENCE.findall(plain)]


def without_card_numbers(credit: Credit) -> Credit:
    """What payers write to their bank may hold the number of a card: of such a text the references are kept, of such an id a
    digest, which is as good at telling two entries apart."""
    text, entry = credit.text, credit.entry
    if has_card_number(text):
        text = " ".join(f"LX{code.upper()}" for code in codes_in(text))
    if has_card_number(entry):
        entry = f"sha256:{hashlib.sha256(entry.encode()).hexdigest()}"
    return replace(credit, text=text, entry=entry)


def once_each(found: Sequence[Credit], column: str) -> list[Credit]:
    """Without what stands twice. Raises `Unreadable` where one id stands for two things, or there are too many."""
    first: dict[str, Credit] = {}
    faults: list[Fault] = []
    for credit in map(without_card_numbers, found):
        known = first.setdefault(credit.entry, credit)
        if (known.amount, known.received_on) != (credit.amount, credit.received_on):
            faults.append(Fault(credit.row, column, f"row {known.row} says something else under this id"))
    if len(first) > MOST_ENTRIES:
        faults.append(Fault(list(first.values())[MOST_ENTRIES].row, "", f"at most {MOST_ENTRIES:,} entries"))
    if faults:
        raise Unreadable(faults)
    return list(first.values())
