"""Joining with a refusal, a failure or a crash at every step."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from luxe.kernel import errors
from luxe.kernel.saga import MAX_ATTEMPTS, Run
from tests.sagas.join.stage import BEFORE_PIVOT, FROM_PIVOT, STEPS, Stage, refusing

WAITED = 40
"""Minutes in which every retry has had its turn; authorisation by then has its answer."""


async def start_paying(stage: Stage) -> str:
    """Starts, and pays as soon as there is a page; the run goes on until something breaks or it ends."""
    run = (await stage.start()).run
    if run in stage.provider.by_run:
        stage.provider.pay(run)
        await stage.tell(run)
    return run


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_a_refusal_before_the_capture_leaves_nothing(stage: Stage, step: str, moment: str) -> None:
    await stage.approved("acc_mei")
    (stage.before if moment == "before" else stage.after)[step] = refusing()
    run = await start_paying(stage)
    view = await stage.look(run)
    assert (view.state, view.problem_code) == ("refused", "refused_by_test")
    await stage.assert_untouched()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", FROM_PIVOT)
async def test_a_refusal_from_the_capture_on_is_overcome(stage: Stage, step: str, moment: str) -> None:
    await stage.approved("acc_mei")
    (stage.before if moment == "before" else stage.after)[step] = refusing(times=2)
    run = await start_paying(stage)
    for seconds in (5, 10, 20):
        await stage.later(seconds=seconds)
    await stage.assert_joined(run)


async def lose_the_process(stage: Stage, place: str, moment: str) -> str:
    """Starts a run and loses its process at `place`, before or after the effect; nothing more is saved."""
    reached = asyncio.Event()

    async def hang(_: Run[Any]) -> None:
        reached.set()
        await asyncio.Event().wait()

    breaks = stage.before if moment == "before" else stage.after
    breaks[place] = hang
    paying = asyncio.create_task(start_paying(stage))
    await asyncio.wait_for(reached.wait(), 20)
    await stage.engine._stop()
    run = await paying
    del breaks[place]
    return run


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_peer_finishes_what_a_lost_process_began(stage: Stage, step: str, moment: str) -> None:
    await stage.approved("acc_mei")
    run = await lose_the_process(stage, step, moment)
    stored = (await stage.look(run)).step
    assert stored == (step if step in BEFORE_PIVOT else "capture"), "steps past the pivot are stored together"
    peer = stage.peer()
    await stage.later(peer, seconds=31)
    if stage.provider.by_run[run].state == "requires_method":
        stage.provider.pay(run)
    await stage.later(peer, seconds=120)
    assert (await stage.look(run)).state == "done"
    await stage.assert_joined(run)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_a_peer_finishes_undoing_what_a_lost_process_gave_up(
    stage: Stage, step: str, moment: str
) -> None:
    await stage.approved("acc_mei")
    stage.after["authorisation"] = refusing()
    run = await lose_the_process(stage, f"undo {step}", moment)
    peer = stage.peer()
    await stage.later(peer, seconds=31)
    view = await stage.look(run)
    assert (view.state, view.problem_code) == ("refused", "refused_by_test")
    await stage.assert_untouched()


async def test_two_peers_finish_one_run_once(stage: Stage) -> None:
    await stage.approved("acc_mei")
    run = await lose_the_process(stage, "capture", "before")
    one, other = stage.peer(), stage.peer()
    await asyncio.gather(stage.later(one, seconds=31), stage.later(other, seconds=31))
    await stage.assert_joined(run)


async def test_a_captured_fee_without_membership_waits_for_a_person(stage: Stage) -> None:
    await stage.approved("acc_mei")
    stage.before["activation"] = refusing(times=MAX_ATTEMPTS)
    run = await start_paying(stage)
    for minute in range(1, WAITED, 2):
        await stage.later(minutes=minute)
    assert [view.run for view in await stage.port.stuck()] == [run]
    again = await stage.start(key="impatient", currency="EUR")
    assert (again.run, again.state) == (run, "stuck"), "nobody pays again while money is held"
    await stage.port.resume(run=run)
    await stage.idle()
    assert await stage.port.stuck() == []
    await stage.assert_joined(run)


async def test_a_psp_that_never_answers_leaves_a_person_to_cancel(stage: Stage) -> None:
    await stage.approved("acc_mei")
    stage.provider.answers = False
    run = (await stage.start()).run
    for minute in range(1, WAITED, 2):
        await stage.later(minutes=minute)
    assert (await stage.look(run)).state == "stuck"
    stage.provider.answers = True
    await stage.port.resume(run=run)
    await stage.idle()
    view = await stage.look(run)
    assert (view.state, view.problem_code) == ("refused", "unavailable")
    await stage.assert_untouched()


async def test_an_intent_that_opens_after_its_run_gave_up_is_no_debt(stage: Stage) -> None:
    async def gone_after_opening(_: Run[Any]) -> None:
        raise errors.DeadlineExceeded("the answer was lost")

    await stage.approved("acc_mei")
    stage.after["intent"] = gone_after_opening
    run = (await stage.start()).run
    for minute in range(1, WAITED, 2):
        await stage.later(minutes=minute)
    assert (await stage.look(run)).state == "refused"
    stage.provider.pay(run)
    await stage.assert_untouched()
