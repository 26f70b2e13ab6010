"""What the door of loyalty promises, through both bindings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.loyalty.contract import PointsWorth, Port
from tests.harness import Running, running
from tests.services.loyalty.books import TOTAL, assert_books_agree, earn, standing


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("loyalty", binding=binding) as house:
        yield house


@pytest.fixture
def loyalty(house: Running) -> Port:
    return house.port(Port)


async def test_a_stranger_has_nothing(loyalty: Port) -> None:
    balance = await loyalty.balance(account_id="acc_nobody")
    assert (balance.available, balance.held, balance.expiring, balance.expires_at) == (0, 0, 0, None)
    assert (await loyalty.statement(account_id="acc_nobody")).items == []
    assert await loyalty.redeemable(account_id="acc_nobody", total=TOTAL) == PointsWorth(
        points=0, worth=Money(0, "CNY")
    )


async def test_a_purchase_earns_once(house: Running, loyalty: Port) -> None:
    paid = {
        "account_id": "acc_mei",
        "reference": "ord_1",
        "net_paid": Money(123_456, "CNY"),
        "multiplier_percent": 150,
    }
    assert [await loyalty.settle(run="run_1", **paid) for _ in range(3)] == [1_851, 1_851, 1_851]
    assert await standing(loyalty) == (1_851, 0)
    (line,) = (await loyalty.statement(account_id="acc_mei")).items
    assert (line.kind, line.points, line.balance, line.reference) == ("earn", 1_851, 1_851, "ord_1")
    await assert_books_agree(house)


async def test_a_small_purchase_without_points_leaves_no_trace(house: Running, loyalty: Port) -> None:
    small = Money(99, "CNY")
    assert (
        await loyalty.settle(
            run="r", account_id="acc_mei", reference="o", net_paid=small, multiplier_percent=100
        )
        == 0
    )
    assert await house.rows("loyalty", "SELECT * FROM loyalty.journals") == []


async def test_held_points_cannot_be_held_again(loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    worth = await loyalty.hold(run="run_1", account_id="acc_mei", points=700, total=TOTAL)
    assert worth == PointsWorth(points=700, worth=Money(700, "CNY"))
    assert await standing(loyalty) == (300, 700)
    with pytest.raises(Refusal) as refused:
        await loyalty.hold(run="run_2", account_id="acc_mei", points=301, total=TOTAL)
    assert refused.value.code == "points_short"
    assert await standing(loyalty) == (300, 700)


async def test_holding_again_for_the_same_run_has_one_effect(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    held = [
        await loyalty.hold(run="run_1", account_id="acc_mei", points=780, total=Money(9_999, "EUR"))
        for _ in range(3)
    ]
    assert held == [PointsWorth(points=780, worth=Money(100, "EUR"))] * 3
    assert await standing(loyalty) == (220, 780)
    await assert_books_agree(house)


async def test_releasing_gives_back_once_and_only_to_its_run(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    await loyalty.hold(run="run_1", account_id="acc_mei", points=400, total=TOTAL)
    await loyalty.hold(run="run_2", account_id="acc_mei", points=500, total=TOTAL)
    await loyalty.release(run="run_1")
    await loyalty.release(run="run_1")
    assert await standing(loyalty) == (500, 500)
    await assert_books_agree(house)


async def test_a_hold_that_arrives_after_its_release_is_refused(loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    await loyalty.release(run="run_late")
    with pytest.raises(Refusal) as refused:
        await loyalty.hold(run="run_late", account_id="acc_mei", points=10, total=TOTAL)
    assert refused.value.code == "run_unknown"
    assert await standing(loyalty) == (1_000, 0)


async def test_a_released_run_cannot_be_settled(loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    await loyalty.hold(run="run_1", account_id="acc_mei", points=10, total=TOTAL)
    await loyalty.release(run="run_1")
    with pytest.raises(Refusal) as refused:
        await earn(loyalty, 50, run="run_1")
    assert refused.value.code == "run_unknown"
    assert await standing(loyalty) == (1_000, 0)


@pytest.mark.parametrize(("points", "most"), [(-1, 500_000), (500_001, 500_000)])
async def test_points_beyond_half_or_below_nothing_are_refused(loyalty: Port, points: int, most: int) -> None:
    await earn(loyalty, 600_000)
    with pytest.raises(Refusal) as refused:
        await loyalty.hold(run="run_1", account_id="acc_mei", points=points, total=TOTAL)
    assert (refused.value.code, refused.value.extra) == ("points_invalid", {"most": most})
    assert await standing(loyalty) == (600_000, 0)


async def test_redeemable_is_the_lesser_of_half_and_the_balance(loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    small = await loyalty.redeemable(account_id="acc_mei", total=Money(1_001, "CNY"))
    assert small == PointsWorth(points=500, worth=Money(500, "CNY"))
    large = await loyalty.redeemable(account_id="acc_mei", total=Money(100_000, "JPY"))
    assert large == PointsWorth(points=1_000, worth=Money(208, "JPY"))


async def test_settling_spends_what_was_held_and_earns(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    await loyalty.hold(run="run_1", account_id="acc_mei", points=600, total=TOTAL)
    settled = [
        await loyalty.settle(
            run="run_1",
            account_id="acc_mei",
            reference="ord_2",
            net_paid=Money(20_000, "CNY"),
            multiplier_percent=125,
        )
        for _ in range(2)
    ]
    assert settled == [250, 250]
    assert await standing(loyalty) == (650, 0)
    lines = (await loyalty.statement(account_id="acc_mei")).items
    assert [(line.kind, line.points, line.balance) for line in lines] == [
        ("earn", 250, 650),
        ("redeem", -600, 400),
        ("earn", 1_000, 1_000),
    ]
    await loyalty.release(run="run_1")
    assert await standing(loyalty) == (650, 0)
    await assert_books_agree(house)


async def test_the_statement_comes_in_pages(loyalty: Port) -> None:
    for number in range(5):
        await earn(loyalty, number + 1, run=f"run_{number}")
    first = await loyalty.statement(account_id="acc_mei", limit=2)
    second = await loyalty.statement(account_id="acc_mei", limit=2, cursor=first.next or "")
    third = await loyalty.statement(account_id="acc_mei", limit=2, cursor=second.next or "")
    assert [line.points for page in (first, second, third) for line in page.items] == [5, 4, 3, 2, 1]
    assert third.next is None


async def test_fifty_holds_at_once_cannot_overspend(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    attempts = [
        loyalty.hold(run=f"run_{number}", account_id="acc_mei", points=30, total=TOTAL)
        for number in range(50)
    ]
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(answer, PointsWorth) for answer in answers) == 33
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"points_short"}
    assert await standing(loyalty) == (10, 990)
    await assert_books_agree(house)


async def test_one_run_settled_by_ten_at_once_earns_once(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 1_000)
    await loyalty.hold(run="run_1", account_id="acc_mei", points=100, total=TOTAL)
    paid = {
        "account_id": "acc_mei",
        "reference": "ord_2",
        "net_paid": Money(20_000, "CNY"),
        "multiplier_percent": 100,
    }
    assert await asyncio.gather(*[loyalty.settle(run="run_1", **paid) for _ in range(10)]) == [200] * 10
    assert await standing(loyalty) == (1_100, 0)
    await assert_books_agree(house)


async def test_lots_lapse_oldest_first_but_not_while_held(house: Running, loyalty: Port) -> None:
    try:
        clock.replace_clock(lambda: datetime(2024, 1, 10, tzinfo=UTC))
        await earn(loyalty, 100, run="run_old")
        clock.replace_clock(lambda: datetime(2025, 1, 10, tzinfo=UTC))
        await earn(loyalty, 100, run="run_new")
        await loyalty.hold(run="run_1", account_id="acc_mei", points=60, total=TOTAL)
        balance = await loyalty.balance(account_id="acc_mei")
        assert (balance.expiring, balance.expires_at) == (100, datetime(2026, 1, 11, tzinfo=UTC))

        clock.replace_clock(lambda: datetime(2026, 1, 11, tzinfo=UTC) - timedelta(seconds=1))
        await house.run_jobs("loyalty")
        assert await standing(loyalty) == (140, 60)
        clock.replace_clock(lambda: datetime(2026, 1, 11, tzinfo=UTC))
        await house.run_jobs("loyalty")
        await house.run_jobs("loyalty")
        assert await standing(loyalty) == (100, 60)
        await loyalty.release(run="run_1")
        await house.run_jobs("loyalty")
        assert await standing(loyalty) == (100, 0)
    finally:
        clock.replace_clock(None)
    lines = (await loyalty.statement(account_id="acc_mei")).items
    assert [(line.kind, line.points) for line in lines] == [
        ("expire", -60),
        ("expire", -40),
        ("earn", 100),
        ("earn", 100),
    ]
    await assert_books_agree(house)


async def test_holding_nothing_sends_no_statement(
    house: Running, loyalty: Port, statements: list[str]
) -> None:
    assert (await loyalty.hold(run="r", account_id="acc_mei", points=0, total=TOTAL)).worth == Money(0, "CNY")
    assert statements == []


async def test_settling_takes_two_statements(loyalty: Port, statements: list[str]) -> None:
    await earn(loyalty, 1_000)
    assert len(statements) == 2


async def test_a_journal_that_does_not_sum_to_zero_cannot_be_committed(house: Running) -> None:
    insert = """INSERT INTO loyalty.journals (id, kind, reference, account_id, points, balance, at, actor)
                VALUES ('jrn_x', 'adjust', '', 'acc_mei', 5, 5, now(), 'test')"""
    async with house.database("loyalty").engine.connect() as connection:
        await connection.execute(text(insert))
        await connection.execute(
            text(
                "INSERT INTO loyalty.entries (journal_id, account, points) VALUES ('jrn_x', 'member:acc_mei:available', 5)"
            )
        )
        with pytest.raises(IntegrityError, match="do not sum to zero"):
            await connection.commit()


@pytest.mark.parametrize("table", ["journals", "entries"])
@pytest.mark.parametrize("verb", ["UPDATE loyalty.{} SET points = 1", "DELETE FROM loyalty.{}"])
async def test_the_ledger_cannot_be_rewritten(house: Running, table: str, verb: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        await house.rows("loyalty", verb.format(table))


async def test_a_member_reads_their_own_points(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 70)
    mine = await house.rest.get("/v1/points", headers=house.sign_in_as("member", subject="acc_mei"))
    assert (mine.status_code, mine.json()["available"]) == (200, 70)
    lines = await house.rest.get(
        "/v1/points/statement", headers=house.sign_in_as("member", subject="acc_mei")
    )
    assert [line["points"] for line in lines.json()["items"]] == [70]
    other = await house.rest.get("/v1/points", headers=house.sign_in_as("member", subject="acc_lin"))
    assert other.json()["available"] == 0
    assert (await house.rest.get("/v1/points")).status_code == 401
    assert (await house.rest.get("/v1/points", headers=house.sign_in_as())).status_code == 403
