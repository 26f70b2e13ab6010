"""Checking out as the member meets it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.sagas.checkout.contract import CheckoutView
from luxe.services.orders.contract import OrderCancelled, OrderPaid, OrderPlaced
from luxe.services.payments.contract import PaymentAuthorised, PaymentFailed, PaymentVoided
from tests.sagas.checkout.stage import ADDRESS, EARNED, PAYABLE, POINTS, Effects, Stage
from tests.services.payments.provider import CHALLENGED

PAID: Effects = [("create", 1_000_000), ("authorise", 1_000_000), ("capture", 1_000_000)]


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
    held = replace(before, stock={ring: (3, 1, 2)}, charges=[PAID[:1]])
    assert await stage.seen() == held
    await stage.pay(waiting.run)
    await stage.settle()
    order = await stage.order(waiting.run)
    assert order is not None
    assert await stage.view(waiting.run) == replace(
        waiting, state="done", step="commit", pay_at="", order_id=order.id
    )
    assert await stage.seen() == replace(
        before, stock={ring: (2, 0, 2)}, points=(POINTS + 10_000, 0), bag={}, orders=["paid"], charges=[PAID]
    )
    assert await stage.units(waiting.run) == [(ring, order.id)]
    assert await stage.journals(waiting.run) == [("earn", 10_000)]


async def test_several_pieces_are_bought_with_points(stage: Stage) -> None:
    basket = await stage.basket()
    view = await stage.buy(basket.wanted)
    assert (view.state, view.problem_code) == ("done", "")
    assert await stage.seen() == basket.bought
    assert await stage.journals(view.run) == [("hold", 0), ("redeem", -POINTS), ("earn", EARNED)]
    steps = [step for step, outcome in await stage.log(view.run) if outcome == "done"]
    assert steps == ["hold", "authorise", "place", "capture", "commit"]


async def test_the_order_says_what_was_bought_for_what(stage: Stage) -> None:
    basket = await stage.basket()
    gift = replace(basket.wanted, gift_message="For Clara", gift_wrap=True)
    view = await stage.buy(replace(gift, address=replace(ADDRESS, name=" Lin Mei ", country="cn")))
    order = await stage.order(view.run)
    assert order is not None
    draft = order.draft
    assert (order.id, order.run, order.state) == (view.order_id, view.run, "paid")
    assert (draft.account_id, draft.address, draft.deliver_on) == (stage.mei, ADDRESS, gift.deliver_on)
    assert (draft.gift_message, draft.gift_wrap, order.points_earned) == ("For Clara", True, EARNED)
    assert (draft.goods, draft.delivery) == (Money(1_300_000, "CNY"), Money(0, "CNY"))
    assert (draft.points, draft.points_worth) == (POINTS, Money(20_000, "CNY"))
    assert draft.payable == Money(PAYABLE, "CNY")
    ring, scarf = draft.lines
    assert (ring.quantity, ring.unit.minor, ring.total.minor) == (1, 1_000_000, 1_000_000)
    assert (scarf.quantity, scarf.unit.minor, scarf.total.minor) == (2, 150_000, 300_000)
    assert [(entry.what, entry.actor) for entry in order.timeline] == [
        ("placed", stage.mei), ("paid", stage.mei), ("points_earned", stage.mei),
    ]  # fmt: skip
    statement = "SELECT serial FROM inventory.units WHERE run = :run"
    serials = sorted(row.serial for row in await stage.house.rows("inventory", statement, run=view.run))
    assert sorted(serial for line in draft.lines for serial in line.serials) == serials
    assert (len(ring.serials), len(scarf.serials)) == (1, 2)


async def test_each_fact_of_a_purchase_is_told_once(stage: Stage) -> None:
    basket = await stage.basket()
    view = await stage.buy(basket.wanted)
    intent = await stage.intent(view.run)
    await stage.hear(view.run, "captured")
    await stage.news()
    told = [await stage.facts(kind, view.order_id) for kind in (OrderPlaced, OrderPaid, OrderCancelled)]
    assert told == [1, 1, 0]
    kinds = (PaymentAuthorised, PaymentFailed, PaymentVoided)
    assert [stage.heard.of(kind, intent.id) for kind in kinds] == [1, 0, 0]


async def test_a_challenged_card_pays_once_it_has_answered(stage: Stage) -> None:
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    intent = await stage.intent(run)
    await stage.psp.pay(intent, CHALLENGED)
    await stage.port.returned(run=run, account_id=stage.mei)
    await stage.idle()
    assert (await stage.view(run)).pay_at == intent.hosted_url
    await stage.answer_challenge(run)
    await stage.hear(run, "authorised")
    await stage.settle()
    paid = [("create", PAYABLE), ("challenge", PAYABLE), *basket.bought.charges[0][1:]]
    assert await stage.seen() == replace(basket.bought, charges=[paid])


@pytest.mark.usefixtures("binding")
async def test_the_same_key_is_the_same_run(stage: Stage) -> None:
    basket = await stage.basket()
    clicks = [stage.port.start(key="key", input=basket.wanted) for _ in range(4)]
    (run,) = {view.run for view in await asyncio.gather(*clicks)}
    stage.runs[run] = stage.mei
    await stage.idle()
    await stage.pay(run)
    await stage.settle()
    assert await stage.seen() == basket.bought
    assert await stage.start(basket.wanted) == await stage.view(run)
    assert await stage.seen() == basket.bought


@pytest.mark.usefixtures("binding")
@pytest.mark.parametrize("when", ["waiting", "bought"])
@pytest.mark.parametrize(
    "change", [{"points": 0}, {"gift_wrap": True}, {"expected": Money(1, "CNY")}, {"locale": "fr"}]
)
async def test_a_key_is_used_for_one_thing(stage: Stage, when: str, change: dict[str, Any]) -> None:
    basket = await stage.basket()
    run = (await (stage.start if when == "waiting" else stage.buy)(basket.wanted)).run
    after, log = await stage.seen(), await stage.log(run)
    with pytest.raises(Refusal) as refused:
        await stage.port.start(key="key", input=replace(basket.wanted, **change))
    assert (refused.value.code, refused.value.status) == ("key_reused", 422)
    assert (await stage.seen(), await stage.log(run)) == (after, log)


async def test_keys_are_their_owners_own(stage: Stage) -> None:
    scarf = await stage.piece(units=2)
    mine = await stage.buy(stage.wanting((scarf, 1), expected=1_000_000), key="key")
    hers = await stage.buy(stage.wanting((scarf, 1), expected=1_000_000, account=stage.yan), key="key")
    assert (mine.state, hers.state, mine.run != hers.run) == ("done", "done", True)
    assert (await stage.seen()).charges == [PAID]
    assert (await stage.seen(stage.yan)).charges == [PAID]


@pytest.mark.usefixtures("binding")
@pytest.mark.parametrize("verb", ["view", "returned", "abandon"])
@pytest.mark.parametrize("whose", ["hers", "nobody's"])
async def test_runs_are_their_owners_own(stage: Stage, verb: str, whose: str) -> None:
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    after, log = await stage.seen(), await stage.log(run)
    signals = "SELECT signals, signal_count FROM checkout.runs WHERE id = :run"
    before = await stage.house.rows("checkout", signals, run=run)
    named = (
        {"run": run, "account_id": stage.yan}
        if whose == "hers"
        else {"run": "run_x", "account_id": stage.mei}
    )
    with pytest.raises(Refusal) as refused:
        await getattr(stage.port, verb)(**named)
    assert (refused.value.code, refused.value.status) == ("run_unknown", 404)
    await stage.idle()
    assert (await stage.seen(), await stage.log(run)) == (after, log)
    assert await stage.house.rows("checkout", signals, run=run) == before


@pytest.mark.parametrize("state", ["waiting", "done"])
async def test_resuming_a_run_that_is_not_stuck_changes_nothing(stage: Stage, state: str) -> None:
    basket = await stage.basket()
    run = (await (stage.buy if state == "done" else stage.start)(basket.wanted)).run
    after, view = await stage.seen(), await stage.view(run)
    await stage.port.resume(run=run)
    await stage.idle()
    assert (await stage.seen(), await stage.view(run)) == (after, view)


@pytest.mark.usefixtures("binding")
async def test_a_run_that_nobody_started_is_not_resumed(stage: Stage) -> None:
    with pytest.raises(Refusal) as refused:
        await stage.port.resume(run="run_x")
    assert (refused.value.code, refused.value.status) == ("run_unknown", 404)
    statement = "SELECT 1 FROM checkout.audit WHERE object_id = 'run_x'"
    assert await stage.house.rows("checkout", statement) == []
