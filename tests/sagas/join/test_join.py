"""Joining as a member meets it."""

from __future__ import annotations

import asyncio

import pytest

from luxe.kernel.errors import Refusal
from luxe.sagas.join.contract import JoinInput, JoinView
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.payments.contract import IntentState
from tests.sagas.join.stage import FEE, Stage


@pytest.mark.usefixtures("binding")
async def test_an_approved_applicant_pays_and_is_a_member(stage: Stage) -> None:
    await stage.approved("acc_mei")
    view = await stage.start()
    assert view == JoinView(
        run=view.run, state="running", step="authorisation", pay_at=f"http://psp.test/pay/{view.run}",
        problem_code="", problem="",
    )  # fmt: skip
    stage.provider.pay(view.run)
    await stage.tell(view.run)
    assert await stage.look(view.run) == JoinView(
        run=view.run, state="done", step="", pay_at="", problem_code="", problem=""
    )
    await stage.assert_joined(view.run)


@pytest.mark.usefixtures("binding")
async def test_coming_back_from_the_page_does_not_wait_for_the_webhook(stage: Stage) -> None:
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    stage.provider.pay(run)
    await stage.port.returned(run=run, account_id="acc_mei")
    await stage.idle()
    await stage.assert_joined(run)


async def test_a_lost_webhook_and_a_closed_tab_are_found_out(stage: Stage) -> None:
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    stage.provider.pay(run)
    await stage.later(seconds=15)
    await stage.assert_joined(run)


async def test_a_declined_card_is_not_the_end(stage: Stage) -> None:
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    stage.provider.set(run, "requires_method", failure="insufficient_funds")
    await stage.tell(run)
    assert (await stage.look(run)).state == "running"
    stage.provider.set(run, "requires_action")
    await stage.tell(run)
    assert (await stage.look(run)).pay_at == f"http://psp.test/pay/{run}"
    stage.provider.pay(run)
    await stage.tell(run)
    await stage.assert_joined(run)


@pytest.mark.parametrize(
    ("state", "code"),
    [("failed", "payment_failed"), ("voided", "payment_failed"), ("expired", "payment_expired")],
)
async def test_a_payment_that_ended_undoes_everything(stage: Stage, state: IntentState, code: str) -> None:
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    stage.provider.set(run, state, failure="abandoned")
    await stage.tell(run)
    view = await stage.look(run)
    assert (view.state, view.problem_code, view.pay_at) == ("refused", code, "")
    await stage.assert_untouched()


async def test_after_half_an_hour_the_page_is_closed(stage: Stage) -> None:
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    await stage.later(minutes=29)
    assert (await stage.look(run)).state == "running"
    await stage.later(minutes=31)
    view = await stage.look(run)
    assert (view.state, view.problem_code) == ("refused", "payment_expired")
    stage.provider.pay(run)
    await stage.assert_untouched()


async def test_after_a_refusal_joining_can_be_started_again(stage: Stage) -> None:
    await stage.approved("acc_mei")
    first = (await stage.start()).run
    stage.provider.set(first, "failed")
    await stage.tell(first)
    second = (await stage.start(key="another")).run
    assert second != first
    stage.provider.pay(second)
    await stage.tell(second)
    await stage.assert_joined(second)


async def test_a_psp_that_does_not_answer_is_asked_again(stage: Stage) -> None:
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    stage.provider.pay(run)
    stage.provider.answers = False
    for minute in range(1, 29):
        await stage.later(minutes=minute)
    assert (await stage.look(run)).state == "running"
    stage.provider.answers = True
    await stage.later(minutes=35)
    await stage.assert_joined(run)


@pytest.mark.usefixtures("binding")
async def test_nobody_pays_without_approval_or_twice(stage: Stage) -> None:
    with pytest.raises(Refusal) as refused:
        await stage.start()
    assert refused.value.code == "not_approved"
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    stage.provider.pay(run)
    await stage.tell(run)
    with pytest.raises(Refusal) as refused:
        await stage.start(key="another")
    assert refused.value.code == "already_member"
    assert (await stage.start()).run == run, "the same key is still the same run"
    await stage.assert_joined(run)


@pytest.mark.usefixtures("binding")
async def test_a_key_is_used_for_one_thing(stage: Stage) -> None:
    await stage.approved("acc_mei")
    await stage.start()
    with pytest.raises(Refusal) as refused:
        await stage.start(currency="EUR")
    assert (refused.value.code, refused.value.status) == ("key_reused", 422)


async def test_a_double_click_and_a_second_tab_pay_once(stage: Stage) -> None:
    await stage.approved("acc_mei")
    wanted = JoinInput(account_id="acc_mei", currency="CNY", locale="en")
    clicks = [stage.port.start(key=key, input=wanted) for key in ("a", "a", "b", "c")]
    runs = {view.run for view in await asyncio.gather(*clicks)}
    await stage.idle()
    assert len(runs) == 1
    assert list(stage.provider.by_run) == list(runs)


async def test_another_currency_takes_the_place_of_the_first(stage: Stage) -> None:
    await stage.approved("acc_mei")
    first = (await stage.start(key="a")).run
    second = await stage.start(key="b", currency="EUR")
    await stage.idle()
    assert (await stage.look(first)).problem_code == "superseded"
    stage.provider.pay(first)
    assert stage.provider.owed == 0
    stage.provider.pay(second.run)
    await stage.tell(second.run)
    assert stage.provider.captures == [second.run]
    assert (await stage.look(second.run)).state == "done"


async def test_a_fee_that_was_paid_meanwhile_is_not_taken_again(stage: Stage) -> None:
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    await stage.house.port(MembershipPort).activate(run="run_office", account_id="acc_mei", fee=FEE)
    stage.provider.pay(run)
    await stage.tell(run)
    view = await stage.look(run)
    assert (view.state, view.problem_code) == ("refused", "already_member")
    assert stage.provider.owed == 0


async def test_two_members_join_at_once(stage: Stage) -> None:
    await stage.approved("acc_mei", "acc_yan")
    mei, yan = [await stage.start(account) for account in ("acc_mei", "acc_yan")]
    stage.provider.pay(mei.run)
    stage.provider.set(yan.run, "failed")
    await asyncio.gather(stage.tell(mei.run), stage.tell(yan.run))
    assert (await stage.look(yan.run, "acc_yan")).state == "refused"
    await stage.assert_joined(mei.run)
    assert await stage.membership("acc_yan") is None


@pytest.mark.usefixtures("binding")
async def test_runs_are_their_owners_own(stage: Stage) -> None:
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    for call in (
        stage.port.view(run=run, account_id="acc_yan"),
        stage.port.returned(run=run, account_id="acc_yan"),
        stage.port.view(run="run_x", account_id="acc_mei"),
        stage.port.resume(run="run_x"),
    ):
        with pytest.raises(Refusal) as refused:
            await call
        assert (refused.value.code, refused.value.status) == ("run_unknown", 404)


async def test_payments_for_something_else_wake_nobody(stage: Stage) -> None:
    await stage.approved("acc_mei")
    run = (await stage.start()).run
    stage.provider.pay(run)
    await stage.tell(run, purpose="checkout")
    assert (await stage.look(run)).state == "running"


async def test_joining_over_rest(stage: Stage) -> None:
    await stage.approved("acc_mei")
    rest = stage.house.rest
    mei = {"authorization": "Bearer acc_mei", "idempotency-key": "1"}
    started = await rest.post("/v1/join", json={"currency": "CNY"}, headers=mei)
    assert started.status_code == 201
    again = await rest.post("/v1/join", json={"currency": "CNY"}, headers=mei)
    assert again.json()["run"] == started.json()["run"]
    await stage.idle()
    path = f"/v1/join/{started.json()['run']}"
    assert (await rest.get(path, headers=mei)).json()["pay_at"].startswith("http://psp.test/pay/")
    assert (await rest.get(path, headers={"authorization": "Bearer acc_yan"})).status_code == 404
    assert (await rest.get(path)).status_code == 401
    keyless = await rest.post(
        "/v1/join", json={"currency": "CNY"}, headers={"authorization": "Bearer acc_mei"}
    )
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_missing")
    other = await rest.post("/v1/join", json={"currency": "cny"}, headers=mei | {"idempotency-key": "2"})
    assert other.status_code == 422
