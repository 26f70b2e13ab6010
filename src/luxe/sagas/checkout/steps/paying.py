"""The steps that talk to the payment provider. Where gift cards pay for everything, none of them does."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, Conflict
from luxe.kernel.saga import Wait
from luxe.sagas.checkout.steps.holding import PLACE_WITHIN, CheckoutRun, held
from luxe.services.payments.contract import Intent
from luxe.services.payments.contract import Port as PaymentsPort

PURPOSE = "checkout"
PAY_WITHIN = timedelta(minutes=15)
ASK_AGAIN = timedelta(seconds=60)


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `authorise`; `pay_at` is shown while the step waits. Both are empty where nothing is to be paid."""

    intent_id: str
    pay_at: str


def is_due(run: CheckoutRun) -> bool:
    return run.input.expected.minor > 0


async def authorise(run: CheckoutRun) -> Payment:
    """Opens the payment and waits until the PSP says it is authorised; asks the PSP when it stays silent."""
    if "abandoned" in run.signals:
        raise Conflict("you left the payment", code="abandoned")
    if not is_due(run):
        return Payment(intent_id="", pay_at="")
    if "authorised" in run.signals and "payment" not in run.signals and "authorise" in run.results:
        return msgspec.convert(run.results["authorise"], Payment)
    payments = run.house.port(PaymentsPort)
    if "authorise" not in run.results:
        intent = await payments.open(
            run=run.id,
            account_id=run.input.account_id,
            purpose=PURPOSE,
            amount=run.input.expected,
            description=", ".join(line.title for line in held(run).draft.lines)[:200],
            return_path=f"/checkout/return?run={run.id}",
            locale=run.input.locale,
            method=run.input.method,
            country=run.input.address.country,
        )
    else:
        intent = await payments.refresh(run=run.id)
    payment = Payment(intent_id=intent.id, pay_at=intent.hosted_url)
    if intent.state == "authorised":
        return payment
    deadline, now = _deadline(run, intent), clock.now()
    _refuse_if_over(intent, overdue=now >= deadline)
    raise Wait(min(deadline, now + max(ASK_AGAIN, (now - run.started_at) / 10)), payment)


async def cancel_payment(run: CheckoutRun) -> None:
    if is_due(run):
        await run.house.port(PaymentsPort).cancel(run=run.id)


async def capture(run: CheckoutRun) -> None:
    """From here on there is no way back, also where nothing is to be captured: what gift cards pay is spent next."""
    if is_due(run):
        await run.house.port(PaymentsPort).capture(run=run.id)


async def check_nothing_is_captured(run: CheckoutRun) -> None:
    """A run whose authorisation lapsed between `place` and `capture` can be undone by hand; one that was paid cannot. Where
    gift cards pay for everything nothing tells whether they are spent already, so that one only goes on."""
    if not is_due(run):
        raise Conflict("gift cards may have paid for it", code="past_pivot")
    intent = await run.house.port(PaymentsPort).refresh(run=run.id)
    if intent.captured.minor:
        raise Conflict("the payment has been captured", code="past_pivot")


def _deadline(run: CheckoutRun, intent: Intent) -> datetime:
    """A slip that is paid at a shop may take days, but no longer than the units stay put."""
    soon = run.started_at + PAY_WITHIN
    return soon if intent.pay_by is None else max(soon, min(intent.pay_by, run.started_at + PLACE_WITHIN))


def _refuse_if_over(intent: Intent, overdue: bool) -> None:
    if intent.state in ("failed", "voided"):
        raise Conflict("the payment did not go through", code="payment_failed", failure=intent.failure)
    if overdue or intent.state == "expired":
        raise Conflict("the time to pay has passed", code="payment_expired")
    if intent.state == "captured":
        raise BadRequest("this payment was captured before its order stood", code="payment_failed")
