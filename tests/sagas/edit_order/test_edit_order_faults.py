"""A refusal, a silence or a lost process at every moment of every step of an edit."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from luxe.kernel.saga import Run
from luxe.sagas.edit_order.contract import Port
from luxe.sagas.edit_order.flow import flow
from tests.sagas.cancel.stage import PAID, After, Afters, refusing_provider
from tests.sagas.checkout.breaks import Moment, failing, refusing
from tests.sagas.checkout.stage import LEASE_OVER
from tests.sagas.edit_order.conftest import assert_books_agree, assert_edited_once

STEPS = [step.name for step in flow.steps]
FROM_PIVOT = STEPS[flow.pivot :]


def first_moment(step: str) -> Moment:
    """No gift card has paid here, so that step asks nobody and breaks at its end."""
    return "end" if step == "gift_cards" else 1


async def assert_undone(after: After) -> None:
    order = await after.order()
    told = [entry.what for entry in order.timeline]
    assert told in (PAID, [*PAID, "edited", "edit_undone"])
    assert [(line.quantity, len(line.serials)) for line in order.draft.lines] == [(1, 1), (2, 2)]
    assert order.draft.payable == after.basket.wanted.expected
    assert (await after.seen(), await after.refunds()) == (after.basket.bought, [])
    await assert_books_agree(after)


@pytest.mark.parametrize("step", STEPS)
async def test_a_peer_finishes_what_a_lost_process_began(afters: Afters, step: str) -> None:
    async def scene(after: After, moment: Moment) -> bool:
        reached = after.breaks.lose(step, moment)
        run = await after.begin(reached)
        await after.kill()
        await after.later(seconds=LEASE_OVER)
        await after.carry_through(run)
        await assert_edited_once(after, run)
        return reached.is_set()

    await afters.at_every_moment(step, scene)


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_without_an_answer_is_done_again_and_counts_once(after: After, step: str) -> None:
    after.breaks.at(step, first_moment(step), failing(times=2))
    run = await after.begin()
    await after.carry_through(run)
    await assert_edited_once(after, run)


async def test_a_refusal_before_money_goes_back_leaves_the_order_as_it_was(afters: Afters) -> None:
    async def scene(after: After, moment: Moment) -> bool:
        met = asyncio.Event()

        async def refuse(run: Run[Any]) -> None:
            met.set()
            await refusing()(run)

        after.breaks.at("change", moment, refuse)
        row = await after.carry_through(await after.begin())
        if met.is_set():
            assert (row.state, (row.problem or {})["code"]) == ("refused", "refused_by_test")
            await assert_undone(after)
        return met.is_set()

    await afters.at_every_moment("change", scene)


async def test_a_slow_process_edits_nothing_that_was_undone(after: After) -> None:
    """It goes on after a peer has taken over its run and undone it."""
    slow, awake = after.engine, asyncio.Event()
    reached = after.breaks.stall("change", 0, awake)
    run = await after.begin(reached)
    after.restart()
    after.breaks.at("change", "end", refusing())
    await after.later(seconds=LEASE_OVER)
    assert (await after.carry_through(run)).state == "refused"
    awake.set()
    await after.idle(slow)
    await assert_undone(after)


@pytest.mark.parametrize("step", FROM_PIVOT)
async def test_what_is_refused_for_good_waits_for_a_person(after: After, step: str) -> None:
    after.breaks.at(step, 0, refusing())
    run = await after.begin()
    assert (await after.carry_through(run)).state == "stuck"
    listed = await after.house.port(Port).runs(state="stuck")
    assert (run, after.order_id) in [(each.run, each.subject) for each in listed.items]
    after.breaks.heal()
    await after.house.port(Port).resume(run=run)
    await after.idle()
    await assert_edited_once(after, run)


async def test_an_undo_that_keeps_failing_waits_for_a_person(after: After) -> None:
    after.breaks.at("change", "end", refusing())
    after.breaks.at("undo change", 0, failing())
    run = await after.begin()
    assert (await after.carry_through(run)).state == "stuck"
    after.breaks.heal()
    await after.house.port(Port).resume(run=run)
    await after.idle()
    assert (await after.row(run)).state == "refused"
    await assert_undone(after)


@pytest.mark.parametrize("mode", ["timeout_before", "timeout_after", "error_500"])
async def test_a_provider_that_gives_no_answer_refunds_once(after: After, mode: str) -> None:
    await after.stage.psp.fault(api={"operation": "refund", "mode": mode, "count": 2, "hold_ms": 20})
    run = await after.begin()
    await after.carry_through(run)
    await assert_edited_once(after, run)


async def test_what_the_provider_refuses_for_good_a_person_may_undo(after: After) -> None:
    with refusing_provider(after):
        row = await after.carry_through(await after.begin())
        assert row.state == "stuck"
        await after.house.port(Port).end(run=row.id, reason="the card is closed", undo=True)
        await after.idle()
    assert (await after.row(row.id)).state == "ended"
    await assert_undone(after)
