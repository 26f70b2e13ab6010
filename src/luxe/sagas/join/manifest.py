"""Joining as a unit of the house."""

from pathlib import Path

from luxe.kernel.manifest import Manifest, Reaction
from luxe.sagas.join import api, reactions, tables
from luxe.sagas.join.contract import Port
from luxe.sagas.join.service import Join
from luxe.services.payments.contract import PaymentAuthorised, PaymentCaptured, PaymentFailed

manifest = Manifest(
    name="join",
    port=Port,
    build=Join,
    metadata=tables.metadata,
    migrations=str(Path(__file__).parent / "migrations"),
    routers=api.handlers,
    reactions=[
        Reaction(PaymentAuthorised, reactions.authorised, reactions.is_of_join),
        Reaction(PaymentFailed, reactions.failed, reactions.is_of_join),
        Reaction(PaymentCaptured, reactions.captured, reactions.is_of_join),
    ],
    requires=["identity", "membership", "payments"],
)
