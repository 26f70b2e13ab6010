"""The rules of points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money, exponent
from luxe.services.loyalty import domain
from luxe.services.loyalty.contract import HOUSE_RATES
from luxe.services.loyalty.domain import Lot

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


@st.composite
def refunded_baskets(draw: st.DrawFn) -> tuple[list[Money], int, int, list[int]]:
    """Prices of a basket's lines, points earned and spent, and the lines in the order in which they come back."""
    prices = draw(st.lists(st.integers(1, 50_000_000), min_size=1, max_size=12))
    order = draw(st.permutations(range(len(prices))))
    points = st.integers(0, 2_000_000)
    return [Money(price, "CNY") for price in prices], draw(points), draw(points), order


def reversed_by(whole: int, prices: list[Money], order: list[int]) -> list[int]:
    paid = sum(price.minor for price in prices)
    parts, refunded = [], 0
    for index in order:
        before = domain.proportion(whole, refunded, paid)
        refunded += prices[index].minor
        parts.append(domain.proportion(whole, refunded, paid) - before)
    return parts


@settings(max_examples=3_000, deadline=None)
@given(refunded_baskets())
def test_the_parts_of_a_refund_are_the_whole_in_any_order(
    basket: tuple[list[Money], int, int, list[int]],
) -> None:
    prices, earned, spent, order = basket
    for whole in (earned, spent):
        parts = reversed_by(whole, prices, order)
        assert sum(parts) == whole
        assert min(parts) >= 0
        paid = sum(price.minor for price in prices)
        exact = [Fraction(whole * prices[index].minor, paid) for index in order]
        assert all(abs(part - share) <= 1 for part, share in zip(parts, exact, strict=True))


@given(st.integers(0, 10**6), st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_proportion_is_rounded_half_to_even(whole: int, refunded: int, paid: int) -> None:
    exact = Fraction(whole * min(refunded, paid), paid)
    assert domain.proportion(whole, refunded, paid) == round(exact)


def test_nothing_paid_reverses_everything() -> None:
    assert domain.proportion(70, 0, 0) == 70


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
lots = st.lists(
    st.builds(
        lambda points, days: Lot(points=points, earned_at=NOW, expires_at=NOW + timedelta(days=days)),
        st.integers(1, 100),
        st.integers(-400, 700),
    ),
    max_size=6,
)


@given(lots, st.lists(st.integers(1, 60), max_size=8))
def test_parts_given_back_are_lot_by_lot_what_was_spent(spent: list[Lot], parts: list[int]) -> None:
    given_back: list[Lot] = []
    before = 0
    for part in parts:
        given_back += domain.lots_given_back(spent, before, part, NOW)
        before += part
    assert sum(lot.points for lot in given_back) == sum(parts)
    days = [
        day for lot in spent for day in [max(lot.expires_at, datetime(2027, 2, 21, tzinfo=UTC))] * lot.points
    ]
    fresh = domain.lapses_at(NOW)
    assert [lot.expires_at for lot in given_back for _ in range(lot.points)] == [
        *days[:before], *[fresh] * (before - len(days))
    ]  # fmt: skip
