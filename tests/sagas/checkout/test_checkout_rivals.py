"""Several checkouts at once: what one run does, and undoes, is never another's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from luxe.kernel.errors import Conflict
from luxe.kernel.saga import Run
from luxe.sagas.checkout.contract import CheckoutInput, CheckoutView
from tests.sagas.checkout.stage import POINTS, Effects, Stage

PRICE = 1_000_000
PAID: Effects = [("create", PRICE), ("authorise", PRICE), ("capture", PRICE)]
VOIDED: Effects = [("create", PRICE), ("void", PRICE)]


async def at_once(stage: Stage, *wanted: CheckoutInput) -> list[CheckoutView]:
    """Starts all together; in the order given."""
    started = await asyncio.gather(
        *(stage.port.start(key=f"key {number}", input=each) for number, each in enumerate(wanted))
    )
    stage.runs |= {view.run: each.account_id for view, each in zip(started, wanted, strict=True)}
    await stage.idle()
    return [await stage.view(view.run) for view in started]


@pytest.mark.usefixtures("binding")
async def test_of_two_who_want_the_last_piece_one_buys_it(stage: Stage) -> None:
    ring = await stage.piece(units=1)
    views = await at_once(
        stage,
        stage.wanting((ring, 1), expected=PRICE),
        stage.wanting((ring, 1), expected=PRICE, account=stage.yan),
    )
    winner, loser = sorted(views, key=lambda view: view.state, reverse=True)
    assert (winner.state, loser.state, loser.problem_code) == ("running", "refused", "momentarily_held")
    await stage.pay(winner.run)
    await stage.settle()
    assert (await stage.view(winner.run)).state == "done"
    owner, other = stage.runs[winner.run], stage.runs[loser.run]
    assert (await stage.seen(owner)).charges == [PAID]
    empty_handed = await stage.seen(other)
    assert (empty_handed.charges, empty_handed.orders) == ([], [])
    assert empty_handed.stock == {ring: (0, 0, 0)}
    late = await stage.start(stage.wanting((ring, 1), expected=PRICE, account=other), key="late")
    assert (late.state, late.problem_code) == ("refused", "sold_out")
    assert await stage.seen(other) == empty_handed


async def test_twelve_who_want_three_pieces_buy_three(stage: Stage) -> None:
    ring = await stage.piece(units=3)
    accounts = [stage.mei, stage.yan] * 6
    views = await at_once(
        stage, *(stage.wanting((ring, 1), expected=PRICE, account=account) for account in accounts)
    )
    winners = [view.run for view in views if view.pay_at]
    assert {view.problem_code for view in views if not view.pay_at} == {"momentarily_held"}
    assert len(winners) == 3
    for run in winners:
        await stage.pay(run)
    await stage.settle()
    assert [(await stage.view(run)).state for run in winners] == ["done"] * 3
    charges = [*(await stage.seen()).charges, *(await stage.seen(stage.yan)).charges]
    assert (charges, (await stage.seen()).stock) == ([PAID] * 3, {ring: (0, 0, 0)})


async def test_a_piece_that_was_given_up_can_be_bought_by_the_other(stage: Stage) -> None:
    ring = await stage.piece(units=1)
    mine = await stage.start(stage.wanting((ring, 1), expected=PRICE))
    hers = stage.wanting((ring, 1), expected=PRICE, account=stage.yan)
    assert (await stage.start(hers, key="early")).problem_code == "momentarily_held"
    await stage.give_up(mine.run)
    assert (await stage.buy(hers, key="again")).state == "done"
    assert (await stage.seen()).charges == [VOIDED]
    seen = await stage.seen(stage.yan)
    assert (seen.charges, seen.orders, seen.stock) == ([PAID], ["paid"], {ring: (0, 0, 0)})


async def test_the_same_points_are_spent_once(stage: Stage) -> None:
    one, other = await stage.piece(), await stage.piece()
    points = POINTS - 5_000
    wanted = [stage.wanting((each, 1), points=points, expected=PRICE - points) for each in (one, other)]
    views = await at_once(stage, *wanted)
    winner, loser = sorted(views, key=lambda view: view.state, reverse=True)
    assert (winner.state, loser.state, loser.problem_code) == ("running", "refused", "points_short")
    assert (await stage.seen()).points == (5_000, points)
    await stage.pay(winner.run)
    await stage.settle()
    assert (await stage.view(winner.run)).state == "done"
    earned = (PRICE - points) // 100
    assert (await stage.seen()).points == (5_000 + earned, 0)
    assert await stage.journals(winner.run) == [("hold", 0), ("redeem", -points), ("earn", earned)]
    assert await stage.journals(loser.run) == []


@pytest.mark.parametrize("far", ["waiting", "placed"])
@pytest.mark.parametrize("rival", ["waiting", "paid"])
async def test_undoing_a_run_leaves_the_members_other_run_alone(stage: Stage, far: str, rival: str) -> None:
    """Both are Mei's, of the same piece, with points, on two devices; one is undone."""
    ring = await stage.piece(units=2)
    wanted = stage.wanting((ring, 1), points=5_000, expected=PRICE - 5_000)
    kept = (await (stage.start if rival == "waiting" else stage.buy)(wanted, key="kept")).run
    units, journals, log = await stage.units(kept), await stage.journals(kept), await stage.log(kept)
    before = await stage.seen()
    undone = (await stage.start(wanted, key="undone")).run
    assert (await stage.seen()).points == (before.points[0] - 5_000, before.points[1] + 5_000)
    await _undo(stage, undone, far)
    assert (await stage.view(undone)).state == "refused"
    assert (await stage.units(kept), await stage.journals(kept), await stage.log(kept)) == (
        units,
        journals,
        log,
    )
    void: Effects = [("create", PRICE - 5_000), ("void", PRICE - 5_000)]
    if far == "placed":
        void.insert(1, ("authorise", PRICE - 5_000))
    after = replace(
        before,
        charges=[*before.charges, void],
        orders=[*before.orders, *(["cancelled"] if far == "placed" else [])],
    )
    assert await stage.seen() == after
    if rival == "waiting":
        await stage.pay(kept)
        await stage.settle()
    assert (await stage.view(kept)).state == "done"
    order = await stage.order(kept)
    assert order is not None
    assert await stage.units(kept) == [(ring, order.id)]


async def _undo(stage: Stage, run: str, far: str) -> None:
    """Gives the run up while it waits, or has it refused when its order was placed."""
    if far == "waiting":
        await stage.give_up(run)
        return

    async def refuse(seen: Run[Any]) -> None:
        if seen.id == run:
            raise Conflict("no", code="refused_by_test")

    stage.breaks.at("place", "end", refuse)
    await stage.pay(run)
    await stage.settle()
    stage.breaks.heal()


async def test_undoing_a_run_leaves_another_members_run_alone(stage: Stage) -> None:
    ring = await stage.piece(units=2)
    mine, hers = await at_once(
        stage,
        stage.wanting((ring, 1), points=5_000, expected=PRICE - 5_000),
        stage.wanting((ring, 1), expected=PRICE, account=stage.yan),
    )
    before, units, log = await stage.seen(stage.yan), await stage.units(hers.run), await stage.log(hers.run)
    await stage.give_up(mine.run)
    assert await stage.seen(stage.yan) == replace(before, stock={ring: (2, 1, 1)})
    assert (await stage.units(hers.run), await stage.log(hers.run)) == (units, log)
    await stage.pay(hers.run)
    await stage.settle()
    assert (await stage.seen(stage.yan)).charges == [PAID]


async def test_a_purchase_takes_no_other_pieces_out_of_the_bag(stage: Stage) -> None:
    """What Mei puts in while she pays stays, and so does Yan's bag with the same piece."""
    ring, scarf = await stage.piece(units=2), await stage.piece()
    await stage.fill_bag(stage.wanting((ring, 1), expected=0))
    await stage.fill_bag(stage.wanting((ring, 1), expected=0, account=stage.yan))
    run = (await stage.start(stage.wanting((ring, 1), expected=PRICE))).run
    await stage.fill_bag(stage.wanting((scarf, 1), expected=0))
    await stage.pay(run)
    await stage.settle()
    assert (await stage.seen()).bag == {scarf: 1}
    assert (await stage.seen(stage.yan)).bag == {ring: 1}
