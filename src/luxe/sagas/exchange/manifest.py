"""Exchanging, as the app sees it."""

from __future__ import annotations

from pathlib import Path

from luxe.kernel.manifest import Manifest, Reaction
from luxe.sagas.exchange import api, reactions, tables
from luxe.sagas.exchange.contract import Port
from luxe.sagas.exchange.service import Exchanging
from luxe.services.orders.contract import ReturnMoved
from luxe.services.payments.contract import PaymentAuthorised, PaymentFailed

manifest = Manifest(
    name="exchange",
    port=Port,
    build=Exchanging,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=[api.options, api.start, api.watch, api.pay, api.take_money],
    reactions=[
        Reaction(ReturnMoved, reactions.on_moved, reactions.is_awaited),
        Reaction(PaymentAuthorised, reactions.on_authorised, reactions.is_of_exchange),
        Reaction(PaymentFailed, reactions.on_failed, reactions.is_of_exchange),
    ],
    requires=[
        "return_item",
        "orders",
        "catalog",
        "pricing",
        "membership",
        "inventory",
        "fulfilment",
        "payments",
        "promotions",
        "loyalty",
    ],
)
