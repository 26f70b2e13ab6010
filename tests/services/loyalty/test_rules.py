"""The rules of points."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money, exponent
from luxe.services.loyalty import domain
from luxe.services.loyalty.contract import HOUSE_RATES

currencies = st.sampled_from(sorted(HOUSE_RATES))
totals = st.builds(Money, st.integers(0, 10**12), currencies)


@pytest.mark.parametrize(
    ("paid", "multiplier", "points"),
    [
        (Money(9_999, "CNY"), 100, 99),
        (Money(9_999, "CNY"), 150, 148),
        (Money(10_000, "EUR"), 100, 780),
        (Money(1_000, "JPY"), 125, 60),
        (Money(0, "CNY"), 150, 0),
        (Money(-500, "CNY"), 100, 0),
    ],
)
def test_earned(paid: Money, multiplier: int, points: int) -> None:
    assert domain.earned(paid, multiplier, "CNY") == points


@pytest.mark.parametrize(
    ("points", "worth"),
    [
        (100, Money(100, "CNY")),
        (1, Money(1, "CNY")),
        (780, Money(100, "EUR")),
        (39, Money(5, "EUR")),
        (12, Money(2, "JPY")),  # 2.5 yen: the half goes to the even neighbour
        (36, Money(8, "JPY")),  # 7.5 yen
        (0, Money(0, "USD")),
    ],
)
def test_worth_is_rounded_half_to_even(points: int, worth: Money) -> None:
    assert domain.worth(points, worth.currency, "CNY") == worth


def test_a_currency_without_a_rate_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        domain.worth(100, "CHF", "CNY")
    assert refused.value.code == "currency_unsupported"


@given(totals)
def test_points_never_pay_more_than_half(total: Money) -> None:
    most = domain.most_points(total, "CNY")
    assert domain.worth(most, total.currency, "CNY").minor * 2 <= total.minor


@given(totals)
def test_one_point_more_would_pass_half(total: Money) -> None:
    more = Fraction(domain.most_points(total, "CNY") + 1, 100) / Fraction(HOUSE_RATES[total.currency])
    assert more * 10 ** exponent(total.currency) > total.minor // 2


@given(st.integers(0, 10**9), st.integers(0, 10**9), currencies)
def test_more_points_are_never_worth_less(points: int, more: int, currency: str) -> None:
    assert domain.worth(points + more, currency, "CNY") >= domain.worth(points, currency, "CNY")


@pytest.mark.parametrize(
    ("earned", "lapse"),
    [
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), datetime(2028, 11, 23, tzinfo=UTC)),
        (datetime(2028, 2, 29, 8, 0, tzinfo=UTC), datetime(2030, 3, 1, tzinfo=UTC)),
        (datetime(2026, 2, 28, 8, 0, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_points_last_two_years_to_the_end_of_the_day(earned: datetime, lapse: datetime) -> None:
    assert domain.lapses_at(earned) == lapse


def test_issuing_is_spread_over_sixteen_accounts() -> None:
    assert len({domain.issued_account(f"jrn_{number}") for number in range(1_000)}) == 16
