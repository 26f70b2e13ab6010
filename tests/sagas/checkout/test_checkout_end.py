"""Checkouts that a person ends: before the capture nothing stays held or charged, after it everything stays as it stands."""

from __future__ import annotations

import asyncio

import pytest

from luxe.kernel import context
from luxe.kernel.errors import Conflict
from tests.sagas.checkout.breaks import failing
from tests.sagas.checkout.stage import BEFORE_PIVOT, LEASE_OVER, PAYABLE, POINTS, Basket, Stage

AUTHORISED = [("create", PAYABLE), ("authorise", PAYABLE)]


async def stuck_at_capture(stage: Stage, basket: Basket) -> str:
    """Everything is held, authorised and placed, and the capture fails for good."""
    stage.breaks.at("capture", 0, failing())
    run = await stage.begin(basket.wanted, asyncio.Event())
    assert (await stage.carry_through(run)).state == "stuck"
    stage.breaks.heal()
    return run


async def end(stage: Stage, run: str, *, undo: bool) -> None:
    with context.acting("acc_operator"):
        await stage.port.end(run=run, reason="asked for by telephone", undo=undo)
    await stage.idle()


async def assert_nothing_stays(
    stage: Stage, basket: Basket, run: str, charges: list[list[tuple[str, int]]]
) -> None:
    """Neither a unit nor a point is held, and nothing is charged; the bag is as it was."""
    seen, view = await stage.seen(), await stage.view(run)
    assert (view.state, view.problem_code) == ("ended", "ended_by_hand")
    assert (seen.stock, seen.points, seen.bag) == (
        basket.before.stock,
        basket.before.points,
        basket.before.bag,
    )
    assert (seen.charges, "placed" in seen.orders) == (charges, False)
    assert await stage.units(run) == []


async def test_a_checkout_that_waits_for_payment_is_ended(stage: Stage) -> None:
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    await end(stage, run, undo=True)
    await assert_nothing_stays(stage, basket, run, [[("create", PAYABLE), ("void", PAYABLE)]])


@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_a_checkout_whose_process_died_is_ended_by_another(stage: Stage, step: str) -> None:
    basket = await stage.basket()
    reached = stage.breaks.lose(step, "end")
    run = await stage.begin(basket.wanted, reached)
    await stage.kill()
    charges = [[*effects, ("void", PAYABLE)] for effects in (await stage.seen()).charges]
    await end(stage, run, undo=True)
    assert (await stage.view(run)).state == "running", "the dead process's lease still holds"
    await stage.later(seconds=LEASE_OVER)
    await stage.carry_through(run)
    await assert_nothing_stays(stage, basket, run, charges)


async def test_an_authorisation_that_lapsed_before_its_capture_is_ended(stage: Stage) -> None:
    basket = await stage.basket()
    run = await stuck_at_capture(stage, basket)
    await stage.psp.expire(await stage.intent(run))
    await end(stage, run, undo=True)
    await assert_nothing_stays(stage, basket, run, [[*AUTHORISED, ("expire", PAYABLE)]])
    assert await stage.journals(run) == [("hold", 0), ("release", 0)]


async def test_an_authorisation_that_still_stands_is_voided(stage: Stage) -> None:
    basket = await stage.basket()
    run = await stuck_at_capture(stage, basket)
    await end(stage, run, undo=True)
    await assert_nothing_stays(stage, basket, run, [[*AUTHORISED, ("void", PAYABLE)]])


async def test_a_capture_that_happened_after_all_is_not_undone(stage: Stage) -> None:
    """The provider captured, and its answer never came."""
    basket = await stage.basket()
    stage.breaks.at("capture", "end", failing())
    run = await stage.begin(basket.wanted, asyncio.Event())
    assert (await stage.carry_through(run)).state == "stuck"
    stage.breaks.heal()
    before = await stage.seen()
    await end(stage, run, undo=True)
    assert ((await stage.view(run)).state, await stage.seen()) == ("stuck", before)
    await stage.port.resume(run=run)
    await stage.idle()
    assert ((await stage.view(run)).state, await stage.seen()) == ("done", basket.bought)


async def test_what_gift_cards_paid_whole_is_not_undone_though_its_steps_were_never_stored(
    stage: Stage,
) -> None:
    """The pieces were sold when the process died, and the run still stood at its capture."""
    basket = await stage.free_basket()
    reached = stage.breaks.lose("commit", 1)
    run = await stage.begin(basket.wanted, reached)
    await stage.kill()
    await end(stage, run, undo=True)
    await stage.later(seconds=LEASE_OVER)
    view = await stage.carry_through(run)
    assert (view.state, [each for _, each in await stage.units(run) if each is None]) == ("stuck", [])
    await stage.port.resume(run=run)
    await stage.idle()
    assert ((await stage.view(run)).state, await stage.seen()) == ("done", basket.bought)


async def test_a_paid_checkout_is_only_closed_as_it_stands(stage: Stage) -> None:
    basket = await stage.basket()
    stage.breaks.at("commit", 0, failing())
    run = await stage.begin(basket.wanted, asyncio.Event())
    assert (await stage.carry_through(run)).state == "stuck"
    before = await stage.seen()
    with pytest.raises(Conflict) as refused:
        await end(stage, run, undo=True)
    assert (refused.value.code, await stage.seen()) == ("past_pivot", before)
    await end(stage, run, undo=False)
    story = await stage.port.run(run=run)
    order = await stage.order(run)
    assert order is not None
    assert (story.line.state, story.line.subject, story.results["place"]) == ("ended", order.id, order.id)
    assert (await stage.seen(), before.points, before.charges) == (
        before, (0, POINTS), [[*AUTHORISED, ("capture", PAYABLE)]],
    )  # fmt: skip
    said = story.history[-1]
    assert (said.step, said.outcome, said.actor, said.note) == (
        "end", "ended", "acc_operator", "asked for by telephone",
    )  # fmt: skip


async def test_who_ended_a_checkout_is_audited_once(stage: Stage) -> None:
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    for _ in range(2):
        await end(stage, run, undo=True)
    rows = await stage.house.rows(
        "checkout", "SELECT actor, action, details FROM checkout.audit WHERE object_id = :run", run=run
    )
    assert [tuple(row) for row in rows] == [
        ("acc_operator", "checkout.ended", {"reason": "asked for by telephone", "undo": True})
    ]


async def test_runs_are_listed_by_state_and_page(stage: Stage) -> None:
    piece = await stage.piece(units=3)
    started = [
        (await stage.start(stage.wanting((piece, 1), expected=1_000_000), str(n))).run for n in range(3)
    ]
    await end(stage, started[1], undo=True)
    first = await stage.port.runs(state="running", limit=1)
    assert ([line.run for line in first.items], first.next) == ([started[2]], started[2])
    second = await stage.port.runs(state="running", cursor=started[2], limit=1)
    assert ([line.run for line in second.items], second.items[0].step) == ([started[0]], "authorise")
    ended = (await stage.port.runs(state="ended")).items[0]
    assert (ended.run, ended.problem_code, ended.problem) == (
        started[1],
        "ended_by_hand",
        "asked for by telephone",
    )
