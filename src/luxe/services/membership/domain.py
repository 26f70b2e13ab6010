"""The rules of membership: codes, qualification, the year, tiers and what they bring. Tables of data, and functions of them."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import msgspec

from luxe.kernel.money import Money, exponent
from luxe.services.membership.contract import ApplicationForm, Tier

CODE_CHARACTERS = 20
PLACE_HELD = timedelta(hours=1)
MOST_USES = 1_000
MOST_DAYS = 366
AGAIN_AFTER = timedelta(days=90)
RETURN_WINDOW = timedelta(days=14)
ROLLING_YEAR = timedelta(days=365)
MEANS_CNY = Decimal(500_000)
YOUNGEST = 18
REFERENCES = 2

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_COUNTRY = re.compile(r"^[A-Z]{2}$")

APPLICATION_MOVES: Mapping[str, frozenset[str]] = {
    "submitted": frozenset({"approved", "declined"}),
    "approved": frozenset(),
    "declined": frozenset(),
}
MEMBERSHIP_MOVES: Mapping[str, frozenset[str]] = {
    "": frozenset({"active"}),
    "active": frozenset({"active", "lapsed", "ended"}),
    "lapsed": frozenset({"active", "ended"}),
    "ended": frozenset({"active"}),
}
SPEND_MOVES: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"qualifying", "reversed"}),
    "qualifying": frozenset({"reversed"}),
    "reversed": frozenset(),
}

PLAN_NAME = "annual"
PLAN_MONTHS = 12
PLAN_FEES = {"CNY": 980_000, "EUR": 125_000, "USD": 136_000, "JPY": 204_000}
"""In minor units, tax included. A row of `plans` takes the place of an amount here."""

TIERS: tuple[Tier, ...] = ("silver", "gold", "black")
THRESHOLDS = {"silver": 0, "gold": 300_000, "black": 1_000_000}
"""Whole CNY of qualifying spend in a rolling year."""

MULTIPLIERS = {"silver": 100, "gold": 125, "black": 150}

BENEFITS: dict[str, tuple[int | None, int | None, int | None]] = {
    "advisor": (None, None, None),
    "limited_priority": (0, None, None),
    "birthday_gift": (1, 1, 1),
    "early_access": (0, None, None),
    "white_glove": (2, None, None),
    "extended_returns": (0, None, None),
    "aftercare": (1, 4, None),
    "styling": (1, 4, None),
    "points_multiplier": (0, None, None),
    "engraving_wrap": (2, None, None),
    "hold_48h": (1, 4, None),
    "partner_privileges": (0, 6, None),
}
"""Silver, gold, black: how often in a membership year; None is unlimited, 0 is not part of the tier."""


def invitation_id(inviter_id: str, key: str) -> str:
    """The id of the invitation that an inviter makes under a key: the same again, in the shape of every id."""
    number = int.from_bytes(hashlib.sha256(f"{inviter_id} {key}".encode()).digest()) >> 128
    return "inv_" + "".join(_CROCKFORD[number >> (5 * place) & 31] for place in reversed(range(26))).lower()


def code_of(secret: str, invitation_id: str) -> str:
    """An invitation's code: 100 bits of a keyed hash of its id, so that it need not be stored to be sent again."""
    digest = hmac.new(secret.encode(), f"invitation {invitation_id}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest, "big")
    letters = "".join(_CROCKFORD[number >> (5 * place) & 31] for place in range(CODE_CHARACTERS))
    return "-".join(letters[start : start + 5] for start in range(0, CODE_CHARACTERS, 5))


def plain_code(written: str) -> str:
    """What somebody typed, without the freedom of writing: case, spaces, dashes, O for 0, I and L for 1."""
    return re.sub(r"[\s\-‐-―_]", "", written[:200]).upper().translate(_READ_AS)


def code_hash(written: str) -> str:
    return hashlib.sha256(plain_code(written).encode()).hexdigest()


def plain_email(email: str) -> str:
    return email.strip().lower()


def is_email(email: str) -> bool:
    return re.fullmatch(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}", email) is not None and len(email) <= 254


def check_digit(payload: str) -> str:
    """Source: ISO/IEC 7812-1, annex B (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(payload)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def member_number(payload: int) -> str:
    """`M-` and seven digits, the last of them a check digit; `payload` is below a million."""
    digits = f"{payload:06d}"
    return f"M-{digits}{check_digit(digits)}"


def in_currency(amount: Money, currency: str, rates: Mapping[str, Decimal]) -> Money | None:
    """`amount` by the house's fixed rates, half to even; None if they do not name one of the two currencies."""
    if amount.currency == currency:
        return amount
    if amount.currency not in rates or currency not in rates:
        return None
    exact = amount.decimal * rates[amount.currency] / rates[currency]
    return Money(int(exact.scaleb(exponent(currency)).to_integral_value(rounding=ROUND_HALF_EVEN)), currency)


def problems_of(form: ApplicationForm, today: date, rates: Mapping[str, Decimal]) -> list[dict[str, str]]:
    """What keeps an application from being considered, by field; empty if nothing does."""
    wrong: dict[str, str] = {}
    for field, most in (("full_name", 200), ("city", 120), ("means", 4_000)):
        length = len(getattr(form, field).strip())
        if not length:
            wrong[field] = "missing"
        elif length > most:
            wrong[field] = "too_long"
    if not _COUNTRY.match(form.country):
        wrong["country"] = "unknown"
    if not 0 < age_on(form.birthday, today) < 130:
        wrong["birthday"] = "impossible"
    elif age_on(form.birthday, today) < YOUNGEST:
        wrong["birthday"] = "too_young"
    declared = in_currency(form.declared_spend, "CNY", rates)
    if declared is None:
        wrong["declared_spend"] = "currency"
    elif declared.decimal < MEANS_CNY:
        wrong["declared_spend"] = "too_low"
    for field, least in (("references", REFERENCES), ("houses", 0)):
        named = getattr(form, field)
        if len([each for each in named if each.strip()]) < least:
            wrong[field] = "missing"
        elif len(named) > 20 or any(len(each) > 200 for each in named):
            wrong[field] = "too_long"
    if not form.truthful:
        wrong["truthful"] = "missing"
    return [{"field": field, "message": message} for field, message in wrong.items()]


def age_on(birthday: date, today: date) -> int:
    return today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))


def months_later(at: datetime, months: int) -> datetime:
    """The same day and time so many months on; the month's last day if it has no such day."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month + 1)


def next_period(now: datetime, until: datetime | None, months: int) -> tuple[datetime, datetime]:
    """What a fee paid now buys: on from the end of a running period, else from now."""
    begins = until if until is not None and until > now else now
    return begins, months_later(begins, months)


def threshold(tier: str, base: str, rates: Mapping[str, Decimal]) -> Money:
    """A tier's threshold in the base currency. A base without a house rate takes the numbers as they are."""
    amount = Money.parse(str(THRESHOLDS[tier]), "CNY")
    return in_currency(amount, base, rates) or Money.parse(str(THRESHOLDS[tier]), base)


def tier_for(qualifying: Money, rates: Mapping[str, Decimal]) -> Tier:
    """The highest tier whose threshold is reached; everybody reaches the first."""
    reached: list[Tier] = [
        tier for tier in TIERS if qualifying >= threshold(tier, qualifying.currency, rates)
    ]
    return reached[-1] if reached else TIERS[0]


def tier_named(name: str) -> Tier:
    """The tier of that name; where no tier is named, the first."""
    named: list[Tier] = [tier for tier in TIERS if tier == name]
    return named[0] if named else TIERS[0]


def higher(one: Tier, other: Tier) -> Tier:
    return one if TIERS.index(one) >= TIERS.index(other) else other


def next_tier(tier: Tier) -> Tier | None:
    place = TIERS.index(tier) + 1
    return TIERS[place] if place < len(TIERS) else None


class Granted(msgspec.Struct, frozen=True):
    code: str
    quota: int | None


def benefits_of(tier: Tier) -> Sequence[Granted]:
    column = TIERS.index(tier)
    return [Granted(code, quotas[column]) for code, quotas in BENEFITS.items() if quotas[column] != 0]
