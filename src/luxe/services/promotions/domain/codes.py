"""Codes that nobody guesses: sixty bits from the house's secret, in Crockford's base 32, and only known by their digest."""

from __future__ import annotations

import hashlib
import hmac

LETTERS = 12
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011")


def code_of(secret: str, owner_id: str, number: int) -> str:
    """The code of a number of a voucher: `ABCD-EFGH-JKMN`."""
    made = int.from_bytes(_keyed(secret, f"code {owner_id} {number}")[:8])
    letters = "".join(_ALPHABET[made >> 5 * place & 31] for place in range(LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, LETTERS, 4))


def digest_of(secret: str, typed: str) -> str:
    """By what a code is found, however it was typed: capitals, spaces, hyphens, O for 0, I or L for 1."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum()).translate(_READ_AS)
    return _keyed(secret, f"digest {plain}").hex()


def _keyed(secret: str, text: str) -> bytes:
    return hmac.new(secret.encode(), f"promotions {text}".encode(), hashlib.sha256).digest()
