"""Prices with their history; quotes that add up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.pricing import contract as pricing
from luxe.services.pricing import domain
from tests.harness import running

START = datetime(2026, 9, 1, tzinfo=UTC)


def cny(amount: int) -> Money:
    return Money(amount * 100, "CNY")


def draft(amount: int, before: int | None = None, variant: str = "var_1") -> pricing.PriceDraft:
    compare_at = None if before is None else cny(before)
    return pricing.PriceDraft(variant_id=variant, price=cny(amount), compare_at=compare_at)


@pytest.fixture
def on_day() -> Iterator[object]:
    """Moves the clock to a day of the story."""

    def move(day: int) -> None:
        clock.replace_clock(lambda: START + timedelta(days=day))

    yield move
    clock.replace_clock(None)


async def test_the_same_price_again_changes_nothing(binding: str) -> None:
    async with running("pricing", binding=binding) as house:
        port = house.port(pricing.Port)
        assert await port.put_prices(prices=[draft(100), draft(90, variant="var_2")]) == 2
        assert await port.put_prices(prices=[draft(100), draft(80, variant="var_2")]) == 1
        assert await port.put_prices(prices=[]) == 0
        told = [(fact.variant_id, fact.currency) for fact in await house.facts(pricing.PriceChanged)]
        assert told == [("var_1", "CNY"), ("var_2", "CNY"), ("var_2", "CNY")]
        assert [
            price.price
            for price in await port.prices(variant_ids=["var_2", "var_1", "var_3"], currency="CNY")
        ] == [
            cny(100),
            cny(80),
        ]
        assert await port.prices(variant_ids=["var_1"], currency="JPY") == []


async def test_a_reduction_shows_the_lowest_price_of_the_thirty_days_before(
    binding: str, on_day: object
) -> None:
    async with running("pricing", binding=binding) as house:
        port = house.port(pricing.Port)
        story = [(0, draft(50)), (5, draft(120)), (20, draft(90)), (25, draft(120)), (45, draft(100, 120))]
        for day, price in story:
            on_day(day)  # type: ignore[operator]
            await port.put_prices(prices=[price])
        price = (await port.all_prices(variant_ids=["var_1"]))[0]
        assert (price.price, price.compare_at, price.lowest_30d) == (cny(100), cny(120), cny(90))
        assert price.since == START + timedelta(days=45)
        on_day(60)  # type: ignore[operator]
        await port.put_prices(prices=[draft(110)])
        assert (await port.all_prices(variant_ids=["var_1"]))[0].lowest_30d is None


async def test_a_quote_says_why(binding: str) -> None:
    async with running("pricing", binding=binding) as house:
        port = house.port(pricing.Port)
        await port.put_prices(prices=[draft(100), draft(80, 120, "var_2")])
        lines = [pricing.QuoteLine(variant_id=f"var_{number}", quantity=number) for number in (1, 2, 3)]
        quote = await port.quote(lines=lines, currency="CNY")
        assert (quote.goods, quote.delivery, quote.total) == (cny(260), cny(0), cny(260))
        assert quote.unpriced == ["var_3"]
        assert [(step.code, step.amount) for step in quote.steps] == [
            ("list", cny(340)),
            ("reduction", cny(-80)),
            ("delivery", cny(0)),
        ]
        assert [(step.code, step.amount) for step in quote.lines[1].why] == [
            ("list", cny(120)),
            ("reduction", cny(-40)),
        ]


async def test_refusals_leave_nothing(binding: str) -> None:
    async with running("pricing", binding=binding) as house:
        port = house.port(pricing.Port)
        wrong = pricing.PriceDraft(variant_id="var_1", price=cny(1), compare_at=Money(2, "EUR"))
        refusals = [
            ("price_invalid", port.put_prices(prices=[draft(5), draft(-1, variant="var_2")])),
            ("price_invalid", port.put_prices(prices=[wrong])),
            (
                "currency_unsupported",
                port.put_prices(prices=[pricing.PriceDraft(variant_id="v", price=Money(1, "GBP"))]),
            ),
            ("currency_unsupported", port.prices(variant_ids=[], currency="XXX")),
        ]
        for code, call in refusals:
            with pytest.raises(Refusal) as refused:
                await call
            assert refused.value.code == code
        assert await port.all_prices(variant_ids=["var_1", "var_2"]) == []
        await port.put_prices(prices=[draft(5)])
        with pytest.raises(Refusal) as refused:
            await port.quote(lines=[pricing.QuoteLine(variant_id="var_1", quantity=0)], currency="CNY")
        assert refused.value.code == "quantity_invalid"


amounts = st.integers(0, 10**9)


@given(st.lists(st.tuples(amounts, st.none() | amounts, st.integers(1, 20)), max_size=6))
def test_lines_and_steps_add_up_to_the_total(entries: list[tuple[int, int | None, int]]) -> None:
    prices = {
        f"var_{number}": pricing.Price(
            variant_id=f"var_{number}",
            price=Money(minor, "JPY"),
            compare_at=None if before is None else Money(before, "JPY"),
            lowest_30d=None,
            since=START,
        )
        for number, (minor, before, _) in enumerate(entries)
    }
    lines = [
        pricing.QuoteLine(variant_id=f"var_{number}", quantity=entry[2])
        for number, entry in enumerate(entries)
    ]
    quote = domain.quote(lines, prices, "JPY")
    assert sum(line.total.minor for line in quote.lines) == quote.goods.minor
    assert sum(step.amount.minor for step in quote.steps) == quote.total.minor
    assert all(sum(step.amount.minor for step in line.why) == line.unit.minor for line in quote.lines)
    assert all(step.amount.minor < 0 for step in quote.steps if step.code == "reduction")
