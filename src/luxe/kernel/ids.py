"""Ids are TypeIDs: a prefix that names the kind and a UUIDv7 that sorts by time, in Crockford base 32.

Source: the TypeID specification, version 0.3 (`prefix_` + 26 characters).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from uuid_utils import uuid7

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PATTERN = re.compile(r"^[a-z]{2,12}_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$")

Maker = Callable[[str], str]


def _typeid(prefix: str) -> str:
    number = uuid7().int
    digits = []
    for _ in range(26):
        digits.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(digits))}"


class _Ids:
    def __init__(self) -> None:
        self.make: Maker = _typeid


_ids = _Ids()


def new_id(prefix: str) -> str:
    """A fresh id such as `ord_01jd…`; ids made later sort later."""
    return _ids.make(prefix)


def replace_maker(maker: Maker | None) -> None:
    """Tests may fix the ids; `None` restores the real maker."""
    _ids.make = maker or _typeid


def is_id(text: str, prefix: str) -> bool:
    return text.startswith(prefix + "_") and _PATTERN.match(text) is not None
