"""Text from people, made fit for one line of a header or a page."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 160
_ADDRESS = re.compile(r"[!-?A-~]{1,64}@[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?", re.IGNORECASE)
_BREAKS = ("Cc", "Cs", "Zl", "Zp")
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str, longest: int = _LONGEST) -> str:
    """Without line breaks, controls and marks that turn the direction; cut to `longest` characters."""
    plain = "".join(
        " " if unicodedata.category(char) in _BREAKS else char for char in text if char not in _TURNS
    )
    line = " ".join(plain.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def is_mailable(address: str) -> bool:
    """Whether an address can stand in an envelope and a header: one @, printable ASCII, no space."""
    return len(address) <= 254 and _ADDRESS.fullmatch(address) is not None
