"""An operator gives parts of a payment back, as often as there is something left."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.kernel.saga import Run
from luxe.sagas.cancel.contract import Port as CancelPort
from luxe.sagas.refund.contract import Port
from luxe.sagas.refund.flow import flow
from luxe.services.orders.contract import OrderRefunded
from tests.sagas.cancel.stage import BOUGHT, OPERATOR, PAID, After, Afters, fresh_key
from tests.sagas.checkout.breaks import Moment, failing, refusing
from tests.sagas.checkout.stage import EARNED, LEASE_OVER, PAYABLE, POINTS, Seen
from tests.sagas.refund.conftest import PART, give

STEPS = [step.name for step in flow.steps]


@dataclass
class Parts:
    """What the basket looks like after refunds of these amounts."""

    amounts: list[int]

    def of(self, after: After) -> Seen:
        share = sum(self.amounts) * 10 // PAYABLE
        assert share * PAYABLE == sum(self.amounts) * 10, "tenths, so that points are whole"
        bought = after.basket.bought
        available = EARNED - EARNED * share // 10 + POINTS * share // 10
        return msgspec.structs.replace(
            bought, points=(available, 0), charges=[[*BOUGHT, *(("refund", each) for each in self.amounts)]]
        )


async def assert_given_once(after: After, run: str) -> None:
    assert (await after.row(run)).state == "done"
    assert await after.seen() == Parts([PART]).of(after)
    order = await after.order()
    assert (order.state, [entry.what for entry in order.timeline]) == ("paid", [*PAID, "refunded"])
    (refund,) = await after.refunds()
    assert (refund.state, refund.amount.minor, refund.goods.minor) == ("done", PART, PART)
    assert (refund.points_back, refund.points_taken) == (POINTS // 10, EARNED // 10)


async def test_a_part_goes_back_with_points_in_proportion(after: After) -> None:
    run = await after.begin()
    await assert_given_once(after, run)
    told = (await after.house.facts(OrderRefunded))[-1]
    assert (told.order_id, told.kind, told.amount.minor) == (after.order_id, "goodwill", PART)


async def test_parts_add_up_to_the_whole_and_no_further(after: After) -> None:
    for _ in range(9):
        await give(after)
        await after.idle()
    assert await after.seen() == Parts([PART] * 9).of(after)
    with pytest.raises(Refusal) as refused:
        await give(after, PART + 1)
    assert (refused.value.code, refused.value.extra["left"]) == (
        "refund_too_much",
        {"minor": PART, "currency": "CNY"},
    )
    await give(after)
    await after.idle()
    assert await after.seen() == Parts([PART] * 10).of(after)
    with pytest.raises(Refusal) as refused:
        await give(after, 1)
    assert refused.value.code == "refund_too_much"


async def test_two_at_once_never_give_more_than_was_paid(after: After) -> None:
    """The one that comes second is refused, whether at its start or by its first step."""
    begun = await asyncio.gather(give(after, PART * 6), give(after, PART * 6), return_exceptions=True)
    await after.idle()
    codes = [each.code for each in begun if isinstance(each, Refusal)]
    rows = [await after.row(run) for run in begun if isinstance(run, str)]
    codes += [row.problem["code"] for row in rows if row.problem]
    assert codes == ["refund_too_much"]
    assert await after.seen() == Parts([PART * 6]).of(after)


async def test_the_same_key_gives_once(after: After) -> None:
    key = fresh_key()
    runs = {await give(after, key=key) for _ in range(3)}
    await after.idle()
    await assert_given_once(after, runs.pop())
    assert not runs
    with pytest.raises(Refusal) as refused:
        await give(after, PART * 2, key=key)
    assert refused.value.code == "key_reused"


async def test_a_cancellation_gives_only_the_rest(after: After) -> None:
    await after.begin()
    service = after.house.service("cancel")
    await after.house.port(CancelPort).start(
        key=fresh_key(), by=OPERATOR, order_id=after.order_id, reason="The piece is damaged"
    )
    await after.idle(service.engine)
    whole = msgspec.structs.replace(
        after.cancelled(), charges=[[*BOUGHT, ("refund", PART), ("refund", PAYABLE - PART)]]
    )
    assert await after.seen() == whole
    with pytest.raises(Refusal) as refused:
        await give(after, 1)
    assert refused.value.code == "order_state"


@pytest.mark.parametrize(
    ("amount", "reason", "code"),
    [
        (Money(0, "CNY"), "a dent", "refund_invalid"),
        (Money(-5, "CNY"), "a dent", "refund_invalid"),
        (Money(5, "EUR"), "a dent", "refund_invalid"),
        (Money(5, "CNY"), "  ", "reason_missing"),
        (Money(5, "CNY"), "x" * 501, "reason_too_long"),
    ],
)
async def test_what_makes_no_sense_is_refused(after: After, amount: Money, reason: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await after.house.port(Port).start(
            key=fresh_key(),
            by=OPERATOR,
            order_id=after.order_id,
            amount=amount,
            kind="goodwill",
            reason=reason,
        )
    assert refused.value.code == code
    assert (await after.seen(), await after.refunds()) == (after.basket.bought, [])


@pytest.mark.parametrize("step", STEPS)
async def test_a_peer_finishes_what_a_lost_process_began(afters: Afters, step: str) -> None:
    async def scene(after: After, moment: Moment) -> bool:
        reached = after.breaks.lose(step, moment)
        run = await after.begin(reached)
        await after.kill()
        await after.later(seconds=LEASE_OVER)
        await after.carry_through(run)
        await assert_given_once(after, run)
        return reached.is_set()

    await afters.at_every_moment(step, scene)


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_without_an_answer_is_done_again_and_counts_once(afters: Afters, step: str) -> None:
    async def scene(after: After, moment: Moment) -> bool:
        met = asyncio.Event()
        silent = failing(times=2)

        async def fail(run: Run[Any]) -> None:
            met.set()
            await silent(run)

        after.breaks.at(step, moment, fail)
        run = await after.begin()
        await after.carry_through(run)
        await assert_given_once(after, run)
        return met.is_set()

    await afters.at_every_moment(step, scene)


async def test_a_refusal_before_money_goes_back_sets_nothing_aside(afters: Afters) -> None:
    async def scene(after: After, moment: Moment) -> bool:
        met = asyncio.Event()

        async def refuse(run: Run[Any]) -> None:
            met.set()
            await refusing()(run)

        after.breaks.at("set_aside", moment, refuse)
        row = await after.carry_through(await after.begin())
        if met.is_set():
            assert row.state == "refused"
            assert (await after.seen(), await after.refunds()) == (after.basket.bought, [])
        return met.is_set()

    await afters.at_every_moment("set_aside", scene)


@pytest.mark.parametrize("mode", ["timeout_before", "timeout_after", "error_500"])
async def test_a_provider_that_gives_no_answer_refunds_once(after: After, mode: str) -> None:
    await after.stage.psp.fault(api={"operation": "refund", "mode": mode, "count": 2, "hold_ms": 20})
    run = await after.begin()
    await after.carry_through(run)
    await assert_given_once(after, run)
