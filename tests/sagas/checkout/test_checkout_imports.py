"""CN's yearly limit for retail imports: 26,000 CNY a person and calendar year, by what somebody really bought."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from luxe.kernel import clock
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.sagas.checkout.contract import QuoteInput
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.orders.contract import Order
from luxe.services.orders.contract import Port as OrdersPort
from tests.sagas.checkout.stage import LEASE_OVER, Stage

TAXES = """Country,Kind,Name,Rate,Origin,Included
CN,vat,VAT,13,import,no
CN,duty,Duty,10,import,no
CN,cross_border,CBEC,70,import,no
"""
LARGE, ITS_TAX = 500_000, 45_500
"""The most that an order may come to, and 70 % of 13 % of it."""


@pytest.fixture
async def abroad(stage: Stage) -> AsyncIterator[Stage]:
    """A house in France that sells to China."""
    fulfilment = stage.house.service("fulfilment")
    settings = fulfilment.settings
    port = stage.house.port(FulfilmentPort)
    fulfilment.settings = replace(settings, home_country="FR")
    await port.replace_sheet(table="taxes", sheet=TAXES, operator_id="acc_li")
    yield stage
    orders = stage.house.port(OrdersPort)
    for order in (await orders.orders(account_id=stage.mei)).items:
        if order.state == "placed" and order.run not in stage.runs:
            await orders.cancel(run=order.run, reason="the test is over")
    fulfilment.settings = settings
    await port.replace_sheet(table="taxes", sheet=TAXES.splitlines()[0] + "\n", operator_id="acc_li")


async def bought(stage: Stage, minor: int, key: str) -> Order:
    """A purchase within the limits."""
    tax = round(minor * 0.091)
    view = await stage.buy(stage.wanting((await stage.piece(price=minor), 1), expected=minor + tax), key=key)
    order = await stage.order(view.run)
    assert order is not None
    assert {tax.kind for tax in order.draft.taxes} == {"cross_border"}
    return order


async def again(stage: Stage, order: Order, times: int) -> list[Order]:
    """The same once more, without all that is around it."""
    port = stage.house.port(OrdersPort)
    return [await port.place(run=new_id("run"), draft=order.draft) for _ in range(times)]


async def kinds(stage: Stage, minor: int, account: str = "") -> set[str]:
    """The taxes that would be on a piece now."""
    wanted = stage.wanting((await stage.piece(price=minor), 1), expected=0)
    asked = QuoteInput(
        account_id=account or stage.mei, lines=wanted.lines, currency="CNY", country="CN", region="Shanghai"
    )
    return {tax.kind for tax in (await stage.port.quote(input=asked)).taxes}


async def test_the_year_has_its_limit(abroad: Stage) -> None:
    """After 21,000 CNY an order of 5,000 is within it to the fen; what was cancelled or came back is free again."""
    first = await bought(abroad, LARGE, "first")
    others = await again(abroad, first, 3)
    part = await bought(abroad, 100_000, "part")
    assert await kinds(abroad, LARGE) == {"cross_border"}
    await bought(abroad, 1, "a fen")
    assert await kinds(abroad, LARGE) == {"duty", "vat"}
    assert await kinds(abroad, LARGE - 1) == {"cross_border"}
    assert await kinds(abroad, LARGE, abroad.yan) == {"cross_border"}
    orders = abroad.house.port(OrdersPort)
    await orders.cancel(run=others[0].run, reason="no payment")
    assert await kinds(abroad, LARGE) == {"cross_border"}
    await again(abroad, first, 1)
    assert await kinds(abroad, LARGE) == {"duty", "vat"}
    async with abroad.house.database("orders").transaction() as tx:
        await tx.exec_driver_sql(
            "INSERT INTO orders.refunds (id, run, order_id, kind, state, currency, amount, goods, reason, at, done_at)"
            f" VALUES ('{new_id('rfd')}', '{new_id('run')}', '{part.id}', 'return', 'done', 'CNY', 54550, 50000, '',"
            " now(), now())"
        )
    since = clock.now() - timedelta(days=1)
    had = await orders.imported(account_id=abroad.mei, currency="CNY", since=since)
    assert had == Money(4 * LARGE + 50_000 + 1, "CNY")
    assert await kinds(abroad, LARGE) == {"cross_border"}
    abroad.turn_clock(days=370)
    assert await orders.imported(account_id=abroad.mei, currency="CNY", since=clock.now()) == Money(0, "CNY")
    assert await kinds(abroad, LARGE) == {"cross_border"}


async def test_a_purchase_does_not_count_against_itself(abroad: Stage) -> None:
    """The process is lost once its order is placed, and a peer prices it again."""
    await again(abroad, await bought(abroad, LARGE, "first"), 3)
    await bought(abroad, 100_000, "part")
    reached = abroad.breaks.lose("place", "end")
    wanted = abroad.wanting((await abroad.piece(price=LARGE), 1), expected=LARGE + ITS_TAX)
    run = await abroad.begin(wanted, reached)
    assert reached.is_set()
    await abroad.kill()
    await abroad.later(seconds=LEASE_OVER)
    assert (await abroad.carry_through(run)).state == "done"
    beyond = await abroad.start(
        replace(wanted, lines=abroad.wanting((await abroad.piece(price=100), 1), expected=0).lines),
        key="next",
    )
    assert beyond.problem_code == "price_changed"


async def test_a_purchase_without_the_scheme_asks_nothing(stage: Stage) -> None:
    house = stage.house.house
    orders = house._ports[OrdersPort]
    wanted = stage.wanting((await stage.piece(), 1), expected=1_000_000)

    class Asked:
        async def imported(self, **_: Any) -> Money:
            raise AssertionError("orders were asked for imports")

        def __getattr__(self, verb: str) -> Any:
            return getattr(orders, verb)

    house.bind(OrdersPort, Asked())
    try:
        assert (await stage.buy(wanted)).state == "done"
    finally:
        house.bind(OrdersPort, orders)
