"""Money: an exact amount in a currency's minor unit, never a float and never a bare number."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

import msgspec
from babel.numbers import get_currency_precision

INT64_MAX = 2**63 - 1
_MOST_DIGITS = 24


class MoneyError(ValueError):
    """Two currencies met, or an amount does not fit the currency or a 64-bit integer."""


def exponent(currency: str) -> int:
    """Digits of the minor unit by ISO 4217 as CLDR lists it: CNY 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


class Money(msgspec.Struct, frozen=True, order=False):
    """`minor` units of `currency` (ISO 4217 code, upper case). Arithmetic never mixes currencies."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not -INT64_MAX <= self.minor <= INT64_MAX:
            raise MoneyError(f"{self.minor} does not fit a 64-bit amount")
        if len(self.currency) != 3 or not (self.currency.isascii() and self.currency.isupper()):
            raise MoneyError(f"{self.currency!r} is not an ISO 4217 code")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Reads a plain decimal such as `42.99`. More digits than the currency has are an error, not a rounding."""
        try:
            value = Decimal(text.strip())
        except InvalidOperation as error:
            raise MoneyError(f"{text!r} is not an amount") from error
        if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
            raise MoneyError(f"{text!r} is not an amount")
        scaled = value.scaleb(exponent(currency))
        if scaled != scaled.to_integral_value():
            raise MoneyError(f"{text!r} has more digits than {currency} has")
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        if not isinstance(times, int):
            raise MoneyError("multiply by a whole number; use share() for a fraction")
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def share(self, numerator: int, denominator: int) -> Money:
        """This amount times a fraction, rounded half to even (banker's rounding, IEEE 754)."""
        exact = Decimal(self.minor) * numerator / denominator
        return Money(int(exact.to_integral_value(rounding=ROUND_HALF_EVEN)), self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Splits by `weights` so that the parts sum to the whole (largest remainder, ties to the earlier part)."""
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise MoneyError("weights must be non-negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        whole = abs(self.minor)
        parts = [whole * weight // total for weight in weights]
        remainders = [whole * weight % total for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
        for index in by_remainder[: whole - sum(parts)]:
            parts[index] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} do not mix")
        return other.minor
