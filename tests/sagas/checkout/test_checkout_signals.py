"""News of a payment that comes twice, late, in another order or never, and members who come back or leave."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from luxe.services.payments.contract import PaymentAuthorised, PaymentFailed
from tests.sagas.checkout.stage import LEASE_OVER, PAYABLE, Basket, Effects, Stage
from tests.services.payments.provider import eventually

VOIDED: Effects = [("create", PAYABLE), ("authorise", PAYABLE), ("void", PAYABLE)]


async def waiting(stage: Stage) -> tuple[Basket, str]:
    basket = await stage.basket()
    return basket, (await stage.start(basket.wanted)).run


async def authorised(stage: Stage, run: str) -> PaymentAuthorised:
    return PaymentAuthorised(intent_id=(await stage.intent(run)).id, run=run, purpose="checkout")


@pytest.mark.usefixtures("binding")
async def test_coming_back_does_not_wait_for_the_webhook(stage: Stage) -> None:
    basket, run = await waiting(stage)
    await stage.psp.fault(webhook={"lose": 99})
    await stage.psp.pay(await stage.intent(run))
    await stage.port.returned(run=run, account_id=stage.mei)
    await stage.idle()
    assert await stage.seen() == basket.bought


async def test_a_lost_webhook_and_a_closed_tab_are_found_out(stage: Stage) -> None:
    basket, run = await waiting(stage)
    await stage.psp.fault(webhook={"lose": 99})
    await stage.psp.pay(await stage.intent(run))
    await stage.later(seconds=59)
    assert (await stage.view(run)).state == "running"
    await stage.later(seconds=2)
    assert await stage.seen() == basket.bought


async def test_who_pays_in_the_last_minute_and_closes_the_tab_has_bought(stage: Stage) -> None:
    basket, run = await waiting(stage)
    await stage.psp.fault(webhook={"lose": 99})
    await stage.later(minutes=14, seconds=50)
    await stage.psp.pay(await stage.intent(run))
    await stage.later(seconds=11)
    assert await stage.seen() == basket.bought


@pytest.mark.parametrize("times", [2, 5])
async def test_coming_back_again_and_again_buys_once(stage: Stage, times: int) -> None:
    basket, run = await waiting(stage)
    await stage.pay(run)
    back = [stage.port.returned(run=run, account_id=stage.mei) for _ in range(times)]
    await asyncio.gather(stage.news(), *back)
    await stage.idle()
    assert await stage.seen() == basket.bought
    await stage.port.returned(run=run, account_id=stage.mei)
    await stage.idle()
    assert await stage.seen() == basket.bought


async def test_coming_back_unpaid_changes_nothing(stage: Stage) -> None:
    _, run = await waiting(stage)
    before, view = await stage.seen(), await stage.view(run)
    for _ in range(2):
        await stage.port.returned(run=run, account_id=stage.mei)
        await stage.idle()
    assert (await stage.seen(), await stage.view(run)) == (before, view)


async def test_a_webhook_that_comes_twice_is_heard_once(stage: Stage) -> None:
    basket, run = await waiting(stage)
    await stage.psp.fault(webhook={"duplicate": 9})
    await stage.pay(run)
    intent = await stage.intent(run)

    async def delivered() -> list[str]:
        return [each["kind"] for each in await stage.psp.deliveries(intent) if each["status"] < 300]

    await eventually(delivered, ["event", "duplicate"])
    await stage.settle()
    assert await stage.seen() == basket.bought
    assert stage.heard.of(PaymentAuthorised, intent.id) == 1


@pytest.mark.parametrize("id", ["", "fact_the_same"])
async def test_a_fact_that_comes_twice_has_one_effect(stage: Stage, id: str) -> None:
    basket, run = await waiting(stage)
    await stage.pay(run)
    fact = await authorised(stage, run)
    await asyncio.gather(*(stage.tell(fact, id=id and f"{id}_{run}") for _ in range(3)))
    assert await stage.seen() == basket.bought
    await stage.tell(fact)
    await stage.settle()
    assert await stage.seen() == basket.bought


async def test_webhooks_in_the_wrong_order_change_nothing(stage: Stage) -> None:
    """The PSP tells of the capture first, and of the authorisation when all is over."""
    basket, run = await waiting(stage)
    await stage.psp.fault(webhook={"reorder": True})
    await stage.psp.pay(await stage.intent(run))
    await stage.port.returned(run=run, account_id=stage.mei)
    await stage.idle()
    assert await stage.seen() == basket.bought
    intent = await stage.intent(run)

    async def delivered() -> list[str]:
        return [each["type"] for each in await stage.psp.deliveries(intent)]

    await eventually(delivered, ["intent.captured", "intent.authorised"])
    await stage.settle()
    assert await stage.seen() == basket.bought


async def test_news_before_the_payment_stands_is_not_believed(stage: Stage) -> None:
    """A failure that the PSP does not confirm, for one; the run goes on waiting."""
    basket, run = await waiting(stage)
    before = await stage.seen()
    intent = await stage.intent(run)
    await stage.tell(PaymentFailed(intent_id=intent.id, run=run, purpose="checkout", failure="declined"))
    assert (await stage.seen(), (await stage.view(run)).pay_at) == (before, intent.hosted_url)
    await stage.pay(run)
    await stage.settle()
    assert await stage.seen() == basket.bought


@pytest.mark.parametrize("purpose", ["join", "rental"])
async def test_payments_for_something_else_wake_nobody(stage: Stage, purpose: str) -> None:
    _, run = await waiting(stage)
    before = await stage.log(run)
    intent = await stage.intent(run)
    await stage.tell(PaymentAuthorised(intent_id=intent.id, run=run, purpose=purpose))
    await stage.tell(PaymentFailed(intent_id=intent.id, run=run, purpose=purpose, failure="declined"))
    assert await stage.log(run) == before


async def test_a_payment_that_comes_after_leaving_is_given_back(stage: Stage) -> None:
    """Mei pays, leaves before the webhook comes, and then it does come."""
    basket, run = await waiting(stage)
    await stage.psp.fault(webhook={"lose": 99})
    await stage.psp.pay(await stage.intent(run))
    await stage.give_up(run)
    view = await stage.view(run)
    assert (view.state, view.problem_code) == ("refused", "abandoned")
    given_back = replace(basket.before, charges=[VOIDED])
    assert await stage.seen() == given_back
    await stage.tell(await authorised(stage, run))
    await stage.port.returned(run=run, account_id=stage.mei)
    await stage.later(minutes=20)
    assert (await stage.seen(), await stage.view(run)) == (given_back, view)


async def test_leaving_once_the_payment_stands_gives_it_back(stage: Stage) -> None:
    """The news of both is there before the run goes on; then leaving counts."""
    basket = await stage.basket()
    awake = asyncio.Event()
    run = await stage.begin(basket.wanted, stage.breaks.stall("authorise", 1, awake))
    await stage.pay(run)
    await stage.news()
    await stage.port.abandon(run=run, account_id=stage.mei)
    awake.set()
    await stage.idle()
    assert (await stage.view(run)).problem_code == "abandoned"
    assert await stage.seen() == replace(basket.before, charges=[VOIDED])


@pytest.mark.parametrize("step", ["place", "capture", "commit"])
async def test_leaving_later_than_that_is_too_late(stage: Stage, step: str) -> None:
    basket = await stage.basket()
    awake = asyncio.Event()
    run = await stage.begin(basket.wanted, stage.breaks.stall(step, 0, awake))
    await stage.port.abandon(run=run, account_id=stage.mei)
    awake.set()
    await stage.idle()
    assert (await stage.view(run)).state == "done"
    assert await stage.seen() == basket.bought


@pytest.mark.parametrize("ends", ["bought", "left"])
async def test_whatever_comes_after_the_end_changes_nothing(stage: Stage, ends: str) -> None:
    _, run = await waiting(stage)
    if ends == "bought":
        await stage.pay(run)
        await stage.settle()
    else:
        await stage.give_up(run)
    after, view, log = await stage.seen(), await stage.view(run), await stage.log(run)
    intent = await stage.intent(run)
    for _ in range(2):
        await stage.give_up(run)
        await stage.port.returned(run=run, account_id=stage.mei)
        await stage.tell(await authorised(stage, run))
        await stage.tell(PaymentFailed(intent_id=intent.id, run=run, purpose="checkout", failure="expired"))
    await stage.later(hours=1)
    assert (await stage.seen(), await stage.view(run), await stage.log(run)) == (after, view, log)


@pytest.mark.parametrize("moment", [0, 1])
async def test_leaving_while_the_payment_is_being_opened_is_not_forgotten(stage: Stage, moment: int) -> None:
    basket = await stage.basket()
    awake = asyncio.Event()
    run = await stage.begin(basket.wanted, stage.breaks.stall("authorise", moment, awake))
    await stage.port.abandon(run=run, account_id=stage.mei)
    awake.set()
    await stage.idle()
    assert (await stage.view(run)).problem_code == "abandoned"
    seen = await stage.seen()
    assert seen == replace(basket.before, charges=[[("create", PAYABLE), ("void", PAYABLE)]])


@pytest.mark.parametrize("news", ["paid", "left"])
async def test_news_for_a_lost_process_waits_for_its_peer(stage: Stage, news: str) -> None:
    """The run is still leased to a process that is gone."""
    basket = await stage.basket()
    run = await stage.begin(basket.wanted, stage.breaks.lose("authorise", 1))
    await stage.kill()
    if news == "paid":
        await stage.pay(run)
        await stage.settle()
    else:
        await stage.give_up(run)
    assert (await stage.view(run)).state == "running"
    await stage.later(seconds=LEASE_OVER)
    if news == "paid":
        assert await stage.seen() == basket.bought
    else:
        void: Effects = [("create", PAYABLE), ("void", PAYABLE)]
        assert await stage.seen() == replace(basket.before, charges=[void])
