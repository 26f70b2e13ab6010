"""Knows a payment card's number when it sees one. Card data never comes to this house: people type it on the payment
provider's page, and what is typed anywhere else is refused before it is stored, logged or passed on.

A number is 14 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B) and begin as an issuer's do, for a length that
this issuer has. It stands alone, or in groups with one space, dot or dash between them. So these are no card numbers: 13
digits (EAN, milliseconds; cards of 13 digits are issued no more), telephone numbers behind a plus sign, and digits inside
of ids and hashes, which touch letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_DIGITS = re.compile(r"(?<![0-9A-Za-z+])[0-9]+(?:[ .\u2010-\u2015\u2212-][0-9]+)*(?![0-9A-Za-z])")
_GROUP = re.compile(r"[0-9]+")
_LONGEST_GROUP = 7
_UNIONPAY_GROUPS = [6, 13]
FEWEST, MOST = 14, 19

_ISSUERS: tuple[tuple[range, int, tuple[int, ...]], ...] = (
    (range(4, 5), 1, (16, 18, 19)),  # Visa
    (range(51, 56), 2, (16,)),  # Mastercard
    (range(2221, 2721), 4, (16,)),
    (range(34, 35), 2, (15,)),  # American Express
    (range(37, 38), 2, (15,)),
    (range(300, 306), 3, (14, 16, 17, 18, 19)),  # Diners Club
    (range(3095, 3096), 4, (14, 16, 17, 18, 19)),
    (range(36, 37), 2, (14, 16, 17, 18, 19)),
    (range(38, 40), 2, (14, 16, 17, 18, 19)),
    (range(3528, 3590), 4, (16, 17, 18, 19)),  # JCB
    (range(6011, 6012), 4, (16, 17, 18, 19)),  # Discover
    (range(644, 650), 3, (16, 17, 18, 19)),
    (range(65, 66), 2, (16, 17, 18, 19)),
    (range(62, 63), 2, (16, 17, 18, 19)),  # UnionPay
    (range(2200, 2205), 4, (16, 17, 18, 19)),  # Mir
    (range(9792, 9793), 4, (16,)),  # Troy
    (range(5018, 5019), 4, (16, 17, 18, 19)),  # Maestro
    (range(5020, 5021), 4, (16, 17, 18, 19)),
    (range(5038, 5039), 4, (16, 17, 18, 19)),
    (range(6304, 6305), 4, (16, 17, 18, 19)),
    (range(6759, 6764), 4, (16, 17, 18, 19)),
)
"""What numbers begin with, how many digits that is, and how long they then are: ISO/IEC 7812 ranges as the networks publish
them."""


def has_card_number(text: str) -> bool:
    if len(text) < FEWEST:
        return False
    plain = text if text.isascii() else _with_plain_digits(text)
    return any(is_card_number(digits) for found in _DIGITS.finditer(plain) for digits in _readings(found[0]))


def is_card_number(digits: str) -> bool:
    return (
        FEWEST <= len(digits) <= MOST
        and any(int(digits[:size]) in begins and len(digits) in lengths for begins, size, lengths in _ISSUERS)
        and _passes_luhn(digits)
    )


def _readings(found: str) -> Iterator[str]:
    """A run of digits as it stands, or each stretch of its groups that is short enough to be one number."""
    groups = _GROUP.findall(found)
    if len(groups) == 1:
        yield found
        return
    for first in range(len(groups)):
        digits = ""
        for last, group in enumerate(groups[first:]):
            digits += group
            if len(digits) > MOST:
                break
            sizes = [len(each) for each in groups[first : first + last + 1]]
            if last == 0 or max(sizes) <= _LONGEST_GROUP or sizes == _UNIONPAY_GROUPS:
                yield digits


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(each - 9 if each > 9 else each for each in doubled)) % 10 == 0


def _with_plain_digits(text: str) -> str:
    """Digits of any script as ours, white space as spaces; marks that nobody sees are left out."""
    return "".join(
        str(unicodedata.digit(mark)) if mark.isdigit() else " " if mark.isspace() else mark
        for mark in text
        if unicodedata.category(mark) != "Cf"
    )
