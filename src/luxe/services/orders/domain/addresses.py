"""Addresses: trimmed, and checked by what their country needs."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from luxe.services.orders.contract import Address
from luxe.services.orders.domain.countries import COUNTRIES, RULES, Country, write_postcode

LONGEST = {"name": 100, "line1": 150, "line2": 150, "city": 100, "region": 100, "postcode": 20, "phone": 30}
_BASICS = ("name", "line1", "city", "country", "phone")
_PHONE = re.compile(r"\+?\(?[0-9][0-9 ()./-]{4,28}")
_MESSAGES = {
    "missing": "is needed",
    "malformed": "is not one of that country",
    "too_long": "is too long",
    "unknown": "is unknown",
}


class Checked(msgspec.Struct, frozen=True):
    """A trimmed address and what is wrong with it, by field; `errors` is empty if it will do."""

    address: Address
    errors: list[dict[str, str]]


def check(given: Address) -> Checked:
    """Checking a checked address again gives the same."""
    address = trim(given)
    wrong = {field: "missing" for field in _BASICS if not getattr(address, field)}
    wrong |= {
        field: "too_long" for field, longest in LONGEST.items() if len(getattr(address, field)) > longest
    }
    if address.country and address.country not in COUNTRIES:
        wrong["country"] = "unknown"
    if address.phone and "phone" not in wrong and not _is_phone(address.phone):
        wrong["phone"] = "malformed"
    country = RULES.get(address.country)
    if country is not None:
        wrong |= _against(country, address, wrong)
    return Checked(address, [_error(field, code) for field, code in wrong.items()])


def trim(given: Address) -> Address:
    """Spaces trimmed and joined, invisible marks left out, country and postcode as they are written."""
    fields = {name: _tidy(getattr(given, name)) for name in Address.__struct_fields__}
    fields["country"] = fields["country"].upper()
    fields["phone"] = _tidy(unicodedata.normalize("NFKC", fields["phone"]))
    fields["postcode"] = _tidy(unicodedata.normalize("NFKC", fields["postcode"]).upper())
    country = RULES.get(fields["country"])
    if country is not None and country.postcode:
        fields["postcode"] = write_postcode(country, fields["postcode"]) or fields["postcode"]
    return Address(**fields)


def fingerprint(address: Address) -> str:
    """Equal for addresses that differ only in case."""
    return "\n".join(getattr(address, name).casefold() for name in Address.__struct_fields__)


def _against(country: Country, address: Address, wrong: dict[str, str]) -> dict[str, str]:
    found = {}
    if country.region and not address.region:
        found["region"] = "missing"
    if country.postcode and "postcode" not in wrong:
        if not address.postcode:
            found["postcode"] = "missing"
        elif not write_postcode(country, address.postcode):
            found["postcode"] = "malformed"
    return found


def _is_phone(text: str) -> bool:
    """ITU-T E.164 allows fifteen digits; seven is the least that a carrier can ring."""
    digits = sum(mark.isdigit() for mark in text)
    return _PHONE.fullmatch(text) is not None and 7 <= digits <= 15


def _tidy(text: str) -> str:
    visible = "".join(" " if mark.isspace() else mark for mark in text if _may_stay(mark))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def _may_stay(mark: str) -> bool:
    """Control and format marks go, apart from white space and the joiners that some scripts need."""
    return (
        mark.isspace()
        or mark in "\u200c\u200d"
        or unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


def _error(field: str, code: str) -> dict[str, str]:
    return {"field": field, "code": code, "message": f"{field} {_MESSAGES[code]}"}
