"""Checkout, as the app sees it."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest, Reaction
from luxe.sagas.checkout import api, reactions, tables
from luxe.sagas.checkout.contract import Port
from luxe.sagas.checkout.service import Checkout
from luxe.services.payments.contract import PaymentAuthorised, PaymentFailed

manifest = Manifest(
    name="checkout",
    port=Port,
    build=Checkout,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[api.start, api.quote, api.watch, api.abandon],
    reactions=[
        Reaction(PaymentAuthorised, reactions.on_authorised, reactions.is_of_checkout),
        Reaction(PaymentFailed, reactions.on_failed, reactions.is_of_checkout),
    ],
    requires=[
        "pricing",
        "catalog",
        "membership",
        "inventory",
        "fulfilment",
        "promotions",
        "loyalty",
        "payments",
        "orders",
        "bag",
    ],
)
