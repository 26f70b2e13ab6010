"""The steps of joining. Every effect carries the run's id."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from luxe.kernel import clock, errors
from luxe.kernel.money import Money
from luxe.kernel.saga import Run, Step, Wait
from luxe.sagas.join.contract import JoinInput
from luxe.services.identity.contract import Port as Identity
from luxe.services.membership.contract import Port as Membership
from luxe.services.payments.contract import Intent
from luxe.services.payments.contract import Port as Payments

PURPOSE = "join"
PAY_WITHIN = timedelta(minutes=30)
LOOK_AGAIN_SOONEST = timedelta(seconds=10)
LOOK_AGAIN_LATEST = timedelta(minutes=5)

_ENDED = {"failed": "payment_failed", "voided": "payment_failed", "expired": "payment_expired"}

JoinRun = Run[JoinInput]


async def find_fee(run: JoinRun) -> Any:
    due = await run.house.port(Membership).fee_due(
        account_id=run.input.account_id, currency=run.input.currency
    )
    return {"plan": due.id, "fee": due.fee}


async def open_intent(run: JoinRun) -> Any:
    intent = await run.house.port(Payments).open(
        run=run.id,
        account_id=run.input.account_id,
        purpose=PURPOSE,
        amount=_fee(run),
        description=f"{run.house.settings.house_name} · {run.results['fee']['plan']}",
        return_path=f"/join/return?run={run.id}",
        locale=run.input.locale,
    )
    return {"intent": intent.id, "pay_at": intent.hosted_url}


async def cancel_intent(run: JoinRun) -> None:
    await run.house.port(Payments).cancel(run=run.id)


async def await_authorisation(run: JoinRun) -> Any:
    """A declined card is no end: another may be tried until the time is up. A PSP that does not answer is asked again."""
    if "superseded" in run.signals:
        raise errors.Conflict("the fee is being paid in another way", code="superseded")
    try:
        intent = await run.house.port(Payments).refresh(run=run.id)
    except errors.Refusal as refusal:
        if refusal.status < 500 or clock.now() >= _deadline(run):
            raise
        raise Wait(_look_again(run)) from refusal
    _refuse_if_ended(intent)
    if intent.state in ("authorised", "captured"):
        await run.house.port(Membership).fee_due(account_id=run.input.account_id, currency=run.input.currency)
        return {"method": intent.method}
    if clock.now() >= _deadline(run):
        raise errors.Gone("the fee was not paid in time", code="payment_expired")
    raise Wait(_look_again(run))


async def capture(run: JoinRun) -> Any:
    intent = await run.house.port(Payments).capture(run=run.id)
    return {"captured": intent.captured}


async def check_nothing_is_captured(run: JoinRun) -> None:
    intent = await run.house.port(Payments).refresh(run=run.id)
    if intent.captured.minor:
        raise errors.Conflict("the fee has been captured", code="past_pivot")


async def activate(run: JoinRun) -> Any:
    membership = await run.house.port(Membership).activate(
        run=run.id, account_id=run.input.account_id, fee=_fee(run)
    )
    return {"number": membership.number, "until": membership.until}


async def welcome(run: JoinRun) -> None:
    """Identity gives the role as well when it hears of the membership; here it is given before the member looks."""
    await run.house.port(Identity).grant_role(
        account_id=run.input.account_id, role="member", reason=f"joined by {run.id}"
    )


def _fee(run: JoinRun) -> Money:
    return msgspec.convert(run.results["fee"]["fee"], Money)


def _deadline(run: JoinRun) -> datetime:
    return run.started_at + PAY_WITHIN


def _look_again(run: JoinRun) -> datetime:
    """Webhooks may be lost, so the PSP is asked as well: less and less often, and at the end of the time."""
    now = clock.now()
    pause = min(max((now - run.started_at) / 4, LOOK_AGAIN_SOONEST), LOOK_AGAIN_LATEST)
    return min(now + pause, max(_deadline(run), now + LOOK_AGAIN_SOONEST))


def _refuse_if_ended(intent: Intent) -> None:
    code = _ENDED.get(intent.state)
    if code is not None:
        raise errors.Gone("the payment did not go through", code=code, failure=intent.failure)


FEE = Step("fee", find_fee)
INTENT = Step("intent", open_intent, undo=cancel_intent)
AUTHORISATION = Step("authorisation", await_authorisation)
CAPTURE = Step("capture", capture, pivot=True, way_back=check_nothing_is_captured)
ACTIVATION = Step("activation", activate)
WELCOME = Step("welcome", welcome)
