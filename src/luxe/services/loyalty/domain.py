"""The rules of points: what they are worth, what a purchase earns, when they lapse, which accounts they move between."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction

import msgspec

from luxe.kernel import errors
from luxe.kernel.money import Money, exponent
from luxe.services.loyalty.contract import HOUSE_RATES

POINTS_PER_BASE_UNIT = 100
LIFETIME_YEARS = 2
SHARDS = 16
REDEEMED = "house:redeemed"
EXPIRED = "house:expired"
ADJUSTED = "house:adjusted"
TIME_TO_USE = timedelta(days=90)


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """Points that lapse together."""

    points: int
    earned_at: datetime
    expires_at: datetime


def available_account(account_id: str) -> str:
    return f"member:{account_id}:available"


def held_account(account_id: str) -> str:
    return f"member:{account_id}:held"


def owed_account(account_id: str) -> str:
    """Below zero by what the member owes."""
    return f"member:{account_id}:owed"


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


def proportion(whole: int, refunded_minor: int, net_paid_minor: int) -> int:
    """How many of `whole` points are reversed once `refunded_minor` of `net_paid_minor` is refunded, rounded half to even.

    All of them where nothing was paid in money, or more is refunded than was.
    """
    if refunded_minor >= net_paid_minor:
        return whole
    return round(Fraction(whole * refunded_minor, net_paid_minor))


def lots_given_back(spent: Sequence[Lot], before: int, points: int, at: datetime) -> list[Lot]:
    """The next `points` of what was spent, after `before` that were given back earlier.

    Each keeps its day of expiry, but is good for ninety days at least. Points whose lot is not known are as good as new.
    """
    given: list[Lot] = []
    soonest = _midnight_after(at + TIME_TO_USE)
    for lot in spent:
        passed = min(before, lot.points)
        before -= passed
        taken = min(points, lot.points - passed)
        points -= taken
        if taken:
            expires_at = max(lot.expires_at, soonest)
            given.append(Lot(points=taken, earned_at=lot.earned_at, expires_at=expires_at))
    if points:
        given.append(Lot(points=points, earned_at=at, expires_at=lapses_at(at)))
    return given


def _midnight_after(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def lapses_at(at: datetime) -> datetime:
    """Midnight UTC after the same day two years on; what is earned on one day lapses together."""
    day = at.astimezone(UTC).date()
    month, number = (2, 28) if (day.month, day.day) == (2, 29) else (day.month, day.day)
    last = day.replace(year=day.year + LIFETIME_YEARS, month=month, day=number)
    return datetime.combine(last + timedelta(days=1), time(), UTC)
