"""What an address needs, country by country: the shape of its postcode and whether its region must be given.

Sources: the Universal Postal Union's addressing sheets; ISO 3166-1 codes as CLDR lists them.
"""

from __future__ import annotations

import re

import msgspec
from babel.core import Locale

_NO_COUNTRIES = frozenset(("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"))
COUNTRIES = frozenset(
    code for code in map(str, Locale("en").territories) if len(code) == 2 and code not in _NO_COUNTRIES
)


class Country(msgspec.Struct, frozen=True):
    """`postcode` is a pattern over capitals and digits with separators left out; empty: the country has none.
    `shape` puts the separator back: the digits after which it stands, counted from the end if negative."""

    postcode: str = ""
    separator: str = ""
    split: int = 0
    region: bool = False


_FIVE = Country(r"\d{5}")
_SIX = Country(r"\d{6}")
_FOUR = Country(r"\d{4}")

RULES: dict[str, Country] = {
    "CN": Country(r"\d{6}", region=True),
    "HK": Country(),
    "MO": Country(),
    "TW": Country(r"\d{3}|\d{5}|\d{6}"),
    "JP": Country(r"\d{7}", "-", 3, region=True),
    "KR": _FIVE,
    "SG": _SIX,
    "MY": _FIVE,
    "TH": _FIVE,
    "IN": Country(r"[1-9]\d{5}", region=True),
    "AE": Country(region=True),
    "SA": Country(r"\d{5}(\d{4})?", "-", 5),
    "QA": Country(),
    "KW": _FIVE,
    "FR": _FIVE,
    "MC": Country(r"980\d{2}"),
    "IT": Country(r"\d{5}", region=True),
    "DE": _FIVE,
    "ES": _FIVE,
    "PT": Country(r"\d{7}", "-", 4),
    "CH": _FOUR,
    "AT": _FOUR,
    "BE": _FOUR,
    "LU": _FOUR,
    "NL": Country(r"[1-9]\d{3}[A-Z]{2}", " ", 4),
    "DK": _FOUR,
    "NO": _FOUR,
    "SE": Country(r"\d{5}", " ", 3),
    "FI": _FIVE,
    "GR": Country(r"\d{5}", " ", 3),
    "PL": Country(r"\d{5}", "-", 2),
    "CZ": Country(r"\d{5}", " ", 3),
    "TR": _FIVE,
    "RU": Country(r"\d{6}", region=True),
    "GB": Country(r"([A-Z]{1,2}\d[A-Z\d]?|GIR)\d[A-Z]{2}|GIR0AA", " ", -3),
    "IE": Country(r"[A-Z]\d[\dW][A-Z\d]{4}", " ", 3),
    "US": Country(r"\d{5}(\d{4})?", "-", 5, region=True),
    "CA": Country(r"[A-Z]\d[A-Z]\d[A-Z]\d", " ", 3, region=True),
    "MX": Country(r"\d{5}", region=True),
    "BR": Country(r"\d{8}", "-", 5, region=True),
    "AU": Country(r"\d{4}", region=True),
    "NZ": _FOUR,
}


def write_postcode(country: Country, text: str) -> str:
    """The postcode as the country writes it, or an empty text if it is not one of that country.

    Any dash will do for a hyphen, also the long vowel mark that Japanese keyboards give.
    """
    bare = re.sub(r"[\s\-\u2010-\u2015\u2212\u30fc]", "", text.upper())
    if not re.fullmatch(country.postcode, bare, re.ASCII):
        return ""
    if not country.separator or len(bare) == country.split:
        return bare
    return bare[: country.split] + country.separator + bare[country.split :]
