"""Checking out as the member meets it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from luxe.sagas.checkout.contract import CheckoutView
from tests.sagas.checkout.stage import POINTS, Stage


@pytest.mark.usefixtures("binding")
async def test_a_piece_is_bought(stage: Stage) -> None:
    ring = await stage.piece(units=3)
    wanted = stage.wanting((ring, 1), expected=1_000_000)
    await stage.fill_bag(wanted)
    before = await stage.seen()
    waiting = await stage.start(wanted)
    intent = await stage.intent(waiting.run)
    assert waiting == CheckoutView(
        run=waiting.run, state="running", step="authorise", pay_at=intent.hosted_url, order_id="",
        problem_code="", problem="",
    )  # fmt: skip
    held = replace(before, stock={ring: (3, 1, 2)}, charges=[[("create", 1_000_000)]])
    assert await stage.seen() == held
    await stage.pay(waiting.run)
    await stage.settle()
    order = await stage.order(waiting.run)
    assert order is not None
    assert await stage.view(waiting.run) == replace(
        waiting, state="done", step="commit", pay_at="", order_id=order.id
    )
    paid = [("create", 1_000_000), ("authorise", 1_000_000), ("capture", 1_000_000)]
    assert await stage.seen() == replace(
        before, stock={ring: (2, 0, 2)}, points=(POINTS + 10_000, 0), bag={}, orders=["paid"], charges=[paid]
    )
