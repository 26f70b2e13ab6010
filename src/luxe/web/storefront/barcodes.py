"""Code 39 (ISO/IEC 16388): each sign is nine bars and spaces in turn, three of them wide."""

from __future__ import annotations

import msgspec

SIGNS = {
    "0": "nnnwwnwnn", "1": "wnnwnnnnw", "2": "nnwwnnnnw", "3": "wnwwnnnnn", "4": "nnnwwnnnw", "5": "wnnwwnnnn",
    "6": "nnwwwnnnn", "7": "nnnwnnwnw", "8": "wnnwnnwnn", "9": "nnwwnnwnn", "A": "wnnnnwnnw", "B": "nnwnnwnnw",
    "C": "wnwnnwnnn", "D": "nnnnwwnnw", "E": "wnnnwwnnn", "F": "nnwnwwnnn", "G": "nnnnnwwnw", "H": "wnnnnwwnn",
    "I": "nnwnnwwnn", "J": "nnnnwwwnn", "K": "wnnnnnnww", "L": "nnwnnnnww", "M": "wnwnnnnwn", "N": "nnnnwnnww",
    "O": "wnnnwnnwn", "P": "nnwnwnnwn", "Q": "nnnnnnwww", "R": "wnnnnnwwn", "S": "nnwnnnwwn", "T": "nnnnwnwwn",
    "U": "wwnnnnnnw", "V": "nwwnnnnnw", "W": "wwwnnnnnn", "X": "nwnnwnnnw", "Y": "wwnnwnnnn", "Z": "nwwnwnnnn",
    "-": "nwnnnnwnw", "*": "nwnnwnwnn",
}  # fmt: skip
WIDE = 3
_GAP = 1


class Bar(msgspec.Struct, frozen=True):
    """In widths of the narrowest bar."""

    at: int
    width: int


class Barcode(msgspec.Struct, frozen=True):
    bars: list[Bar]
    width: int


def code39(text: str) -> Barcode:
    """The text between its start and stop signs. Raises `KeyError` for a sign that the code does not have."""
    bars, at = [], 0
    for sign in f"*{text}*":
        for place, width in enumerate(WIDE if each == "w" else 1 for each in SIGNS[sign]):
            if place % 2 == 0:
                bars.append(Bar(at, width))
            at += width
        at += _GAP
    return Barcode(bars, at - _GAP)
