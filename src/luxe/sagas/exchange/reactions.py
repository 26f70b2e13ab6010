"""What people decide about an exchange, and what comes of its payment, wakes the run that waits for it."""

from __future__ import annotations

from luxe.sagas.exchange.service import Exchanging
from luxe.sagas.exchange.steps import PURPOSE
from luxe.services.orders.contract import ReturnMoved
from luxe.services.payments.contract import PaymentAuthorised, PaymentFailed

_AWAITED = ("approved", "declined", "withdrawn", "inspected")


async def is_awaited(_: Exchanging, fact: ReturnMoved) -> bool:
    return fact.state in _AWAITED


async def on_moved(service: Exchanging, fact: ReturnMoved) -> None:
    await service.moved(run=fact.run, state=fact.state)


async def is_of_exchange(_: Exchanging, fact: PaymentAuthorised | PaymentFailed) -> bool:
    return fact.purpose == PURPOSE


async def on_authorised(service: Exchanging, fact: PaymentAuthorised) -> None:
    await service.payment_moved(payment_run=fact.run, what="authorised")


async def on_failed(service: Exchanging, fact: PaymentFailed) -> None:
    await service.payment_moved(payment_run=fact.run, what="failed")
