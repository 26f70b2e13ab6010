"""What happens to a payment wakes the run that waits for it."""

from __future__ import annotations

from luxe.sagas.join.service import Join
from luxe.sagas.join.steps import PURPOSE
from luxe.services.payments.contract import PaymentAuthorised, PaymentCaptured, PaymentFailed


async def is_of_join(_: Join, fact: PaymentAuthorised | PaymentCaptured | PaymentFailed) -> bool:
    return fact.purpose == PURPOSE


async def authorised(service: Join, fact: PaymentAuthorised) -> None:
    await service.payment_moved(run=fact.run, state="authorised")


async def failed(service: Join, fact: PaymentFailed) -> None:
    await service.payment_moved(run=fact.run, state="failed")


async def captured(service: Join, fact: PaymentCaptured) -> None:
    await service.payment_moved(run=fact.run, state="captured")
