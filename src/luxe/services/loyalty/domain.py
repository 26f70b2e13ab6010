"""The rules of points: what they are worth, what a purchase earns, when they lapse, which accounts they move between."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction

from luxe.kernel import errors
from luxe.kernel.money import Money, exponent
from luxe.services.loyalty.contract import HOUSE_RATES

POINTS_PER_BASE_UNIT = 100
LIFETIME_YEARS = 2
SHARDS = 16
REDEEMED = "house:redeemed"
EXPIRED = "house:expired"


def available_account(account_id: str) -> str:
    return f"member:{account_id}:available"


def held_account(account_id: str) -> str:
    return f"member:{account_id}:held"


def issued_account(journal_id: str) -> str:
    """One of sixteen accounts that points are issued from, so that no single one is written by everybody."""
    return f"house:issued:{zlib.crc32(journal_id.encode()) % SHARDS:02d}"


def _base_per_unit(currency: str, base: str) -> Fraction:
    if currency not in HOUSE_RATES:
        raise errors.Conflict(f"no points in {currency}", code="currency_unsupported")
    return Fraction(HOUSE_RATES[currency]) / Fraction(HOUSE_RATES[base])


def earned(net_paid: Money, multiplier_percent: int, base: str) -> int:
    """One point for each whole base unit paid, times the multiplier; fractions of a point are dropped."""
    if net_paid.minor <= 0:
        return 0
    units = int(Fraction(net_paid.decimal) * _base_per_unit(net_paid.currency, base))
    return units * multiplier_percent // 100


def worth(points: int, currency: str, base: str) -> Money:
    """What points are worth, rounded half to even in the currency's minor unit."""
    exact = Fraction(points, POINTS_PER_BASE_UNIT) / _base_per_unit(currency, base)
    return Money(round(exact * 10 ** exponent(currency)), currency)


def most_points(total: Money, base: str) -> int:
    """The most points whose worth stays within half of `total`, a half unit rounded down."""
    half = Money(max(total.minor, 0) // 2, total.currency)
    return int(Fraction(half.decimal) * _base_per_unit(total.currency, base) * POINTS_PER_BASE_UNIT)


def lapses_at(at: datetime) -> datetime:
    """Midnight UTC after the same day two years on; what is earned on one day lapses together."""
    day = at.astimezone(UTC).date()
    month, number = (2, 28) if (day.month, day.day) == (2, 29) else (day.month, day.day)
    last = day.replace(year=day.year + LIFETIME_YEARS, month=month, day=number)
    return datetime.combine(last + timedelta(days=1), time(), UTC)
