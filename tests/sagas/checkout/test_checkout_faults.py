"""A refusal, a silence or a lost process at every moment of every step of a checkout."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from luxe.kernel.saga import MAX_ATTEMPTS, Run
from luxe.services.inventory.contract import Port as InventoryPort
from tests.sagas.checkout.breaks import Moment, failing, refusing
from tests.sagas.checkout.stage import (
    BEFORE_PIVOT,
    EARNED,
    FROM_PIVOT,
    LEASE_OVER,
    PAYABLE,
    POINTS,
    STEPS,
    Basket,
    OpenStage,
    Seen,
    Stage,
)

UNDOS = [f"undo {step}" for step in reversed(BEFORE_PIVOT)]
AUTHORISED = [("create", PAYABLE), ("authorise", PAYABLE)]

Scene = Callable[[Stage, str, Moment], Awaitable[bool]]
Play = Callable[[str, Scene], Awaitable[None]]


@pytest.fixture
def at_every_moment(open_stage: OpenStage, calls: dict[str, int]) -> Play:
    """Plays a scene at each moment of a step; the scene tells whether the moment came."""

    async def play(step: str, scene: Scene) -> None:
        assert calls[step] > 0
        for moment in range(calls[step] + 1):
            assert await scene(await open_stage(), step, moment), f"{step} never made {moment} calls"

    return play


async def assert_bought_once(stage: Stage, basket: Basket, run: str) -> None:
    """One order, paid once; its units are the run's, and the points moved once."""
    assert await stage.seen() == basket.bought
    view, order = await stage.view(run), await stage.order(run)
    assert order is not None
    assert (view.state, view.order_id, view.problem_code) == ("done", order.id, "")
    assert [entry.what for entry in order.timeline] == ["placed", "paid", "points_earned"]
    pieces = sorted(line.variant_id for line in basket.wanted.lines for _ in range(line.quantity))
    assert await stage.units(run) == [(piece, order.id) for piece in pieces]
    assert await stage.journals(run) == [("hold", 0), ("redeem", -POINTS), ("earn", EARNED)]


async def assert_undone_once(stage: Stage, basket: Basket, run: str, at: Seen) -> None:
    """As it was before, but for the cancelled order and the voided payment of a run that had come so far."""
    assert await stage.seen() == basket.undone(at)
    assert (await stage.view(run)).state == "refused"
    assert await stage.units(run) == []
    held = at.points != basket.before.points
    assert await stage.journals(run) == ([("hold", 0), ("release", 0)] if held else [])
    if (order := await stage.order(run)) is not None:
        assert [entry.what for entry in order.timeline] == ["placed", "cancelled"]


@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_a_refusal_before_the_capture_undoes_what_was_done(at_every_moment: Play, step: str) -> None:
    async def scene(stage: Stage, step: str, moment: Moment) -> bool:
        basket, come_to = await stage.basket(), asyncio.Event()
        at: list[Seen] = []

        async def refuse(run: Run[Any]) -> None:
            at.append(await stage.seen())
            come_to.set()
            await refusing()(run)

        stage.breaks.at(step, moment, refuse)
        run = await stage.begin(basket.wanted, come_to)
        view = await stage.carry_through(run)
        assert view.problem_code == "refused_by_test"
        await assert_undone_once(stage, basket, run, at[0])
        return come_to.is_set()

    await at_every_moment(step, scene)


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_without_an_answer_is_done_again_and_counts_once(
    at_every_moment: Play, step: str
) -> None:
    async def scene(stage: Stage, step: str, moment: Moment) -> bool:
        basket, failed = await stage.basket(), asyncio.Event()

        async def fail(run: Run[Any]) -> None:
            failed.set()
            await silent(run)

        silent = failing(times=2)
        stage.breaks.at(step, moment, fail)
        run = await stage.begin(basket.wanted, failed)
        await stage.carry_through(run)
        await assert_bought_once(stage, basket, run)
        return failed.is_set()

    await at_every_moment(step, scene)


@pytest.mark.parametrize("step", STEPS)
async def test_a_peer_finishes_what_a_lost_process_began(at_every_moment: Play, step: str) -> None:
    async def scene(stage: Stage, step: str, moment: Moment) -> bool:
        basket = await stage.basket()
        reached = stage.breaks.lose(step, moment)
        run = await stage.begin(basket.wanted, reached)
        await stage.kill()
        assert (await stage.view(run)).state == "running"
        await stage.later(seconds=LEASE_OVER)
        await stage.carry_through(run)
        await assert_bought_once(stage, basket, run)
        return reached.is_set()

    await at_every_moment(step, scene)


@pytest.mark.parametrize("step", UNDOS)
async def test_a_peer_finishes_undoing_what_a_lost_process_gave_up(at_every_moment: Play, step: str) -> None:
    async def scene(stage: Stage, step: str, moment: Moment) -> bool:
        basket = await stage.basket()
        stage.breaks.at("place", "end", refusing())
        reached = stage.breaks.lose(step, moment)
        run = await stage.begin(basket.wanted, reached)
        await stage.kill()
        assert (await stage.view(run)).state == "undoing"
        await stage.later(seconds=LEASE_OVER)
        view = await stage.carry_through(run)
        assert view.problem_code == "refused_by_test"
        await assert_undone_once(stage, basket, run, whole(basket))
        return reached.is_set()

    await at_every_moment(step, scene)


def whole(basket: Basket) -> Seen:
    """A run that is about to capture: everything is held, authorised and placed."""
    return Seen(stock={}, points=(0, POINTS), bag=basket.before.bag, orders=["placed"], charges=[AUTHORISED])


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_that_was_only_slow_adds_nothing(at_every_moment: Play, step: str) -> None:
    """It goes on after a peer has taken over its run and ended it."""

    async def scene(stage: Stage, step: str, moment: Moment) -> bool:
        basket = await stage.basket()
        slow, awake = stage.engine, asyncio.Event()
        reached = stage.breaks.stall(step, moment, awake)
        run = await stage.begin(basket.wanted, reached)
        stage.restart()
        await stage.later(seconds=LEASE_OVER)
        await stage.carry_through(run)
        awake.set()
        await stage.idle(slow)
        await assert_bought_once(stage, basket, run)
        return reached.is_set()

    await at_every_moment(step, scene)


@pytest.mark.parametrize(
    "step",
    [
        "hold",
        "authorise",
        "place",
    ],
)
async def test_a_slow_process_adds_nothing_to_what_was_undone(at_every_moment: Play, step: str) -> None:
    """It goes on after a peer has taken over its run and undone it."""

    async def scene(stage: Stage, step: str, moment: Moment) -> bool:
        basket = await stage.basket()
        slow, awake = stage.engine, asyncio.Event()
        reached = stage.breaks.stall(step, moment, awake)
        stage.breaks.at("place", "end", refusing())
        run = await stage.begin(basket.wanted, reached)
        stage.restart()
        await stage.later(seconds=LEASE_OVER)
        await stage.carry_through(run)
        awake.set()
        await stage.idle(slow)
        try:
            await assert_undone_once(stage, basket, run, whole(basket))
        finally:
            await stage.house.port(InventoryPort).release(run=run)
        return reached.is_set()

    await at_every_moment(step, scene)


@pytest.mark.parametrize("step", STEPS[1:])
async def test_two_peers_finish_one_run_once(stage: Stage, step: str) -> None:
    basket = await stage.basket()
    reached = stage.breaks.lose(step, 1)
    run = await stage.begin(basket.wanted, reached)
    await stage.kill()
    await stage.later(stage.peer(), stage.peer(), seconds=LEASE_OVER)
    await stage.carry_through(run)
    await assert_bought_once(stage, basket, run)


@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_a_step_that_never_answers_is_given_up_and_undone(stage: Stage, step: str) -> None:
    basket = await stage.basket()
    stage.breaks.at(step, "end" if step != "authorise" else 1, failing())
    run = await stage.begin(basket.wanted, asyncio.Event())
    view = await stage.carry_through(run)
    assert (view.state, view.problem_code) == ("refused", "unavailable")
    assert (await stage.log(run)).count((step, "retries")) == MAX_ATTEMPTS - 1
    come_to = {"hold": ([], []), "authorise": ([], AUTHORISED[:1]), "place": (["placed"], AUTHORISED)}
    orders, charged = come_to[step]
    at = Seen(stock={}, points=(0, POINTS), bag={}, orders=orders, charges=[charged] if charged else [])
    await assert_undone_once(stage, basket, run, at)


@pytest.mark.parametrize("break_", [refusing, failing])
@pytest.mark.parametrize("step", FROM_PIVOT)
async def test_what_is_refused_for_good_from_the_capture_on_waits_for_a_person(
    stage: Stage, step: str, break_: Callable[[], Callable[[Run[Any]], Awaitable[None]]]
) -> None:
    basket = await stage.basket()
    stage.breaks.at(step, 0, break_())
    run = await stage.begin(basket.wanted, asyncio.Event())
    assert (await stage.carry_through(run)).state == "stuck"
    assert [view.run for view in await stage.port.stuck()] == [run]
    seen = await stage.seen()
    captured = [("capture", PAYABLE)] if step == "commit" else []
    assert (seen.orders, seen.charges) == (["placed"], [AUTHORISED + captured])
    assert (seen.points, seen.bag) == ((0, POINTS), basket.before.bag)
    await stage.give_up(run)
    await stage.later(hours=1)
    assert (await stage.view(run)).state == "stuck", "there is no way back, and none forward by itself"
    stage.breaks.heal()
    await stage.port.resume(run=run)
    await stage.idle()
    assert await stage.port.stuck() == []
    await assert_bought_once(stage, basket, run)


@pytest.mark.parametrize("step", UNDOS)
async def test_an_undo_that_keeps_failing_waits_for_a_person(stage: Stage, step: str) -> None:
    basket = await stage.basket()
    stage.breaks.at("place", "end", refusing())
    stage.breaks.at(step, 0, failing())
    run = await stage.begin(basket.wanted, asyncio.Event())
    assert (await stage.carry_through(run)).state == "stuck"
    stage.breaks.heal()
    await stage.port.resume(run=run)
    await stage.idle()
    assert (await stage.view(run)).problem_code == "refused_by_test"
    await assert_undone_once(stage, basket, run, whole(basket))


@pytest.mark.parametrize("mode", ["timeout_before", "timeout_after", "error_500"])
@pytest.mark.parametrize("operation", ["create", "get", "capture"])
async def test_a_psp_that_gives_no_answer_charges_once(stage: Stage, operation: str, mode: str) -> None:
    basket = await stage.basket()
    await stage.psp.fault(api={"operation": operation, "mode": mode, "count": 2, "hold_ms": 20})
    run = await stage.begin(basket.wanted, asyncio.Event())
    await stage.carry_through(run)
    await assert_bought_once(stage, basket, run)


@pytest.mark.parametrize("mode", ["timeout_before", "timeout_after", "error_500"])
async def test_a_psp_that_gives_no_answer_voids_once(stage: Stage, mode: str) -> None:
    basket = await stage.basket()
    stage.breaks.at("place", "end", refusing())
    await stage.psp.fault(api={"operation": "void", "mode": mode, "count": 2, "hold_ms": 20})
    run = await stage.begin(basket.wanted, asyncio.Event())
    await stage.carry_through(run)
    await assert_undone_once(stage, basket, run, whole(basket))


async def test_an_authorisation_that_lapsed_before_its_capture_is_never_charged(stage: Stage) -> None:
    basket = await stage.basket()

    async def lapse(run: Run[Any]) -> None:
        await stage.psp.expire(await stage.intent(run.id))

    stage.breaks.at("place", "end", lapse)
    run = await stage.begin(basket.wanted, asyncio.Event())
    assert (await stage.carry_through(run)).state == "stuck"
    seen = await stage.seen()
    assert (seen.orders, seen.charges) == (["placed"], [[*AUTHORISED, ("expire", PAYABLE)]])


@pytest.mark.parametrize("step", ["capture", "commit"])
async def test_the_member_sees_a_run_under_way_until_it_is_done(stage: Stage, step: str) -> None:
    basket = await stage.basket()
    stage.breaks.at(step, 0, failing(times=1))
    run = await stage.begin(basket.wanted, asyncio.Event())
    view = await stage.view(run)
    order = await stage.order(run)
    assert order is not None
    assert (view.state, view.pay_at, view.order_id, view.problem_code) == ("running", "", order.id, "")
    await stage.carry_through(run)
    await assert_bought_once(stage, basket, run)
