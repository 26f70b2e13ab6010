"""What was paid by card and with gift cards goes back to each of them, in parts, by a return and by a cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from luxe.app.invariants.promotions import INVARIANTS
from luxe.kernel.money import Money
from luxe.kernel.saga import Engine
from luxe.sagas.cancel.contract import Port as CancelPort
from luxe.sagas.refund.contract import Port
from luxe.sagas.refund.flow import flow
from luxe.services.orders.contract import OrderRefunded
from luxe.services.orders.contract import Port as OrdersPort
from tests.sagas.cancel.stage import OPERATOR, fresh_key
from tests.sagas.checkout.breaks import Breaks
from tests.sagas.checkout.stage import LEASE_OVER, PAYABLE, POINTS, OpenStage, Stage

DUE, ON_CARDS = 980_000, 150_000
EARNED = 11_300


class Sold:
    """A dressed basket that Mei has bought, and the engines of refund and cancel, which a test may break."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.breaks = Breaks()
        self.house = stage.house

    async def sell(self, *, free: bool = False) -> None:
        self.basket = await (self.stage.free_basket() if free else self.stage.dressed_basket())
        view = (
            await self.stage.buy(self.basket.wanted)
            if not free
            else await self.stage.start(self.basket.wanted)
        )
        assert view.state == "done", view
        self.order_id = view.order_id
        self.restart()

    def restart(self) -> None:
        service = self.house.service("refund")
        self.engine = service.engine = Engine(self.breaks.around(flow), self.house.house)

    async def give(self, minor: int) -> str:
        view = await self.house.port(Port).start(
            key=fresh_key(), by=OPERATOR, order_id=self.order_id, amount=Money(minor, "CNY"),
            kind="goodwill", reason="The box came with a dent",
        )  # fmt: skip
        return view.run

    async def given(self, minor: int) -> None:
        await self.give(minor)
        await self.stage.idle(self.engine)

    async def cancel(self) -> None:
        engine = self.house.service("cancel").engine
        await self.house.port(CancelPort).start(
            key=fresh_key(), by=OPERATOR, order_id=self.order_id, reason="Sold out at the brand"
        )
        await self.stage.idle(engine)

    async def refunds(self) -> list[tuple[int, int, int]]:
        """Amount, gift cards' part and goods' part of each."""
        found = await self.house.port(OrdersPort).refunds(order_id=self.order_id)
        assert all(each.state == "done" for each in found)
        return [(each.amount.minor, each.gift.minor if each.gift else 0, each.goods.minor) for each in found]

    async def assert_books_agree(self) -> None:
        broken = {each.name: await self.house.rows("promotions", each.broken) for each in INVARIANTS}
        assert {name: rows for name, rows in broken.items() if rows} == {}


@pytest.fixture
async def sold(open_stage: OpenStage) -> AsyncIterator[Sold]:
    sold = Sold(await open_stage())
    yield sold
    sold.breaks.heal()
    await sold.engine._stop()
    sold.restart()


async def test_the_provider_gives_back_first_and_gift_cards_get_the_rest(sold: Sold) -> None:
    await sold.sell()
    for minor in (900_000, 100_000, 130_000):
        await sold.given(minor)
    assert await sold.refunds() == [
        (900_000, 0, 900_000),
        (100_000, 20_000, 100_000),
        (130_000, 130_000, 130_000),
    ]
    seen = await sold.stage.seen()
    assert seen.charges[0][-2:] == [("refund", 900_000), ("refund", 80_000)]
    assert seen.cards == [(100_000, 0), (80_000, 0)]
    assert (seen.points, seen.uses) == ((POINTS, 0), [1, 1])
    told = [each for each in await sold.house.facts(OrderRefunded) if each.order_id == sold.order_id]
    assert [(each.qualifying.minor, each.gift and each.gift.minor) for each in told] == [
        (900_000, 0), (100_000, 20_000), (130_000, 130_000),
    ]  # fmt: skip
    await sold.assert_books_agree()


async def test_the_last_card_is_refilled_first(sold: Sold) -> None:
    await sold.sell()
    await sold.given(DUE)
    await sold.given(60_000)
    assert (await sold.stage.seen()).cards == [(10_000, 0), (80_000, 0)]
    await sold.assert_books_agree()


@pytest.mark.parametrize("before", [0, 1, 1_000_000])
async def test_a_cancellation_gives_each_its_own_back(sold: Sold, before: int) -> None:
    """After a partial refund the rest; the vouchers stay used."""
    await sold.sell()
    if before:
        await sold.given(before)
    await sold.cancel()
    seen = await sold.stage.seen()
    assert seen.orders == ["cancelled"]
    assert sum(minor for effect, minor in seen.charges[0] if effect == "refund") == DUE
    assert (seen.cards, seen.points, seen.uses) == ([(100_000, 0), (80_000, 0)], (POINTS, 0), [1, 1])
    assert sum(amount for amount, _, _ in await sold.refunds()) == DUE + ON_CARDS
    await sold.assert_books_agree()


async def test_what_a_gift_card_paid_for_whole_goes_back_to_it_alone(sold: Sold) -> None:
    await sold.sell(free=True)
    await sold.given(280_000)
    assert (await sold.stage.seen()).cards == [(1_000_000, 0)]
    await sold.cancel()
    seen = await sold.stage.seen()
    assert (seen.orders, seen.charges) == (["cancelled"], [])
    assert (seen.cards, seen.points) == ([(2_000_000, 0)], (POINTS, 0))
    assert await sold.refunds() == [(280_000, 280_000, 280_000), (1_000_000, 1_000_000, 1_000_000)]
    assert PAYABLE == 1_280_000
    await sold.assert_books_agree()


@pytest.mark.parametrize("step", ["set_aside", "refund", "gift_cards", "points", "finish"])
async def test_a_peer_gives_back_what_a_lost_process_began_to(sold: Sold, step: str) -> None:
    """Lost before the step, after its call and at its end: each part goes back once."""
    await sold.sell()
    parts = [(DUE - 2, 0), (100_002, 100_000), (50_000, 50_000)]
    for (minor, _), moment in zip(parts, (0, 1, "end"), strict=True):
        reached = sold.breaks.lose(step, moment)  # type: ignore[arg-type]
        await sold.give(minor)
        await sold.stage.idle(sold.engine, or_until=reached)
        await sold.engine._stop()
        sold.restart()
        await sold.stage.later(sold.engine, seconds=LEASE_OVER)
        sold.breaks.heal()
    assert [(amount, to_cards) for amount, to_cards, _ in await sold.refunds()] == parts
    seen = await sold.stage.seen()
    assert (seen.cards, seen.points) == ([(100_000, 0), (80_000, 0)], (POINTS, 0))
    assert sum(minor for effect, minor in seen.charges[0] if effect == "refund") == DUE
    await sold.assert_books_agree()


async def test_two_refunds_at_once_leave_no_card_with_more_than_it_paid(sold: Sold) -> None:
    await sold.sell()
    await sold.given(DUE)
    runs = await asyncio.gather(sold.give(100_000), sold.give(100_000), return_exceptions=True)
    await sold.stage.idle(sold.engine)
    assert len(runs) == 2
    given = sum(to_cards for _, to_cards, _ in await sold.refunds())
    seen = await sold.stage.seen()
    assert given == 100_000
    assert sum(available for available, _ in seen.cards) == 30_000 + given
    await sold.assert_books_agree()
