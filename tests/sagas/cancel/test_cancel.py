"""A paid order is cancelled: everything goes back to where it came from, once."""

from __future__ import annotations

import asyncio

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.sagas.cancel.contract import CancelView, Port
from luxe.services.orders.contract import OrderCancelled, OrderRefunded
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.payments.contract import Port as PaymentsPort
from tests.sagas.cancel.conftest import REASON
from tests.sagas.cancel.stage import OPERATOR, PAID, After, Afters, fresh_key, refusing_provider
from tests.sagas.checkout.stage import EARNED, PAYABLE, POINTS

WHOLE = Money(PAYABLE, "CNY")


async def test_everything_goes_back_to_where_it_came_from(after: After) -> None:
    run = await after.begin()
    row = await after.row(run)
    assert (row.state, row.problem) == ("done", None)
    told = [step for step, _ in await after.log(run)]
    assert told == ["close", "refund", "gift_cards", "points", "restock", "finish"]
    assert await after.seen() == after.cancelled()
    order = await after.order()
    assert [entry.what for entry in order.timeline] == [*PAID, "cancelling", "refunded", "cancelled"]
    assert {entry.actor for entry in order.timeline[3:]} == {after.stage.mei}
    (refund,) = await after.refunds()
    assert (refund.kind, refund.state, refund.amount, refund.goods) == ("cancellation", "done", WHOLE, WHOLE)
    assert (refund.points_back, refund.points_taken, refund.reason) == (POINTS, EARNED, REASON)
    said = await after.house.facts(OrderCancelled)
    assert (said[-1].order_id, said[-1].reason, said[-1].refunded) == (order.id, REASON, WHOLE)
    told = (await after.house.facts(OrderRefunded))[-1]
    assert (told.order_id, told.qualifying, told.points_back, told.points_taken) == (
        (order.id, WHOLE, POINTS, EARNED)
    )


async def test_the_very_pieces_can_be_bought_again(after: After) -> None:
    await after.begin()
    stage, wanted = after.stage, after.basket.wanted
    serials = [line.serials for line in (await after.order()).draft.lines]
    view = await stage.buy(wanted, key="again")
    second = await stage.order(view.run)
    assert second is not None
    assert [sorted(line.serials) for line in second.draft.lines] == [sorted(each) for each in serials]


async def test_an_operator_cancels_with_a_reason(after: After) -> None:
    port = after.house.port(Port)
    with pytest.raises(Refusal) as refused:
        await port.start(key=fresh_key(), by=OPERATOR, order_id=after.order_id, reason=" ")
    assert refused.value.code == "reason_missing"
    assert await after.seen() == after.basket.bought
    await port.start(key=fresh_key(), by=OPERATOR, order_id=after.order_id, reason="The piece is damaged")
    await after.idle()
    assert await after.seen() == after.cancelled()
    assert {entry.actor for entry in (await after.order()).timeline[3:]} == {OPERATOR}


async def test_nobody_cancels_what_is_not_theirs(after: After) -> None:
    port = after.house.port(Port)
    with pytest.raises(Refusal) as refused:
        await port.start(
            key=fresh_key(), by="acc_other", order_id=after.order_id, reason="", account_id="acc_other"
        )
    assert refused.value.code == "order_unknown"
    run = await after.begin()
    with pytest.raises(Refusal) as refused:
        await port.view(run=run, account_id="acc_other")
    assert refused.value.code == "run_unknown"


async def test_what_has_left_the_house_is_not_cancelled(after: After) -> None:
    await after.house.port(OrdersPort).ship(order_id=after.order_id)
    shipped = await after.seen()
    with pytest.raises(Refusal) as refused:
        await after.start(after)
    assert (refused.value.code, refused.value.extra["state"]) == ("order_state", "shipped")
    assert (await after.seen(), await after.refunds()) == (shipped, [])


async def test_the_same_key_is_the_same_run(after: After) -> None:
    port, mei = after.house.port(Port), after.stage.mei
    wanted = {"key": "once", "by": mei, "order_id": after.order_id, "reason": "", "account_id": mei}
    first = await port.start(**wanted)
    await after.idle()
    again = await port.start(**wanted)
    await after.idle()
    assert (again.run, again.state) == (first.run, "done")
    assert await after.seen() == after.cancelled()
    with pytest.raises(Refusal) as refused:
        await port.start(**(wanted | {"reason": "another"}))
    assert refused.value.code == "key_reused"


async def test_two_cancellations_at_once_have_one_effect(after: After) -> None:
    """The other is refused: at the door if the first is far ahead, else by its own run."""
    port, mei = after.house.port(Port), after.stage.mei
    begun = await asyncio.gather(
        port.start(key=fresh_key(), by=mei, order_id=after.order_id, reason="", account_id=mei),
        port.start(key=fresh_key(), by=OPERATOR, order_id=after.order_id, reason="The piece is damaged"),
        return_exceptions=True,
    )
    await after.idle()
    rows = [await after.row(each.run) for each in begun if isinstance(each, CancelView)]
    at_the_door = [each.code for each in begun if isinstance(each, Refusal)]
    assert sorted(row.state for row in rows) in (["done"], ["done", "refused"])
    assert at_the_door + [row.problem["code"] for row in rows if row.problem] == ["order_state"]
    assert await after.seen() == after.cancelled()
    assert len(await after.refunds()) == 1


@pytest.mark.parametrize("first", ["cancel", "ship"])
async def test_of_shipping_and_cancelling_exactly_one_succeeds(afters: Afters, first: str) -> None:
    """Both are on their way at once; whichever is ahead, the other is refused and has changed nothing."""
    for _ in range(3):
        after = await afters.open()
        orders = after.house.port(OrdersPort)
        acts = [after.start(after), orders.ship(order_id=after.order_id)]
        done = await asyncio.gather(*(acts if first == "cancel" else reversed(acts)), return_exceptions=True)
        await after.idle()
        order = await after.order()
        refused = [each for each in done if isinstance(each, Refusal)]
        assert [each.code for each in refused if each.code != "order_state"] == []
        if order.state == "shipped":
            assert [entry.what for entry in order.timeline] == [*PAID, "shipped"]
            assert await after.refunds() == []
            assert (await after.seen()).points == after.basket.bought.points
        else:
            assert len(refused) == 1
            assert await after.seen() == after.cancelled()


async def test_a_refund_that_the_provider_refuses_waits_for_a_person_and_is_tried_anew(after: After) -> None:
    """A refused refund stays refused under its key: who resumes the run tries another."""
    with refusing_provider(after):
        row = await after.carry_through(await after.begin())
        assert row.state == "stuck"
        assert (await after.order()).state == "cancelling"
        assert (await after.seen()).charges == after.basket.bought.charges
        await after.house.port(Port).resume(run=row.id)
        await after.idle()
    assert (await after.row(row.id)).state == "done"
    assert await after.seen() == after.cancelled()
    given = await after.house.port(PaymentsPort).refunds(run=after.payment_run)
    assert [(each.key, each.state) for each in given] == [(f"{row.id} 1", "succeeded")]


async def test_a_person_may_open_the_order_again_while_nothing_has_gone_back(after: After) -> None:
    with refusing_provider(after):
        row = await after.carry_through(await after.begin())
        await after.house.port(Port).end(run=row.id, reason="we ship it after all", undo=True)
        await after.idle()
    assert (await after.row(row.id)).state == "ended"
    assert [entry.what for entry in (await after.order()).timeline] == [*PAID, "cancelling", "reopened"]
    assert (await after.seen(), await after.refunds()) == (after.basket.bought, [])
