"""Cards: what a number, a date and a code must look like, and how each test card behaves."""

import re
import unicodedata
from datetime import date
from typing import Literal

from msgspec import Struct

CardField = Literal["number", "expiry", "cvc"]
CardError = Literal["missing", "invalid", "past", "not_a_test_card", "not_offered"]

BRANDS: tuple[tuple[str, str, int], ...] = (
    (r"3[47]\d{13}", "amex", 4),
    (r"4\d{12}(\d{3}){0,2}", "visa", 3),
    (r"(5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}", "mastercard", 3),
    (r"62\d{14,17}", "unionpay", 3),
    (r"35\d{14}", "jcb", 3),
    (r"588845\d{10}", "mada", 3),
)


class Verdict(Struct, frozen=True):
    """What becomes of an attempt: first an optional wait, challenge or slip to pay elsewhere, then success or `failure`."""

    challenge: bool = False
    processing: bool = False
    slip: bool = False
    failure: str | None = None


class Card(Struct, frozen=True):
    """What may be kept of a card."""

    brand: str
    last4: str
    verdict: Verdict


APPROVE = Verdict()

TEST_CARDS: dict[str, tuple[str, Verdict]] = {
    "4242424242424242": ("success", APPROVE),
    "5555555555554444": ("success", APPROVE),
    "6200000000000005": ("success", APPROVE),
    "378282246310005": ("success", APPROVE),
    "5888450000000003": ("success", APPROVE),
    "4000000000003220": ("challenge", Verdict(challenge=True)),
    "4000008400001629": (
        "challenge_declined",
        Verdict(challenge=True, failure="authentication_failed"),
    ),
    "4000000000009995": ("insufficient_funds", Verdict(failure="insufficient_funds")),
    "4000000000000069": ("expired_card", Verdict(failure="expired_card")),
    "4000000000006975": ("limit_exceeded", Verdict(failure="limit_exceeded")),
    "4000000000000002": ("declined", Verdict(failure="card_declined")),
    "4000000000000077": ("processing", Verdict(processing=True)),
}


def check_card(
    number: str, expiry: str, cvc: str, today: date
) -> tuple[Card | None, dict[CardField, CardError]]:
    """The card, or why each field is wrong; digits of any script are read."""
    digits = re.sub(r"[\s\-]", "", _ascii_digits(number))
    errors: dict[CardField, CardError] = {}
    brand, cvc_length = _brand(digits)
    if not digits:
        errors["number"] = "missing"
    elif brand is None or not luhn(digits):
        errors["number"] = "invalid"
    elif digits not in TEST_CARDS:
        errors["number"] = "not_a_test_card"
    if (problem := _expiry_error(_ascii_digits(expiry), today)) is not None:
        errors["expiry"] = problem
    code = _ascii_digits(cvc).strip()
    if not code:
        errors["cvc"] = "missing"
    elif not re.fullmatch(rf"\d{{{cvc_length}}}", code):
        errors["cvc"] = "invalid"
    if errors or brand is None:
        return None, errors
    return Card(brand, digits[-4:], TEST_CARDS[digits][1]), errors


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 check digit over ASCII digits."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def brand_of(number: str) -> str:
    """The brand of a number that is known to have one."""
    return _brand(number)[0] or ""


def method_of(brand: str) -> Literal["card", "mada"]:
    """The method that a card of this brand pays by."""
    return "mada" if brand == "mada" else "card"


def cvc_length(number: str) -> int:
    """How many digits the security code of this number's brand has."""
    return _brand(re.sub(r"\D", "", number))[1]


def _brand(digits: str) -> tuple[str | None, int]:
    for pattern, brand, length in BRANDS:
        if re.fullmatch(pattern, digits):
            return brand, length
    return None, 3


def _expiry_error(text: str, today: date) -> CardError | None:
    if not text.strip():
        return "missing"
    match = re.fullmatch(r"\s*(\d{1,2})\s*[/\-.\s]\s*((?:20)?\d\d)\s*", text) or re.fullmatch(
        r"(\d\d)(\d\d)", text
    )
    if match is None:
        return "invalid"
    month, year = int(match[1]), int(match[2][-2:]) + 2000
    if not 1 <= month <= 12 or year > today.year + 20:
        return "invalid"
    return "past" if (year, month) < (today.year, today.month) else None


def _ascii_digits(text: str) -> str:
    """Full-width, Arabic-Indic and other decimal digits become ASCII; bidi marks disappear."""
    kept = (mark for mark in text if unicodedata.category(mark) != "Cf")
    return "".join(str(unicodedata.decimal(mark, mark)) for mark in kept)
