"""The saga engine: refusal and crash at every step, two peers, waiting and signals, stuck runs and people."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from luxe.kernel import clock, saga_watch
from luxe.kernel.db import Database
from luxe.kernel.errors import Conflict, DeadlineExceeded, PayloadInvalid, Refusal
from luxe.kernel.saga import MAX_ATTEMPTS, TOGETHER, Run, Wait
from luxe.kernel.saga_store import saga_metadata
from tests.kernel.stage import (
    AFTER_THE_LEASE,
    PIVOT,
    STEPS,
    Act,
    Parcel,
    Stage,
    crash_in,
    idle,
    raising,
    waiting_for,
)


async def test_a_run_goes_through_its_steps_in_order(stage: Stage) -> None:
    engine = stage.peer()
    run = await stage.start(engine, what="clock")
    await idle(engine)
    row = await stage.row(run)
    assert (row.state, row.cursor, row.lease_owner) == ("done", 5, None)
    assert row.results == {name: f"{name} clock" for name in STEPS}
    assert stage.world.of(run) == list(STEPS)
    assert await stage.outcomes(run) == [(name, "done") for name in STEPS]


async def test_the_same_key_is_the_same_run(stage: Stage) -> None:
    engine = stage.peer()
    runs = {await stage.start(engine) for _ in range(3)}
    await idle(engine)
    assert len(runs) == 1
    assert len(stage.world.calls) == 5
    with pytest.raises(PayloadInvalid) as refused:
        await stage.start(engine, what="something else")
    assert refused.value.code == "key_reused"


async def test_a_start_that_is_rolled_back_starts_nothing(stage: Stage) -> None:
    engine = stage.peer()

    async def start_and_fail() -> None:
        async with stage.database.transaction():
            await engine.start(key="key", owner="acc_1", input=Parcel())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await start_and_fail()
    await idle(engine)
    assert stage.world.calls == []


@pytest.mark.parametrize("step", ["book", "pack"])
async def test_a_refusal_before_the_pivot_undoes_everything_last_first(stage: Stage, step: str) -> None:
    engine = stage.peer()
    stage.world.before[step] = raising(Conflict("no", code="sold_out"))
    run = await stage.start(engine)
    await idle(engine)
    row = await stage.row(run)
    assert row.state == "refused"
    assert row.problem == {
        "type": "urn:luxe:sold_out",
        "title": "Sold out",
        "status": 409,
        "code": "sold_out",
        "detail": "no",
    }
    assert stage.world.of(run) == []
    begun = list(STEPS[: STEPS.index(step) + 1])
    assert stage.world.calls == [("do", name) for name in begun] + [
        ("undo", name) for name in reversed(begun)
    ]


@pytest.mark.parametrize("step", ["pay", "send", "thank"])
async def test_a_refusal_from_the_pivot_on_is_tried_again_until_it_succeeds(stage: Stage, step: str) -> None:
    engine = stage.peer()
    stage.world.before[step] = raising(Conflict("not yet"), times=3)
    run = await stage.start(engine)
    row = await stage.run_out(engine, run)
    assert row.state == "done"
    assert stage.world.of(run) == list(STEPS)
    assert not any(verb == "undo" for verb, _ in stage.world.calls)


@pytest.mark.parametrize("step", ["send", "pay"])
async def test_what_keeps_failing_after_the_pivot_waits_for_a_person(stage: Stage, step: str) -> None:
    engine = stage.peer()
    stage.world.before[step] = raising(ZeroDivisionError(), times=MAX_ATTEMPTS)
    run = await stage.start(engine)
    row = await stage.run_out(engine, run)
    assert (row.state, row.cursor) == ("stuck", STEPS.index(step))
    assert not await engine.sweep()
    async with stage.database.transaction():
        assert [each.id for each in await engine.stuck()] == [run]
        await engine.resume(run)
    await idle(engine)
    assert (await stage.row(run)).state == "done"
    assert ("resume", "resumed") in await stage.outcomes(run)


async def test_an_undo_that_keeps_failing_waits_for_a_person_and_goes_on_undoing(stage: Stage) -> None:
    engine = stage.peer()
    stage.world.before["pack"] = raising(Conflict("no", code="sold_out"))
    stage.world.before["undo book"] = raising(OSError("gone"), times=MAX_ATTEMPTS)
    run = await stage.start(engine)
    assert (await stage.run_out(engine, run)).state == "stuck"
    assert stage.world.of(run) == ["book"]
    async with stage.database.transaction():
        await engine.resume(run)
    await idle(engine)
    row = await stage.row(run)
    assert (row.state, stage.world.of(run)) == ("refused", [])
    assert row.problem is not None
    assert row.problem["code"] == "sold_out"


@pytest.mark.parametrize(
    "error", [DeadlineExceeded("?"), OSError("reset"), Refusal("failed", code="internal", status=500)]
)
async def test_a_failure_is_not_a_refusal(stage: Stage, error: Exception) -> None:
    engine = stage.peer()
    stage.world.after["book"] = raising(error, times=2)
    run = await stage.start(engine)
    row = await stage.run_out(engine, run)
    assert (row.state, row.problem) == ("done", None)
    assert [call for call in stage.world.calls if call[1] == "book"] == [("do", "book")] * 3


async def test_a_step_that_never_answers_before_the_pivot_is_undone_in_the_end(stage: Stage) -> None:
    engine = stage.peer()
    stage.world.after["pack"] = raising(DeadlineExceeded("?"))
    run = await stage.start(engine)
    row = await stage.run_out(engine, run)
    assert (row.state, stage.world.of(run)) == ("refused", [])
    assert row.problem is not None
    assert row.problem["code"] == "unavailable"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_peer_takes_over_after_a_crash(stage: Stage, step: str, moment: str) -> None:
    run = await crash_in(stage, step, moment)
    assert (await stage.row(run)).cursor == min(STEPS.index(step), STEPS.index(PIVOT)), (
        "stored together past it"
    )
    peer = stage.peer()
    assert not await peer.sweep()
    await idle(peer)
    assert (await stage.row(run)).state == "running", "the lease still holds"
    assert stage.world.calls.count(("do", step)) == 1

    clock.replace_clock(clock.ahead(AFTER_THE_LEASE))
    await peer.sweep()
    await idle(peer)
    assert (await stage.row(run)).state == "done"
    assert stage.world.of(run) == list(STEPS)


async def test_a_process_that_stops_in_order_hands_its_runs_over_at_once(stage: Stage) -> None:
    reached = asyncio.Event()

    async def hang(_: Run[Any]) -> None:
        reached.set()
        await asyncio.Event().wait()

    stage.world.after["pack"] = hang
    engine, peer = stage.peer(), stage.peer()
    run = await stage.start(engine)
    await asyncio.wait_for(reached.wait(), 10)
    await engine.close()
    del stage.world.after["pack"]
    await peer.sweep()
    await idle(peer)
    assert ((await stage.row(run)).state, stage.world.of(run)) == ("done", list(STEPS))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", ["book", "pack"])
async def test_a_peer_goes_on_undoing_after_a_crash(stage: Stage, step: str, moment: str) -> None:
    stage.world.before["pack"] = raising(Conflict("no", code="sold_out"))
    run = await crash_in(stage, f"undo {step}", moment)
    clock.replace_clock(clock.ahead(AFTER_THE_LEASE))
    peer = stage.peer()
    await peer.sweep()
    await idle(peer)
    row = await stage.row(run)
    assert (row.state, stage.world.of(run)) == ("refused", [])
    assert row.problem is not None
    assert row.problem["code"] == "sold_out"


async def test_two_peers_never_drive_one_run(stage: Stage) -> None:
    runs = [await crash_in(stage, "pack", "before")]
    for number in range(30):
        engine = stage.peer()
        async with stage.database.transaction():
            runs.append((await engine.start(key=f"key {number}", owner="acc_1", input=Parcel())).id)
            stage.database.unit.after_commit.clear()
    stage.world.calls.clear()
    clock.replace_clock(clock.ahead(AFTER_THE_LEASE))
    peers = [stage.peer(), stage.peer()]
    for _ in range(3):
        await asyncio.gather(*[peer.sweep() for peer in peers])
    for peer in peers:
        await idle(peer)
    assert {(await stage.row(run)).state for run in runs} == {"done"}
    assert stage.world.calls.count(("do", "pay")) == len(runs)


async def test_a_driver_that_lost_its_lease_saves_nothing(stage: Stage) -> None:
    """The same peer takes its own run anew, and both drivers are under way when the first wants to save."""
    gates = {"pack": asyncio.Event(), "send": asyncio.Event()}
    reached = {name: asyncio.Event() for name in gates}

    def dawdle(name: str) -> Act:
        async def act(_: Run[Any]) -> None:
            if not reached[name].is_set():
                reached[name].set()
                await gates[name].wait()

        return act

    for name in gates:
        stage.world.after[name] = dawdle(name)
    engine = stage.peer()
    run = await stage.start(engine)
    await asyncio.wait_for(reached["pack"].wait(), 10)
    first = set(engine._tasks)
    clock.replace_clock(clock.ahead(AFTER_THE_LEASE))
    await engine.sweep()
    await asyncio.wait_for(reached["send"].wait(), 10)
    lease = (await stage.row(run)).lease_until
    gates["pack"].set()
    await asyncio.wait(first)
    assert (await stage.row(run)).lease_until == lease, "the first driver stored nothing"
    gates["send"].set()
    await idle(engine)
    assert [step for step, _ in await stage.outcomes(run)] == list(STEPS)


async def test_a_waiting_run_holds_no_lease_and_is_woken_by_a_signal_at_any_peer(stage: Stage) -> None:
    stage.world.before["pack"] = waiting_for("paid")
    engine, peer = stage.peer(), stage.peer()
    run = await stage.start(engine)
    await idle(engine)
    row = await stage.row(run)
    assert (row.state, row.cursor, row.lease_owner) == ("running", 1, None)
    await stage.signal(peer, run, "weather")
    await idle(peer)
    assert (await stage.row(run)).cursor == 1
    await stage.signal(peer, run, "paid", {"by": "card"})
    await idle(peer)
    row = await stage.row(run)
    assert (row.state, row.signals) == ("done", {"weather": True, "paid": {"by": "card"}})


async def test_a_waiting_run_wakes_when_its_time_is_up(stage: Stage) -> None:
    stage.world.before["pack"] = waiting_for("paid", minutes=30)
    engine = stage.peer()
    run = await stage.start(engine)
    await idle(engine)
    clock.replace_clock(clock.ahead(timedelta(minutes=29)))
    await engine.sweep()
    await idle(engine)
    assert (await stage.row(run)).cursor == 1
    clock.replace_clock(clock.ahead(timedelta(minutes=31)))
    await engine.sweep()
    await idle(engine)
    assert (await stage.row(run)).state == "done"


@pytest.mark.parametrize("lost_afterwards", [False, True])
async def test_a_signal_that_arrives_while_the_step_runs_is_not_lost(
    stage: Stage, lost_afterwards: bool
) -> None:
    running, go_on = asyncio.Event(), asyncio.Event()

    async def look_then_wait(run: Run[Any]) -> None:
        if "paid" in run.signals:
            return
        running.set()
        await go_on.wait()
        raise Wait(clock.now() + timedelta(days=1))

    stage.world.before["pack"] = look_then_wait
    engine, peer = stage.peer(), stage.peer()
    if lost_afterwards:
        engine._claim_soon = lambda run_id: None  # type: ignore[method-assign]
    run = await stage.start(engine)
    await asyncio.wait_for(running.wait(), 10)
    await stage.signal(peer, run, "paid")
    await idle(peer)
    go_on.set()
    await idle(engine)
    await peer.sweep()
    await idle(peer)
    assert (await stage.row(run)).state == "done"


async def test_a_signal_for_an_unknown_or_ended_run_does_nothing(stage: Stage) -> None:
    engine = stage.peer()
    run = await stage.start(engine)
    await idle(engine)
    await stage.signal(engine, "run_unknown", "paid")
    await stage.signal(engine, run, "paid")
    await idle(engine)
    assert (await stage.row(run)).state == "done"
    assert len(stage.world.calls) == 5


async def test_a_run_does_not_join_the_transaction_of_whoever_woke_it(stage: Stage) -> None:
    """A reaction of another service that starts a run is still in its own transaction when the run begins."""
    other = Database("audit_like", saga_metadata("audit_like"), stage.database.engine.url)
    seen: list[bool] = []

    async def look(_: Run[Any]) -> None:
        seen.append(other.in_transaction())

    stage.world.before["book"] = look
    engine = stage.peer()
    async with other.transaction():
        run = await stage.start(engine)
        await idle(engine)
    await other.close()
    assert seen == [False]
    assert (await stage.row(run)).state == "done"


async def test_undoing_one_run_never_touches_another(stage: Stage) -> None:
    async def only_the_first(run: Run[Any]) -> None:
        if run.input.what == "first":
            raise Conflict("no", code="sold_out")

    stage.world.before["pack"] = only_the_first
    engine = stage.peer()
    second = await stage.start(engine, key="2", what="second")
    first = await stage.start(engine, key="1", what="first")
    await idle(engine)
    assert (await stage.row(first)).state == "refused"
    assert (await stage.row(second)).state == "done"
    assert (stage.world.of(first), stage.world.of(second)) == ([], list(STEPS))


async def test_steps_past_the_pivot_that_take_long_are_stored_one_by_one(stage: Stage) -> None:
    async def later(_: Run[Any]) -> None:
        clock.replace_clock(clock.ahead(TOGETHER + timedelta(seconds=1)))

    stored: list[int] = []

    async def look(run: Run[Any]) -> None:
        stored.append((await stage.row(run.id)).cursor)

    stage.world.after["pay"] = later
    stage.world.before["send"] = stage.world.before["thank"] = look
    engine = stage.peer()
    run = await stage.start(engine)
    await idle(engine)
    assert stored == [STEPS.index("send"), STEPS.index("send")]
    assert await stage.outcomes(run) == [(name, "done") for name in STEPS]


async def test_a_watcher_sees_the_run_at_once_and_one_of_an_unknown_run_nothing(stage: Stage) -> None:
    engine = stage.peer()
    gate = asyncio.Event()

    async def hold(_: Run[Any]) -> None:
        await gate.wait()

    stage.world.before["pack"] = hold
    run = await stage.start(engine)
    watching = asyncio.create_task(engine.wait(run, lambda row: row.state == "done", 30))
    early = await engine.wait(run, lambda row: row.state == "done", 0.01)
    assert early is not None
    assert early.state == "running"
    gate.set()
    seen = await asyncio.wait_for(watching, 1)
    assert seen is not None
    assert (seen.state, seen.cursor) == ("done", len(STEPS))
    assert await engine.wait("run_unknown", lambda _: True, 30) is None
    assert engine.watchers._waiting == {}


async def test_a_watcher_of_a_run_that_a_peer_drives_looks_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saga_watch, "LOOK_AGAIN", timedelta(milliseconds=20))
    engine, peer = stage.peer(), stage.peer()
    gate = asyncio.Event()

    async def hold(_: Run[Any]) -> None:
        await gate.wait()

    stage.world.before["pack"] = hold
    run = await stage.start(engine)
    watching = asyncio.create_task(peer.wait(run, lambda row: row.state == "done", 30))
    gate.set()
    seen = await asyncio.wait_for(watching, 5)
    assert seen is not None
    assert seen.state == "done"


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_light_step_refused_when_done_again_undoes_what_may_have_followed(
    stage: Stage, moment: str
) -> None:
    run = await crash_in(stage, "pack", moment, light=["book"])
    assert ((await stage.row(run)).cursor, await stage.outcomes(run)) == (0, [])
    stage.world.before["book"] = raising(Conflict("the price has changed", code="price_changed"))
    clock.replace_clock(clock.ahead(AFTER_THE_LEASE))
    peer = stage.peer(["book"])
    await peer.sweep()
    await idle(peer)
    assert ((await stage.row(run)).state, stage.world.of(run)) == ("refused", [])
    assert [step for did, step in stage.world.calls if did == "undo"] == ["pack", "book"]


async def test_a_light_step_costs_one_storing_less_and_a_fresh_refusal_undoes_no_more(stage: Stage) -> None:
    engine = stage.peer(["book"])
    stage.world.before["pack"] = raising(Conflict("no", code="sold_out"))
    run = await stage.start(engine)
    await idle(engine)
    assert stage.world.calls[2:] == [("undo", "pack"), ("undo", "book")]
    assert await stage.outcomes(run) == [
        ("book", "done"), ("pack", "refused"), ("pack", "undone"), ("book", "undone"),
    ]  # fmt: skip
    stage.world.before["book"] = raising(Conflict("no", code="sold_out"))
    stage.world.calls.clear()
    await stage.start(engine, "another key")
    await idle(engine)
    assert stage.world.calls == [("do", "book"), ("undo", "book")]


def test_the_step_before_the_pivot_cannot_be_light(stage: Stage) -> None:
    with pytest.raises(AssertionError, match="a way back would be missed"):
        stage.peer(["pack"])
