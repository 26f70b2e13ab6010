"""What the tests of loyalty do again and again."""

from __future__ import annotations

from luxe.app.invariants.loyalty import INVARIANTS
from luxe.kernel.money import Money
from luxe.services.loyalty.contract import Port
from tests.harness import Running

MEI = "acc_mei"
TOTAL = Money(1_000_000, "CNY")


async def earn(
    loyalty: Port, points: int, *, account_id: str = MEI, run: str = "run_earn", reference: str = "ord_1"
) -> None:
    await loyalty.settle(
        run=run,
        account_id=account_id,
        reference=reference,
        net_paid=Money(points * 100, "CNY"),
        multiplier_percent=100,
    )


async def standing(loyalty: Port, account_id: str = MEI) -> tuple[int, int]:
    """(available, held)"""
    balance = await loyalty.balance(account_id=account_id)
    return balance.available, balance.held


async def owed(loyalty: Port, account_id: str = MEI) -> int:
    return (await loyalty.balance(account_id=account_id)).owed


async def lines(loyalty: Port, account_id: str = MEI) -> list[tuple[str, int, int]]:
    """(kind, points, balance) of each line of a statement, newest first."""
    found = await loyalty.statement(account_id=account_id, limit=100)
    return [(line.kind, line.points, line.balance) for line in found.items]


async def assert_books_agree(house: Running) -> None:
    """Every invariant of points that the house itself verifies."""
    broken = {each.name: await house.rows("loyalty", each.broken) for each in INVARIANTS}
    assert {name: rows for name, rows in broken.items() if rows} == {}
