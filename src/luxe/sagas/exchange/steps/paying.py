"""The difference: paid by the way of any payment, within its time. Each try is a payment of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import msgspec

from luxe.kernel import clock
from luxe.kernel.errors import Conflict
from luxe.kernel.saga import Wait
from luxe.sagas.exchange.steps.asking import ExchangeRun
from luxe.sagas.exchange.steps.terms import agreed
from luxe.services.payments.contract import Intent
from luxe.services.payments.contract import Port as PaymentsPort

PURPOSE = "exchange"
PAY = "pay"
"""The signal that counts how often the member has begun to pay."""
MONEY = "money"
"""The signal that the member would rather have money back."""
ASK_AGAIN = timedelta(seconds=60)
OVER = ("failed", "voided", "expired")


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `difference`. `way` is empty while it waits. `payment_run` is the run of the payment that is under way or
    has paid, and of the order that it pays for; `failed` says of it that it is over."""

    way: Literal["", "exchange", "money"]
    payment_run: str = ""
    intent_id: str = ""
    pay_at: str = ""
    failed: bool = False


def difference(run: ExchangeRun) -> Difference:
    return msgspec.convert(run.results["difference"], Difference)


def is_exchanged(run: ExchangeRun) -> bool:
    return difference(run).way == "exchange"


async def await_difference(run: ExchangeRun) -> Difference:
    """Until it is paid; or goes on as a return, after its time or because the member wants that."""
    terms = agreed(run)
    if terms.late:
        return Difference(way="money")
    if not terms.owed.minor:
        return Difference(way="exchange", payment_run=run.id)
    now, payment_run = clock.now(), _payment_run(run)
    intent = await _asked(run, payment_run) if payment_run else None
    if intent is not None and intent.state == "authorised":
        return Difference(way="exchange", payment_run=payment_run, intent_id=intent.id)
    if MONEY in run.signals or now >= terms.pay_until:
        if payment_run:
            await run.house.port(PaymentsPort).cancel(run=payment_run)
        return Difference(way="money")
    if intent is None or intent.state in OVER:
        failed = intent is not None
        raise Wait(terms.pay_until, Difference(way="", payment_run=payment_run, failed=failed))
    waiting = Difference(way="", payment_run=payment_run, intent_id=intent.id, pay_at=intent.hosted_url)
    raise Wait(min(terms.pay_until, now + ASK_AGAIN), waiting)


async def cancel_payment(run: ExchangeRun) -> None:
    if payment_run := _payment_run(run):
        await run.house.port(PaymentsPort).cancel(run=payment_run)


async def capture(run: ExchangeRun) -> None:
    """From here on there is no way back, also where nothing is to be captured: the piece is sold next."""
    if is_exchanged(run) and difference(run).intent_id:
        await run.house.port(PaymentsPort).capture(run=difference(run).payment_run)


async def check_nothing_is_captured(run: ExchangeRun) -> None:
    if not is_exchanged(run) or not difference(run).intent_id:
        return
    intent = await run.house.port(PaymentsPort).refresh(run=difference(run).payment_run)
    if intent.captured.minor:
        raise Conflict("the payment has been captured", code="past_pivot")


def _payment_run(run: ExchangeRun) -> str:
    """That of the latest try; empty if nobody has begun to pay."""
    tries = run.signals.get(PAY, 0)
    return f"{run.id}-{tries}" if tries else ""


async def _asked(run: ExchangeRun, payment_run: str) -> Intent:
    payments, known = run.house.port(PaymentsPort), run.results.get("difference")
    if known is not None and known["payment_run"] == payment_run:
        return await payments.refresh(run=payment_run)
    return await payments.open(
        run=payment_run,
        account_id=run.input.account_id,
        purpose=PURPOSE,
        amount=agreed(run).owed,
        description=run.input.wanted.title[:200],
        return_path=f"/exchanges/{run.id}/paid",
        locale=run.input.locale,
        country=run.input.country,
    )
