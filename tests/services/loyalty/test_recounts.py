"""The books as a whole: totals that sum to zero, and recounts that tell of every difference and correct none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from luxe.kernel import clock
from luxe.kernel.money import Money
from luxe.services.loyalty.contract import BooksDiffered, Difference, Port
from luxe.services.loyalty.service import counting
from tests.harness import Running, running
from tests.services.loyalty.books import MEI, TOTAL, earn

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("loyalty", binding=binding) as house:
        yield house


@pytest.fixture
def loyalty(house: Running) -> Port:
    return house.port(Port)


async def sums(loyalty: Port, at: datetime | None = None) -> dict[str, tuple[int, int]]:
    """Kind → (accounts, points), of the kinds that have any."""
    found = await loyalty.trial_balance(at=at)
    assert found.total == 0
    return {row.kind: (row.accounts, row.points) for row in found.rows if row.accounts}


async def tamper(house: Running, statement: str) -> None:
    async with house.database("loyalty").transaction() as tx:
        await tx.exec_driver_sql(statement)


async def test_a_trial_balance_is_as_of_a_moment_and_sums_to_zero(loyalty: Port) -> None:
    try:
        clock.replace_clock(lambda: AT)
        assert await sums(loyalty) == {}
        await earn(loyalty, 500)
        clock.replace_clock(lambda: AT + timedelta(days=1))
        await loyalty.hold(run="run_1", account_id=MEI, points=100, total=TOTAL)
        await loyalty.hold(run="run_2", account_id=MEI, points=400, total=TOTAL)
        await loyalty.settle(
            run="run_2", account_id=MEI, reference="o", net_paid=Money(0, "CNY"), multiplier_percent=100
        )
        await loyalty.reverse(run="run_earn", key="r", refunded=Money(50_000, "CNY"))
        await loyalty.adjust(key="k", account_id="acc_lin", points=7, reason="late", operator_id="acc_li")
    finally:
        clock.replace_clock(None)
    now = await sums(loyalty)
    assert now.pop("issued") in ((1, 0), (2, 0)), (
        "two journals, whose accounts are the same once in sixteen times"
    )
    assert now == {
        "available": (2, 7),
        "held": (1, 100),
        "owed": (1, -500),
        "redeemed": (1, 400),
        "adjusted": (1, -7),
    }
    assert await sums(loyalty, AT) == {"available": (1, 500), "issued": (1, -500)}
    assert await sums(loyalty, AT - timedelta(seconds=1)) == {}


async def test_books_in_order_are_recounted_once_an_hour(house: Running, loyalty: Port) -> None:
    try:
        clock.replace_clock(lambda: AT)
        await earn(loyalty, 10)
        for minutes in (0, 59, 61):
            clock.replace_clock(lambda at=AT + timedelta(minutes=minutes): at)
            await house.run_jobs("loyalty")
    finally:
        clock.replace_clock(None)
    found = await loyalty.recounts()
    assert [(each.began_at, each.members, each.differing) for each in found] == [
        (AT + timedelta(minutes=61), 1, 0),
        (AT, 1, 0),
    ]
    assert all(each.ended_at is not None for each in found)


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("UPDATE loyalty.balances SET available = 12", Difference(account_id=MEI, what="available", kept=12, counted=10)),
        ("UPDATE loyalty.balances SET held = 5", Difference(account_id=MEI, what="held", kept=5, counted=0)),
        ("UPDATE loyalty.balances SET owed = 3", Difference(account_id=MEI, what="owed", kept=-3, counted=0)),
        ("DELETE FROM loyalty.balances", Difference(account_id=MEI, what="available", kept=0, counted=10)),
    ],
)  # fmt: skip
async def test_a_difference_is_told_everywhere_and_never_corrected(
    house: Running, loyalty: Port, statement: str, difference: Difference
) -> None:
    await earn(loyalty, 10)
    await tamper(house, statement)
    kept = await house.rows("loyalty", "SELECT * FROM loyalty.balances")
    counted = counting.DIFFERENCES.labels(difference.what)._value.get()
    with capture_logs() as logs:
        await house.run_jobs("loyalty")
    (found,) = await loyalty.recounts()
    assert (found.differing, found.differences) == (1, [difference])
    assert [(each["log_level"], each["event"], each["what"]) for each in logs] == [
        ("error", "points_differ", difference.what)
    ]
    assert counting.DIFFERENCES.labels(difference.what)._value.get() == counted + 1
    assert await house.facts(BooksDiffered) == [
        BooksDiffered(
            account_id=MEI,
            recount=found.id,
            what=difference.what,
            kept=difference.kept,
            counted=difference.counted,
        )
    ]
    assert await house.rows("loyalty", "SELECT * FROM loyalty.balances") == kept


async def test_a_lot_that_differs_is_named(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 10)
    await tamper(house, "UPDATE loyalty.lots SET remaining = 4")
    await house.run_jobs("loyalty")
    (lot,) = await house.rows("loyalty", "SELECT id FROM loyalty.lots")
    (found,) = await loyalty.recounts()
    assert found.differences == [
        Difference(account_id=MEI, what=f"lot:{lot.id}", kept=4, counted=10),
        Difference(account_id=MEI, what="lots", kept=4, counted=10),
    ]


async def test_a_recount_goes_on_where_it_was(
    house: Running, loyalty: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "AT_ONCE", 2)
    for number in range(5):
        await earn(loyalty, 10, account_id=f"acc_{number}", run=f"run_{number}")
    await tamper(house, "UPDATE loyalty.balances SET available = 9 WHERE account_id = 'acc_4'")
    for members, ended in ((2, False), (4, False), (5, True)):
        await house.run_jobs("loyalty")
        (found,) = await loyalty.recounts()
        assert (found.members, found.ended_at is not None) == (members, ended)
    assert [each.account_id for each in found.differences] == ["acc_4"]


async def test_operators_read_the_books_over_rest(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 10)
    await house.run_jobs("loyalty")
    li = house.sign_in_as("operator", subject="acc_li")
    books = await house.rest.get("/v1/points/trial-balance", headers=li)
    assert (books.status_code, books.json()["total"]) == (200, 0)
    recounts = await house.rest.get("/v1/points/recounts", headers=li)
    assert [each["members"] for each in recounts.json()] == [1]
    zoneless = await house.rest.get("/v1/points/trial-balance?at=2026-03-01T00:00:00", headers=li)
    assert zoneless.status_code == 400
    member = house.sign_in_as("member", subject=MEI)
    assert (await house.rest.get("/v1/points/trial-balance", headers=member)).status_code == 403
