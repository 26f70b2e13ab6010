"""A checkout with a provider that takes the money at once, as Alipay does: there is no authorisation to let go of, so whatever
does not come about is given back, whole and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import msgspec
import pytest

from luxe.app.engines.engine import free_port
from luxe.kernel.saga import Run
from luxe.sagas.checkout.contract import Port
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.payments.contract import PaymentAuthorised, PaymentCaptured
from tests.harness import Running, running
from tests.outside import parties
from tests.sagas.checkout.breaks import Moment, refusing
from tests.sagas.checkout.stage import (
    BEFORE_PIVOT,
    EARNED,
    LEASE_OVER,
    PAYABLE,
    POINTS,
    STEPS,
    UNITS,
    Basket,
    Effects,
    Heard,
    Seen,
    Stage,
)
from tests.services.payments import alipay_desk
from tests.services.payments.provider import GOOD, Psp

PAID: Effects = [("paid", PAYABLE)]
GIVEN_BACK: Effects = [*PAID, ("back", PAYABLE)]


class WalletStage(Stage):
    """Mei pays with Alipay. What was charged is what Alipay holds, and what it gave back."""

    async def basket(self) -> Basket:
        plain = await super().basket()
        return msgspec.structs.replace(
            plain,
            wanted=msgspec.structs.replace(plain.wanted, method="alipay"),
            bought=msgspec.structs.replace(plain.bought, charges=[PAID]),
        )

    async def pay(self, run: str, card: str = GOOD) -> None:
        await self.visit(run)
        await self.hear(run, "authorised")

    async def visit(self, run: str) -> None:
        """The payer's browser at the cashier; Alipay tells the house before it answers."""
        async with httpx.AsyncClient() as browser:
            assert (await alipay_desk.pay(browser, await self.intent(run))).status_code == 303

    async def seen(self, account: str = "") -> Seen:
        seen = await super().seen(account)
        rows = await self.house.rows(
            "payments",
            "SELECT id FROM payments.intents WHERE account_id = :who ORDER BY id",
            who=account or self.mei,
        )
        return msgspec.structs.replace(seen, charges=[await _charged(row.id) for row in rows])


async def _charged(intent_id: str) -> Effects:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{alipay_desk.stand_in()[0].url}/control/trades/{intent_id}")
    if answer.status_code != 200:
        return []
    told = answer.json()
    back = [("back", fen) for fen in told["backs"].values()]
    return [("paid", told["fen"]), *back] if back or told["status"] == "TRADE_SUCCESS" else []


@pytest.fixture(scope="module")
async def wallet_house(psp_process: parties.Party) -> AsyncIterator[tuple[Running, Heard]]:
    port = free_port()
    settings: dict[str, Any] = {
        "psp_url": f"{psp_process.url}/psp",
        "psp_key": parties.KEY,
        "psp_webhook_secret": parties.SECRET,
        "listen_port": port,
        "public_url": f"http://127.0.0.1:{port}",
        "payment_providers": msgspec.json.encode({"alipay": alipay_desk.config()}).decode(),
    }
    async with running(*UNITS, **settings) as house:
        heard = Heard()
        house.composition.listeners.append(cast(Any, heard))
        yield house, heard


class Stages:
    """One stage after the other, each closed before the next is opened."""

    def __init__(self, house: Running, heard: Heard, psp: Psp) -> None:
        self._house, self._heard, self._psp = house, heard, psp
        self._open: WalletStage | None = None

    async def fresh(self) -> WalletStage:
        await self.close()
        self._open = WalletStage(self._house, self._psp, self._heard, self._house.port(Port))
        await self._open.open()
        return self._open

    async def close(self) -> None:
        if self._open is not None:
            await self._open.close()
        self._open = None

    async def moments(self, step: str) -> range:
        """Before the step's first call that changes something, and after each."""
        stage = await self.fresh()
        await stage.buy((await stage.basket()).wanted)
        return range(stage.breaks.calls()[step] + 1)


@pytest.fixture
async def stages(wallet_house: tuple[Running, Heard], psp: Psp) -> AsyncIterator[Stages]:
    stages = Stages(*wallet_house, psp)
    yield stages
    await stages.close()


async def assert_bought_once(stage: WalletStage, basket: Basket, run: str) -> None:
    assert await stage.seen() == basket.bought
    view, order = await stage.view(run), await stage.order(run)
    assert order is not None
    assert (view.state, view.order_id, view.problem_code) == ("done", order.id, "")
    assert [entry.what for entry in order.timeline] == ["placed", "paid", "points_earned"]
    assert await stage.journals(run) == [("hold", 0), ("redeem", -POINTS), ("earn", EARNED)]
    intent = await stage.intent(run)
    assert (intent.state, intent.captured.minor, intent.refunded.minor) == ("captured", PAYABLE, 0)
    assert stage.heard.of(PaymentAuthorised, intent.id) == 1
    assert stage.heard.of(PaymentCaptured, intent.id) == 0, "the saga asked for it, so it is no news"


async def assert_nothing_came_of_it(
    stage: WalletStage, basket: Basket, run: str, charges: list[Effects]
) -> None:
    """As it was before, but for a cancelled order and for money that came and went."""
    seen = await stage.seen()
    assert seen.charges == charges
    orders = ["cancelled" for _ in seen.orders]
    assert seen == msgspec.structs.replace(basket.before, orders=orders, charges=charges)
    assert (await stage.view(run)).state == "refused"
    assert await stage.units(run) == []


async def test_what_is_paid_at_once_is_an_order_and_captured_once(stages: Stages) -> None:
    stage = await stages.fresh()
    basket = await stage.basket()
    view = await stage.buy(basket.wanted)
    await stage.visit(view.run)
    await stage.settle()
    await assert_bought_once(stage, basket, view.run)


async def test_who_leaves_the_cashier_is_charged_nothing(stages: Stages) -> None:
    stage = await stages.fresh()
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    async with httpx.AsyncClient() as browser:
        assert (await browser.get((await stage.intent(run)).hosted_url)).status_code == 200
    await stage.later(minutes=16)
    view = await stage.carry_through(run)
    assert view.problem_code == "payment_expired"
    await assert_nothing_came_of_it(stage, basket, run, [[]])
    async with httpx.AsyncClient() as browser:
        closed = await browser.post(f"{alipay_desk.stand_in()[0].url}/cashier/{(await stage.intent(run)).id}")
    assert (closed.status_code, "TRADE_HAS_CLOSE" in closed.text) == (400, True)


@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_a_refusal_at_every_moment_gives_back_what_was_paid_once(stages: Stages, step: str) -> None:
    for moment in await stages.moments(step):
        stage, come_to = await stages.fresh(), asyncio.Event()
        basket, at = await stage.basket(), list[Seen]()
        stage.breaks.at(step, moment, _refusing(stage, at, come_to))
        run = await stage.begin(basket.wanted, come_to)
        view = await stage.carry_through(run)
        assert come_to.is_set()
        assert view.problem_code == "refused_by_test"
        charges = [GIVEN_BACK if effects else [] for effects in at[0].charges]
        await assert_nothing_came_of_it(stage, basket, run, charges)


def _refusing(stage: WalletStage, at: list[Seen], come_to: asyncio.Event) -> Any:
    async def refuse(run: Run[Any]) -> None:
        at.append(await stage.seen())
        come_to.set()
        await refusing()(run)

    return refuse


@pytest.mark.parametrize("step", STEPS)
async def test_a_peer_finishes_at_every_moment_what_a_killed_process_began(stages: Stages, step: str) -> None:
    for moment in await stages.moments(step):
        stage = await stages.fresh()
        basket = await stage.basket()
        reached = stage.breaks.lose(step, moment)
        run = await stage.begin(basket.wanted, reached)
        assert reached.is_set(), f"{step} never made {moment} calls"
        await stage.kill()
        await stage.later(seconds=LEASE_OVER)
        await stage.carry_through(run)
        await assert_bought_once(stage, basket, run)


@pytest.mark.parametrize("moment", [0, 1, "end"])
async def test_a_process_killed_while_it_gives_back_gives_back_once(stages: Stages, moment: Moment) -> None:
    stage = await stages.fresh()
    basket = await stage.basket()
    stage.breaks.at("place", "end", refusing())
    reached = stage.breaks.lose("undo authorise", moment)
    run = await stage.begin(basket.wanted, reached)
    assert reached.is_set()
    await stage.kill()
    await stage.later(seconds=LEASE_OVER)
    await stage.carry_through(run)
    await assert_nothing_came_of_it(stage, basket, run, [GIVEN_BACK])


async def test_a_success_after_the_cancellation_goes_back_by_itself(stages: Stages) -> None:
    """The payer leaves the house's page, comes back to the cashier's and pays there after all."""
    stage = await stages.fresh()
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    await stage.give_up(run)
    await assert_nothing_came_of_it(stage, basket, run, [[]])
    await stage.visit(run)
    await stage.settle()
    stage.turn_clock(seconds=30)
    await stage.house.run_jobs("payments")
    await stage.settle()
    await assert_nothing_came_of_it(stage, basket, run, [GIVEN_BACK])
    intent = await stage.intent(run)
    assert (intent.captured.minor, intent.refunded.minor) == (PAYABLE, PAYABLE)
    assert await stage.order(run) is None
    available = await stage.house.port(InventoryPort).availability(
        variant_ids=[basket.wanted.lines[0].variant_id]
    )
    assert available[0].available == 1


async def test_a_payment_that_races_the_cancellation_ends_on_one_side(stages: Stages) -> None:
    """Paid while the run is given up: an order that is paid, or none and the money back."""
    stage = await stages.fresh()
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    async with httpx.AsyncClient() as browser:
        assert (await browser.get((await stage.intent(run)).hosted_url)).status_code == 200
        await asyncio.gather(
            stage.give_up(run),
            browser.post(f"{alipay_desk.stand_in()[0].url}/cashier/{(await stage.intent(run)).id}"),
        )
    await stage.settle()
    for _ in range(3):
        stage.turn_clock(seconds=30)
        await stage.house.run_jobs("payments")
        await stage.settle()
    if (await stage.carry_through(run)).state == "done":
        await assert_bought_once(stage, basket, run)
    else:
        (charged,) = (await stage.seen()).charges
        assert charged in ([], GIVEN_BACK)
        await assert_nothing_came_of_it(stage, basket, run, [charged])
