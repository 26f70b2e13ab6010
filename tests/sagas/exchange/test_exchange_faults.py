"""Refused or lost at every moment of every step: the member has one piece and has paid for one, or nothing has changed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from luxe.kernel.saga import Run
from luxe.sagas.exchange.flow import flow
from tests.sagas.cancel.stage import BOUGHT, After
from tests.sagas.checkout.breaks import Moment, refusing
from tests.sagas.checkout.stage import EARNED, LEASE_OVER
from tests.sagas.exchange.stage import Swap, Swaps
from tests.sagas.exchange.test_exchange import SHORT, SURPLUS, assert_books_agree, swapped
from tests.sagas.return_item.conftest import Desk
from tests.sagas.return_item.test_return import RING_PAID

STEPS = [step.name for step in flow.steps]
BEFORE_PIVOT = STEPS[: flow.pivot]
PAID = [("create", SHORT), ("authorise", SHORT), ("capture", SHORT)]


async def play(swap: Swap, piece: str, reached: asyncio.Event) -> str:
    """The whole exchange, as people would bring it on; no further than to `reached` without a peer."""
    desk = Desk(swap)
    run = await swap.house_start(piece, reached)
    await _recover(swap, reached)
    await desk.decide(run, or_until=reached)
    await _recover(swap, reached)
    if (await swap.row(run)).state == "running":
        await desk.inspect(run, or_until=reached)
        await _recover(swap, reached)
    if (await swap.view(run)).step == "difference" and (await swap.row(run)).state == "running":
        await swap.begin_to_pay(run)
        await swap.idle(or_until=reached)
        await _recover(swap, reached)
        await swap.pay_there(run)
        await swap.idle(or_until=reached)
        await _recover(swap, reached)
    await swap.carry_through(run)
    return run


async def _recover(swap: Swap, reached: asyncio.Event) -> None:
    """If the process is lost by now, a peer goes on when its lease has run out."""
    if reached.is_set():
        await swap.kill()
        await swap.later(seconds=LEASE_OVER)


@pytest.mark.parametrize("step", STEPS)
async def test_a_peer_finishes_what_a_lost_process_began(afters: Swaps, step: str) -> None:
    """With a difference to pay up to the pivot, and with one to give back after it."""

    async def scene(after: After, moment: Moment) -> bool:
        assert isinstance(after, Swap)
        reached = after.breaks.lose(step, moment)
        dear = STEPS.index(step) <= flow.pivot + 1
        run = await play(after, after.dearer if dear else after.brooch, reached)
        assert (await after.row(run)).state == "done"
        seen = await after.seen()
        if dear:
            change = {"charges": [BOUGHT, PAID], "points": (EARNED + SHORT // 100, 0)}
            assert seen == swapped(after, after.dearer, **change)
            assert await after.kept() == [(RING_PAID, "kept")]
        else:
            charges = [[*BOUGHT, ("refund", SURPLUS)]]
            assert seen == swapped(after, after.brooch, charges=charges, points=(EARNED + 9_135 - 5_846, 0))
        await assert_books_agree(after)
        return reached.is_set()

    await afters.at_every_moment(step, scene)


@pytest.mark.parametrize("step", BEFORE_PIVOT)
async def test_a_refusal_leaves_everything_as_it_was(afters: Swaps, step: str) -> None:
    async def scene(after: After, moment: Moment) -> bool:
        assert isinstance(after, Swap)
        reached = asyncio.Event()

        async def refuse(run: Run[Any]) -> None:
            reached.set()
            await refusing()(run)

        after.breaks.at(step, moment, refuse)
        desk = Desk(after)
        run = await after.ask(after.dearer)
        if (await after.row(run)).state == "running":
            await desk.decide(run)
        if (await after.row(run)).state == "running" and (await desk.of(run)).state == "approved":
            await desk.inspect(run)
        if (await after.view(run)).step == "difference" and (await after.row(run)).state == "running":
            await after.pay(run)
            await after.idle()
        row = await after.carry_through(run)
        if reached.is_set():
            assert (row.state, (row.problem or {})["code"]) == ("refused", "refused_by_test")
            seen = await after.seen()
            assert replace(seen, charges=[], orders=[]) == replace(after.before, charges=[], orders=[])
            assert all(effects[-1][0] == "void" for effects in seen.charges[1:] if len(effects) > 1)
            assert seen.orders[0] == "delivered"
            assert set(seen.orders[1:]) <= {"cancelled"}
            assert (await after.refunds(), await after.kept()) in (([], []), ([], [(RING_PAID, "dropped")]))
            await assert_books_agree(after)
        return reached.is_set()

    await afters.at_every_moment(step, scene)
