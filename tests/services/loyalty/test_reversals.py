"""What refunds do to points, through both bindings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.loyalty.contract import Port, Reversal
from tests.harness import Running, running
from tests.services.loyalty.books import MEI, TOTAL, assert_books_agree, earn, lines, owed, standing


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("loyalty", binding=binding) as house:
        yield house


@pytest.fixture
def loyalty(house: Running) -> Port:
    return house.port(Port)


async def buy(loyalty: Port, run: str, *, spent: int, paid: int, multiplier: int = 100) -> int:
    """A purchase of `paid` minor CNY after `spent` points; returns points earned."""
    await loyalty.hold(run=run, account_id=MEI, points=spent, total=TOTAL)
    return await loyalty.settle(
        run=run,
        account_id=MEI,
        reference=f"ord_{run}",
        net_paid=Money(paid, "CNY"),
        multiplier_percent=multiplier,
    )


async def refund(loyalty: Port, run: str, minor: int, key: str = "r1", currency: str = "CNY") -> Reversal:
    return await loyalty.reverse(run=run, key=key, refunded=Money(minor, currency))


async def test_a_whole_refund_takes_back_and_gives_back_everything(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    assert await buy(loyalty, "run_1", spent=600, paid=20_001, multiplier=125) == 250
    whole = await loyalty.would_reverse(run="run_1", refunded=Money(20_001, "CNY"))
    assert (whole, await standing(loyalty)) == (Reversal(taken_back=250, given_back=600), (650, 0))
    assert await refund(loyalty, "run_1", 20_001) == Reversal(taken_back=250, given_back=600)
    assert await standing(loyalty) == (1_000, 0)
    assert await lines(loyalty) == [
        ("reverse", -250, 1_000),
        ("restore", 600, 1_250),
        ("earn", 250, 650),
        ("redeem", -600, 400),
        ("earn", 1_000, 1_000),
    ]
    assert {line.reference for line in (await loyalty.statement(account_id=MEI, limit=2)).items} == {
        "ord_run_1"
    }
    await assert_books_agree(house)


async def test_partial_refunds_reverse_the_cumulative_proportion(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    await buy(loyalty, "run_1", spent=100, paid=10_000)
    thirds = [await refund(loyalty, "run_1", minor, f"r{minor}") for minor in (3_333, 3_334, 3_333)]
    assert thirds == [
        Reversal(taken_back=33, given_back=33),
        Reversal(taken_back=34, given_back=34),
        Reversal(taken_back=33, given_back=33),
    ]
    assert await standing(loyalty) == (1_000, 0)
    await assert_books_agree(house)


async def test_the_same_key_has_one_effect(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 500)
    again = await asyncio.gather(*[refund(loyalty, "run_earn", 20_000) for _ in range(8)])
    assert again == [Reversal(taken_back=200, given_back=0)] * 8
    assert await standing(loyalty) == (300, 0)
    with pytest.raises(Refusal) as refused:
        await refund(loyalty, "run_earn", 20_001)
    assert refused.value.code == "reversal_reused"
    assert await standing(loyalty) == (300, 0)
    await assert_books_agree(house)


async def test_refunds_at_once_reverse_their_sum(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    parts = await asyncio.gather(*[refund(loyalty, "run_earn", 7_001, f"r{n}") for n in range(10)])
    assert sum(part.taken_back for part in parts) == 700
    assert await standing(loyalty) == (300, 0)
    await assert_books_agree(house)


async def test_more_than_was_paid_reverses_no_more_than_all(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 100)
    assert (await refund(loyalty, "run_earn", 15_000)).taken_back == 100
    assert (await refund(loyalty, "run_earn", 15_000, "r2")).taken_back == 0
    assert await standing(loyalty) == (0, 0)
    await assert_books_agree(house)


async def test_what_is_spent_already_is_owed_and_later_earning_pays_it_first(
    house: Running, loyalty: Port
) -> None:
    await earn(loyalty, 500)
    await buy(loyalty, "run_1", spent=450, paid=0)
    assert await refund(loyalty, "run_earn", 50_000) == Reversal(taken_back=500, given_back=0)
    assert (await standing(loyalty), await owed(loyalty)) == ((0, 0), 450)
    await earn(loyalty, 300, run="run_2", reference="ord_2")
    assert (await standing(loyalty), await owed(loyalty)) == ((0, 0), 150)
    await earn(loyalty, 400, run="run_3", reference="ord_3")
    assert (await standing(loyalty), await owed(loyalty)) == ((250, 0), 0)
    assert await lines(loyalty) == [
        ("repay", -150, 250),
        ("earn", 400, 400),
        ("repay", -300, 0),
        ("earn", 300, 300),
        ("reverse", -50, 0),
        ("redeem", -450, 50),
        ("earn", 500, 500),
    ]
    debts = [line.owed for line in (await loyalty.statement(account_id=MEI)).items]
    assert debts == [-150, 0, -300, 0, 450, 0, 0]
    await assert_books_agree(house)


async def test_held_points_are_not_taken_back_but_pay_once_they_are_released(
    house: Running, loyalty: Port
) -> None:
    await earn(loyalty, 500)
    await loyalty.hold(run="run_1", account_id=MEI, points=400, total=TOTAL)
    await refund(loyalty, "run_earn", 50_000)
    assert (await standing(loyalty), await owed(loyalty)) == ((0, 400), 400)
    await assert_books_agree(house)
    await loyalty.release(run="run_1")
    assert (await standing(loyalty), await owed(loyalty)) == ((0, 0), 0)
    await assert_books_agree(house)


async def test_points_given_back_pay_what_is_owed(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 500)
    await buy(loyalty, "run_1", spent=500, paid=10_000)
    await refund(loyalty, "run_earn", 50_000)
    assert (await standing(loyalty), await owed(loyalty)) == ((0, 0), 400)
    assert await refund(loyalty, "run_1", 10_000) == Reversal(taken_back=100, given_back=500)
    assert (await standing(loyalty), await owed(loyalty)) == ((0, 0), 0)
    await assert_books_agree(house)


async def test_points_come_back_with_their_day_of_expiry_or_ninety_days(
    house: Running, loyalty: Port
) -> None:
    try:
        clock.replace_clock(lambda: datetime(2024, 1, 10, tzinfo=UTC))
        await earn(loyalty, 100, run="run_old")
        clock.replace_clock(lambda: datetime(2025, 6, 1, tzinfo=UTC))
        await earn(loyalty, 100, run="run_new")
        await buy(loyalty, "run_1", spent=150, paid=0)
        clock.replace_clock(lambda: datetime(2026, 3, 1, tzinfo=UTC))
        await refund(loyalty, "run_1", 0)
        await house.run_jobs("loyalty")
    finally:
        clock.replace_clock(None)
    lots = await house.rows(
        "loyalty", "SELECT remaining, expires_at FROM loyalty.lots WHERE remaining > 0 ORDER BY 2, 1"
    )
    assert [tuple(lot) for lot in lots] == [
        (100, datetime(2026, 5, 31, tzinfo=UTC)),
        (50, datetime(2027, 6, 2, tzinfo=UTC)),
        (50, datetime(2027, 6, 2, tzinfo=UTC)),
    ]
    await assert_books_agree(house)


async def test_the_purchases_own_lot_is_taken_first(house: Running, loyalty: Port) -> None:
    try:
        clock.replace_clock(lambda: datetime(2025, 1, 10, tzinfo=UTC))
        await earn(loyalty, 100, run="run_old")
        clock.replace_clock(lambda: datetime(2025, 6, 1, tzinfo=UTC))
        await earn(loyalty, 100, run="run_new")
    finally:
        clock.replace_clock(None)
    await refund(loyalty, "run_new", 7_000)
    lots = await house.rows("loyalty", "SELECT remaining FROM loyalty.lots ORDER BY expires_at")
    assert [lot.remaining for lot in lots] == [100, 30]
    await assert_books_agree(house)


async def test_a_run_that_moved_no_points_has_nothing_to_reverse(house: Running, loyalty: Port) -> None:
    assert await refund(loyalty, "run_nobody", 5_000) == Reversal(taken_back=0, given_back=0)
    assert await house.rows("loyalty", "SELECT * FROM loyalty.journals") == []


@pytest.mark.parametrize(("minor", "currency", "key"), [(-1, "CNY", "r"), (1, "EUR", "r"), (1, "CNY", "")])
async def test_what_is_no_refund_is_refused(
    house: Running, loyalty: Port, minor: int, currency: str, key: str
) -> None:
    await earn(loyalty, 10)
    with pytest.raises(Refusal) as refused:
        await refund(loyalty, "run_earn", minor, key, currency)
    assert refused.value.code == "refund_invalid"
    assert await standing(loyalty) == (10, 0)
    assert await house.rows("loyalty", "SELECT * FROM loyalty.reversals") == []


async def test_a_run_that_still_holds_is_released_not_reversed(loyalty: Port) -> None:
    await earn(loyalty, 100)
    await loyalty.hold(run="run_1", account_id=MEI, points=40, total=TOTAL)
    with pytest.raises(Refusal) as refused:
        await refund(loyalty, "run_1", 5_000)
    assert refused.value.code == "run_unsettled"
    assert await standing(loyalty) == (60, 40)


async def test_a_run_settled_before_refunds_were_kept_is_reversed_as_a_whole(
    house: Running, loyalty: Port
) -> None:
    await earn(loyalty, 100)
    async with house.database("loyalty").transaction() as tx:
        await tx.exec_driver_sql(
            "INSERT INTO loyalty.sales (run, account_id, reference, net_paid_minor, currency, earned, redeemed, at)"
            " VALUES ('run_then', 'acc_mei', 'ord_0', 0, '', 60, 0, now())"
        )
    assert await refund(loyalty, "run_then", 1, currency="EUR") == Reversal(taken_back=60, given_back=0)
    assert await standing(loyalty) == (40, 0)
