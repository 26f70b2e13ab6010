"""What payments says wakes the run that waits for it."""

from __future__ import annotations

from luxe.sagas.checkout.service import Checkout
from luxe.sagas.checkout.steps import PURPOSE
from luxe.services.payments.contract import PaymentAuthorised, PaymentFailed


async def is_of_checkout(_: Checkout, fact: PaymentAuthorised | PaymentFailed) -> bool:
    return fact.purpose == PURPOSE


async def on_authorised(checkout: Checkout, fact: PaymentAuthorised) -> None:
    await checkout.authorised(run=fact.run)


async def on_failed(checkout: Checkout, fact: PaymentFailed) -> None:
    await checkout.failed(run=fact.run, failure=fact.failure)
