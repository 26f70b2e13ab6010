"""The rules of membership."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from luxe.kernel.money import Money
from luxe.services.loyalty.contract import HOUSE_RATES
from luxe.services.membership import domain
from tests.services.membership.people import MEIS_FORM

TODAY = date(2026, 11, 22)


def test_a_code_carries_a_hundred_bits_in_groups_of_five() -> None:
    code = domain.code_of("secret", "inv_1")
    assert [len(group) for group in code.split("-")] == [5, 5, 5, 5]
    assert domain.code_of("secret", "inv_1") == code
    assert domain.code_of("another secret", "inv_1") != code
    assert len({domain.code_of("secret", f"inv_{number}") for number in range(10_000)}) == 10_000


@given(st.integers(0, 10**9), st.data())
def test_a_code_is_read_however_it_is_written(number: int, data: st.DataObject) -> None:
    code = domain.code_of("secret", f"inv_{number}")
    written = ""
    for letter in code:
        letter = data.draw(
            st.sampled_from({"-": ["-", " ", "", "—", "\n"], "0": "0oO", "1": "1iIlL"}.get(letter, letter))
        )
        written += letter.lower() if data.draw(st.booleans()) else letter
    assert domain.code_hash(written) == domain.code_hash(code)


@given(st.integers(0, 999_999))
def test_a_number_ends_in_its_check_digit(payload: int) -> None:
    number = domain.member_number(payload)
    digits = [int(digit) for digit in number.removeprefix("M-")]
    doubled = [
        digit if place % 2 == 0 else sum(divmod(digit * 2, 10))
        for place, digit in enumerate(reversed(digits))
    ]
    assert (len(digits), sum(doubled) % 10) == (7, 0)


def test_a_known_number() -> None:
    assert domain.member_number(123_456) == "M-1234566"


@pytest.mark.parametrize(
    ("change", "listed"),
    [
        ({"full_name": "  "}, {"full_name": "missing"}),
        ({"full_name": "x" * 201}, {"full_name": "too_long"}),
        ({"country": "China"}, {"country": "unknown"}),
        ({"birthday": date(2008, 11, 23)}, {"birthday": "too_young"}),
        ({"birthday": date(2027, 1, 1)}, {"birthday": "impossible"}),
        ({"declared_spend": Money(49_999_999, "CNY")}, {"declared_spend": "too_low"}),
        ({"declared_spend": Money(6_410_200, "EUR")}, {"declared_spend": "too_low"}),
        ({"declared_spend": Money(1, "CHF")}, {"declared_spend": "currency"}),
        ({"references": ["Clara Weiss", " "]}, {"references": "missing"}),
        ({"references": ["x"] * 21}, {"references": "too_long"}),
        ({"houses": ["x" * 201]}, {"houses": "too_long"}),
        ({"truthful": False, "means": ""}, {"means": "missing", "truthful": "missing"}),
    ],
)
def test_an_application_lists_what_it_lacks(change: dict[str, object], listed: dict[str, str]) -> None:
    problems = domain.problems_of(replace(MEIS_FORM, **change), TODAY, HOUSE_RATES)
    assert {each["field"]: each["message"] for each in problems} == listed


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"birthday": date(2008, 11, 22)},
        {"declared_spend": Money(6_410_300, "EUR")},
        {"declared_spend": Money(10_416_667, "JPY")},
        {"houses": []},
    ],
)
def test_an_application_that_suffices(change: dict[str, object]) -> None:
    assert domain.problems_of(replace(MEIS_FORM, **change), TODAY, HOUSE_RATES) == []


@pytest.mark.parametrize(
    ("at", "later"),
    [
        (datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2027, 11, 22, 9, tzinfo=UTC)),
        (datetime(2028, 2, 29, 9, tzinfo=UTC), datetime(2029, 2, 28, 9, tzinfo=UTC)),
    ],
)
def test_a_year_ends_on_the_same_day(at: datetime, later: datetime) -> None:
    assert domain.months_later(at, 12) == later


def test_a_renewal_goes_on_from_the_end_and_a_return_from_today() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    ends = now + timedelta(days=10)
    assert domain.next_period(now, ends, 12) == (ends, datetime(2027, 12, 2, tzinfo=UTC))
    assert domain.next_period(now, now - timedelta(days=10), 12) == (now, datetime(2027, 11, 22, tzinfo=UTC))
    assert domain.next_period(now, None, 12) == (now, datetime(2027, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("yuan", "tier"),
    [
        (0, "silver"),
        (299_999, "silver"),
        (300_000, "gold"),
        (999_999, "gold"),
        (1_000_000, "black"),
        (9_000_000, "black"),
    ],
)
def test_spend_earns_a_tier(yuan: int, tier: str) -> None:
    assert domain.tier_for(Money(yuan * 100, "CNY"), HOUSE_RATES) == tier


def test_thresholds_hold_in_another_base_currency() -> None:
    assert domain.threshold("gold", "EUR", HOUSE_RATES) == Money(3_846_154, "EUR")
    assert domain.tier_for(Money(3_846_154, "EUR"), HOUSE_RATES) == "gold"
    assert domain.tier_for(Money(3_846_153, "EUR"), HOUSE_RATES) == "silver"


def test_the_twelve_benefits_never_shrink_on_the_way_up() -> None:
    assert len(domain.BENEFITS) == 12
    endless = 10**9
    for quotas in domain.BENEFITS.values():
        counted = [endless if quota is None else quota for quota in quotas]
        assert counted == sorted(counted)
    assert {each.code for each in domain.benefits_of("black")} == set(domain.BENEFITS)


@pytest.mark.parametrize("moves", [domain.APPLICATION_MOVES, domain.MEMBERSHIP_MOVES, domain.SPEND_MOVES])
def test_every_move_leads_to_a_state_that_is_known(moves: dict[str, frozenset[str]]) -> None:
    assert {state for after in moves.values() for state in after} <= set(moves)


@pytest.mark.parametrize("email", ["mei@example.com", "a.b+c@sub.example.co"])
def test_addresses(email: str) -> None:
    assert domain.is_email(email)


@pytest.mark.parametrize(
    "email", ["", "mei", "mei@example", "mei lin@example.com", "@example.com", "a@b@example.com"]
)
def test_no_addresses(email: str) -> None:
    assert not domain.is_email(email)
