"""Ending runs by hand: at every step and moment, while they are driven, wait or are stuck, and by several people at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from luxe.kernel import clock, context
from luxe.kernel.errors import Conflict, NotFound, PayloadInvalid
from luxe.kernel.saga import MAX_ATTEMPTS, Engine, Run
from luxe.kernel.saga_end import Ending, ending_of, may_close, may_undo
from tests.kernel.stage import (
    AFTER_THE_LEASE,
    PIVOT,
    STEPS,
    Stage,
    crash_in,
    idle,
    raising,
    waiting_for,
)

BEFORE_PIVOT = STEPS[: STEPS.index(PIVOT)]
FROM_PIVOT = STEPS[STEPS.index(PIVOT) :]


async def hang_in(
    stage: Stage, place: str, moment: str, then: Exception | None = None
) -> tuple[Engine, str, asyncio.Event]:
    """A run whose driver is in `place` until the event is set, and then meets `then`."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def hold(_: Run[Any]) -> None:
        reached.set()
        await go_on.wait()
        if then is not None:
            raise then

    breaks = stage.world.before if moment == "before" else stage.world.after
    breaks[place] = hold
    engine = stage.peer()
    run = await stage.start(engine)
    await asyncio.wait_for(reached.wait(), 10)
    return engine, run, go_on


async def stuck_in(stage: Stage, place: str) -> tuple[Engine, str]:
    """A run that needs a person because `place` kept failing; it does not any more."""
    stage.world.before[place] = raising(OSError("gone"), times=MAX_ATTEMPTS)
    engine = stage.peer()
    run = await stage.start(engine)
    assert (await stage.run_out(engine, run)).state == "stuck"
    return engine, run


async def over(stage: Stage, run: str, *engines: Engine) -> str:
    for engine in engines:
        await idle(engine)
    row = await stage.row(run)
    assert row.lease_owner is None
    return row.state


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_a_run_before_its_pivot_is_undone_between_two_steps(
    stage: Stage, step: str, moment: str
) -> None:
    engine, run, go_on = await hang_in(stage, step, moment)
    asked = await stage.end(stage.peer(), run, undo=True)
    assert (asked.state, asked.lease_owner) == ("running", engine.peer)
    assert ("undo", step) not in stage.world.calls, "nothing is undone while the step is under way"
    go_on.set()
    assert await over(stage, run, engine) == "ended"
    row = await stage.row(run)
    assert (stage.world.of(run), (row.problem or {})["code"]) == ([], "ended_by_hand")
    assert ("do", PIVOT) not in stage.world.calls


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_a_run_whose_driver_died_is_undone_by_a_peer(stage: Stage, step: str, moment: str) -> None:
    run = await crash_in(stage, step, moment)
    peer = stage.peer()
    await stage.end(peer, run, undo=True)
    await idle(peer)
    assert (await stage.row(run)).state == "running", "the lease still holds"
    clock.replace_clock(clock.ahead(AFTER_THE_LEASE))
    await peer.sweep()
    assert (await over(stage, run, peer), stage.world.of(run)) == ("ended", [])
    assert ("do", PIVOT) not in stage.world.calls


async def test_light_steps_that_were_never_stored_are_undone_as_well(stage: Stage) -> None:
    run = await crash_in(stage, "pack", "after", light=["book"])
    clock.replace_clock(clock.ahead(AFTER_THE_LEASE))
    peer = stage.peer(["book"])
    await stage.end(peer, run, undo=True)
    assert (await over(stage, run, peer), stage.world.of(run)) == ("ended", [])
    assert [call for call in stage.world.calls if call[0] == "undo"] == [("undo", "pack"), ("undo", "book")]


async def test_a_waiting_run_is_ended_at_once_by_any_peer(stage: Stage) -> None:
    stage.world.before["pack"] = waiting_for("paid")
    engine, peer = stage.peer(), stage.peer()
    run = await stage.start(engine)
    await idle(engine)
    with context.acting("acc_operator"):
        await stage.end(peer, run, undo=True, reason="  asked for by telephone ")
    assert (await over(stage, run, peer), stage.world.of(run)) == ("ended", [])
    row = await stage.row(run)
    ending = ending_of(row)
    assert ending is not None
    assert ending == Ending(
        undo=True, reason="asked for by telephone", by="acc_operator", at=ending.at, cursor=1
    )
    assert await stage.outcomes(run) == [
        ("book", "done"), ("pack", "waits"), ("end", "asked"), ("pack", "ends"), ("pack", "undone"), ("book", "undone"),
    ]  # fmt: skip


@pytest.mark.parametrize("step", [PIVOT, "send", "thank"])
async def test_a_stuck_run_past_its_pivot_is_closed_as_it_stands(stage: Stage, step: str) -> None:
    engine, run = await stuck_in(stage, step)
    done = list(STEPS[: STEPS.index(step)])
    with context.acting("acc_operator"):
        ended = await stage.end(engine, run, undo=False, reason="settled by hand")
    assert (ended.state, sorted(ended.results)) == ("ended", sorted(done))
    assert await over(stage, run, engine) == "ended"
    assert stage.world.of(run) == done
    async with stage.database.reading():
        assert (await stage.outcomes(run))[-1] == ("end", "ended")


@pytest.mark.parametrize("step", ["send", "thank"])
async def test_past_the_pivot_nothing_is_undone(stage: Stage, step: str) -> None:
    engine, run = await stuck_in(stage, step)
    before = await stage.row(run)
    with pytest.raises(Conflict) as refused:
        await stage.end(engine, run, undo=True)
    assert (refused.value.code, await stage.row(run)) == ("past_pivot", before)


@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_what_can_be_undone_is_not_left_as_it_stands(stage: Stage, step: str) -> None:
    run = await crash_in(stage, step, "before")
    before = await stage.row(run)
    with pytest.raises(Conflict) as refused:
        await stage.end(stage.peer(), run, undo=False)
    assert (refused.value.code, await stage.row(run)) == ("undo_first", before)


async def test_a_run_stuck_at_its_pivot_is_undone_if_that_has_not_happened(stage: Stage) -> None:
    engine, run = await stuck_in(stage, PIVOT)
    assert stage.world.of(run) == list(BEFORE_PIVOT)
    await stage.end(engine, run, undo=True)
    assert (await over(stage, run, engine), stage.world.of(run)) == ("ended", [])
    assert ("way back", PIVOT) in stage.world.calls


async def test_a_run_whose_pivot_has_happened_says_so_and_is_stuck_again(stage: Stage) -> None:
    stage.world.after[PIVOT] = raising(OSError("no answer"), times=MAX_ATTEMPTS)
    engine = stage.peer()
    run = await stage.start(engine)
    assert (await stage.run_out(engine, run)).state == "stuck"
    await stage.end(engine, run, undo=True)
    assert (await over(stage, run, engine), stage.world.of(run)) == ("stuck", [*BEFORE_PIVOT, PIVOT])
    assert not any(call[0] == "undo" for call in stage.world.calls)
    assert await stage.resume(engine, run)
    assert await over(stage, run, engine) == "done", "the wish is forgotten"
    assert stage.world.of(run) == list(STEPS)


async def test_a_pivot_that_cannot_say_is_never_undone(stage: Stage) -> None:
    stage.world.may_turn_back = False
    engine, run = await stuck_in(stage, PIVOT)
    with pytest.raises(Conflict, match="cannot be undone") as refused:
        await stage.end(engine, run, undo=True)
    assert refused.value.code == "past_pivot"


async def test_a_way_back_that_gives_no_answer_is_asked_again(stage: Stage) -> None:
    engine, run = await stuck_in(stage, PIVOT)
    stage.world.before["way back"] = raising(OSError("no answer"), times=2)
    await stage.end(engine, run, undo=True)
    await idle(engine)
    assert (await stage.row(run)).state == "running"
    row = await stage.run_out(engine, run)
    assert (row.state, stage.world.of(run)) == ("ended", [])


async def test_a_pivot_that_is_under_way_is_not_interrupted(stage: Stage) -> None:
    """The wish comes while the pivot is done; the run goes on to its end, which is what happened."""
    engine, run, go_on = await hang_in(stage, PIVOT, "before")
    await stage.end(stage.peer(), run, undo=True)
    go_on.set()
    assert await over(stage, run, engine) == "done"
    assert (stage.world.of(run), [call for call in stage.world.calls if call[0] != "do"]) == (list(STEPS), [])


async def test_a_pivot_that_fails_while_the_wish_waits_is_undone(stage: Stage) -> None:
    engine, run, go_on = await hang_in(stage, PIVOT, "before", then=OSError("gone"))
    await stage.end(stage.peer(), run, undo=True)
    go_on.set()
    assert (await over(stage, run, engine), stage.world.of(run)) == ("ended", [])


async def test_an_undo_that_keeps_failing_is_stuck_again_and_may_then_be_left(stage: Stage) -> None:
    stage.world.before["pack"] = waiting_for("paid")
    stage.world.before["undo book"] = raising(OSError("gone"))
    engine = stage.peer()
    run = await stage.start(engine)
    await idle(engine)
    await stage.end(engine, run, undo=True)
    row = await stage.run_out(engine, run)
    assert (row.state, may_undo(engine.flow, row), may_close(engine.flow, row)) == ("stuck", True, True)
    ended = await stage.end(engine, run, undo=False, reason="the booking is gone for good")
    assert (ended.state, stage.world.of(run)) == ("ended", ["book"])
    assert (await stage.outcomes(run))[-1] == ("end", "ended")


async def test_a_run_that_was_to_be_ended_and_got_stuck_ends_when_it_is_resumed(stage: Stage) -> None:
    stage.world.before["pack"] = waiting_for("paid")
    stage.world.before["undo book"] = raising(OSError("gone"), times=MAX_ATTEMPTS)
    engine = stage.peer()
    run = await stage.start(engine)
    await idle(engine)
    await stage.end(engine, run, undo=True)
    assert (await stage.run_out(engine, run)).state == "stuck"
    await stage.resume(engine, run)
    assert (await over(stage, run, engine), stage.world.of(run)) == ("ended", [])


@pytest.mark.parametrize("undo", [True, False])
async def test_ending_twice_ends_once(stage: Stage, undo: bool) -> None:
    engine, run = await stuck_in(stage, PIVOT)
    first, second = await asyncio.gather(
        *(
            stage.end(peer, run, undo=undo, reason=reason)
            for peer, reason in ((engine, "one"), (stage.peer(), "two"))
        )
    )
    await idle(engine)
    await stage.run_out(engine, run)
    assert {first.signals["end"]["reason"], second.signals["end"]["reason"]} in ({"one"}, {"two"})
    ended = await stage.row(run)
    assert ended.state == "ended"
    told = [outcome for step, outcome in await stage.outcomes(run) if step == "end"]
    assert told == ["asked" if undo else "ended"]
    again = await stage.end(engine, run, undo=undo, reason="three")
    assert (again, [o for s, o in await stage.outcomes(run) if s == "end"]) == (ended, told)


@pytest.mark.parametrize("undo", [True, False])
async def test_end_resume_and_signal_at_once_have_one_outcome(stage: Stage, undo: bool) -> None:
    engine, run = await stuck_in(stage, PIVOT)
    peers = [stage.peer() for _ in range(4)]

    async def end(peer: Engine) -> None:
        with suppress(Conflict):
            await stage.end(peer, run, undo=undo)

    await asyncio.gather(
        end(peers[0]), stage.resume(peers[1], run), stage.signal(peers[2], run, "paid"), end(peers[3])
    )
    for peer in (engine, *peers):
        await idle(peer)
    row = await stage.run_out(engine, run)
    stands = {"done": list(STEPS), "ended": [] if undo else list(BEFORE_PIVOT)}
    assert stage.world.of(run) == stands[row.state]


async def test_an_ended_run_hears_no_signal_and_is_not_resumed(stage: Stage) -> None:
    engine, run = await stuck_in(stage, "send")
    await stage.end(engine, run, undo=False)
    ended, calls = await stage.row(run), len(stage.world.calls)
    await stage.signal(engine, run, "paid")
    assert not await stage.resume(engine, run)
    clock.replace_clock(clock.ahead(timedelta(days=1)))
    await engine.sweep()
    await idle(engine)
    assert (await stage.row(run), len(stage.world.calls)) == (ended, calls)


@pytest.mark.parametrize("how", ["done", "refused"])
@pytest.mark.parametrize("undo", [True, False])
async def test_a_run_that_is_over_cannot_be_ended(stage: Stage, how: str, undo: bool) -> None:
    if how == "refused":
        stage.world.before["pack"] = raising(Conflict("no", code="sold_out"))
    engine = stage.peer()
    run = await stage.start(engine)
    assert await over(stage, run, engine) == how
    before = await stage.row(run)
    with pytest.raises(Conflict) as refused:
        await stage.end(engine, run, undo=undo)
    assert (refused.value.code, await stage.row(run)) == ("run_over", before)


async def test_a_run_is_not_ended_without_a_reason_nor_an_unknown_one_at_all(stage: Stage) -> None:
    stage.world.before["pack"] = waiting_for("paid")
    engine = stage.peer()
    run = await stage.start(engine)
    await idle(engine)
    before = await stage.row(run)
    with pytest.raises(PayloadInvalid) as refused:
        await stage.end(engine, run, undo=True, reason="  ")
    assert (refused.value.code, await stage.row(run)) == ("reason_missing", before)
    with pytest.raises(NotFound) as unknown:
        await stage.end(engine, "run_unknown", undo=True)
    assert unknown.value.code == "run_unknown"


async def test_a_watcher_sees_the_end(stage: Stage) -> None:
    engine, run = await stuck_in(stage, "send")
    watching = asyncio.create_task(engine.wait(run, lambda row: row.state == "ended", 30))
    await stage.end(engine, run, undo=False)
    seen = await asyncio.wait_for(watching, 1)
    assert seen is not None
    assert seen.state == "ended"
