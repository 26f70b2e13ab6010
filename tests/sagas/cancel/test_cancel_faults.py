"""A refusal, a silence or a lost process at every moment of every step of a cancellation."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from luxe.kernel.saga import Run
from luxe.sagas.cancel.contract import Port
from luxe.sagas.cancel.flow import flow
from tests.sagas.cancel.stage import PAID, After, Afters
from tests.sagas.checkout.breaks import Moment, failing, refusing
from tests.sagas.checkout.stage import LEASE_OVER

STEPS = [step.name for step in flow.steps]
FROM_PIVOT = STEPS[flow.pivot :]
CANCELLED = [*PAID, "cancelling", "refunded", "cancelled"]


async def assert_cancelled_once(after: After, run: str) -> None:
    assert (await after.row(run)).state == "done"
    assert await after.seen() == after.cancelled()
    assert [entry.what for entry in (await after.order()).timeline] == CANCELLED
    assert [refund.state for refund in await after.refunds()] == ["done"]


async def assert_undone(after: After) -> None:
    order = await after.order()
    told = [entry.what for entry in order.timeline]
    assert (order.state, told) in (("paid", PAID), ("paid", [*PAID, "cancelling", "reopened"]))
    assert (await after.seen(), await after.refunds()) == (after.basket.bought, [])


@pytest.mark.parametrize("step", STEPS)
async def test_a_peer_finishes_what_a_lost_process_began(afters: Afters, step: str) -> None:
    async def scene(after: After, moment: Moment) -> bool:
        reached = after.breaks.lose(step, moment)
        run = await after.begin(reached)
        await after.kill()
        await after.later(seconds=LEASE_OVER)
        await after.carry_through(run)
        await assert_cancelled_once(after, run)
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
        await assert_cancelled_once(after, run)
        return met.is_set()

    await afters.at_every_moment(step, scene)


async def test_a_refusal_before_money_goes_back_leaves_the_order_paid(afters: Afters) -> None:
    async def scene(after: After, moment: Moment) -> bool:
        met = asyncio.Event()

        async def refuse(run: Run[Any]) -> None:
            met.set()
            await refusing()(run)

        after.breaks.at("close", moment, refuse)
        row = await after.carry_through(await after.begin())
        if met.is_set():
            assert (row.state, (row.problem or {})["code"]) == ("refused", "refused_by_test")
            await assert_undone(after)
        return met.is_set()

    await afters.at_every_moment("close", scene)


async def test_a_slow_process_closes_nothing_that_was_opened_again(afters: Afters) -> None:
    """It goes on after a peer has taken over its run and undone it."""

    async def scene(after: After, moment: Moment) -> bool:
        slow, awake = after.engine, asyncio.Event()
        reached = after.breaks.stall("close", moment, awake)
        run = await after.begin(reached)
        if not reached.is_set():
            return False
        after.restart()
        after.breaks.at("close", "end", refusing())
        await after.later(seconds=LEASE_OVER)
        assert (await after.carry_through(run)).state == "refused"
        awake.set()
        await after.idle(slow)
        await assert_undone(after)
        return True

    await afters.at_every_moment("close", scene)


@pytest.mark.parametrize("step", STEPS)
async def test_two_peers_finish_one_run_once(after: After, step: str) -> None:
    """No gift card has paid here, so that step asks nobody and is lost at its end."""
    reached = after.breaks.lose(step, "end" if step == "gift_cards" else 1)
    run = await after.begin(reached)
    assert reached.is_set()
    await after.kill()
    await after.later(after.peer(), after.peer(), seconds=LEASE_OVER)
    await after.carry_through(run)
    await assert_cancelled_once(after, run)


@pytest.mark.parametrize("step", FROM_PIVOT)
async def test_what_is_refused_for_good_waits_for_a_person(after: After, step: str) -> None:
    after.breaks.at(step, 0, refusing())
    run = await after.begin()
    assert (await after.carry_through(run)).state == "stuck"
    assert (await after.order()).state == "cancelling"
    after.breaks.heal()
    await after.house.port(Port).resume(run=run)
    await after.idle()
    await assert_cancelled_once(after, run)


@pytest.mark.parametrize("mode", ["timeout_before", "timeout_after", "error_500"])
async def test_a_provider_that_gives_no_answer_refunds_once(after: After, mode: str) -> None:
    await after.stage.psp.fault(api={"operation": "refund", "mode": mode, "count": 2, "hold_ms": 20})
    run = await after.begin()
    await after.carry_through(run)
    await assert_cancelled_once(after, run)
