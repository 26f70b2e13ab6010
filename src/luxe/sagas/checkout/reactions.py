"""What payments says wakes the run that waits for it."""

from __future__ import annotations

from luxe.sagas.checkout.service import Checkout
from luxe.services.payments.contract import PaymentAuthorised, PaymentFailed


async def on_authorised(checkout: Checkout, fact: PaymentAuthorised) -> None:
    if fact.purpose == "checkout":
        await checkout.engine.signal(fact.run, "payment", "authorised")


async def on_failed(checkout: Checkout, fact: PaymentFailed) -> None:
    if fact.purpose == "checkout":
        await checkout.engine.signal(fact.run, "payment", fact.failure)
