"""What fulfilment needs of a carrier, whichever it is.

`tests/services/fulfilment/test_carrier_protocol.py` is this page as a test: an adapter that passes it may be used.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from luxe.services.fulfilment.contract import ShipmentState


class CarrierRefused(Exception):
    """The carrier understood and said no; nothing happened there."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be carried, frozen when it was packed. `reference` is the shipment's id, and the key of its booking."""

    reference: str
    number: str
    service: str
    name: str
    line1: str
    line2: str
    city: str
    region: str
    postcode: str
    country: str
    phone: str
    pieces: int


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """`label` is a PDF, empty where the answer does not carry it. A cancelled booking is `live` no more."""

    carrier: str
    carrier_id: str
    tracking_number: str
    tracking_url: str
    live: bool
    label: bytes = b""


class News(msgspec.Struct, frozen=True, kw_only=True):
    """One scan. `id` is the carrier's, `seq` counts the scans of a parcel from 1, `state` is in our words."""

    id: str
    carrier_id: str
    reference: str
    seq: int
    state: ShipmentState
    at: datetime
    spot: str
    note: str


class Carrier(Protocol):
    """No answer raises `DeadlineExceeded`: what happened is unknown, and `find` tells. No connection raises `Unavailable`:
    nothing happened."""

    async def book(self, parcel: Parcel) -> Booked:
        """The same reference books once, and again has the same answer. Raises `CarrierRefused`."""
        ...

    async def find(self, reference: str) -> Booked | None:
        """What was booked under a reference, with its label; None if nothing was."""
        ...

    async def cancel(self, carrier_id: str) -> None:
        """Nothing is to be fetched; harmless when repeated. Raises `CarrierRefused` for a parcel that is under way."""
        ...

    async def history(self, carrier_id: str) -> list[News]:
        """All scans in the order of their numbers."""
        ...

    def read_event(self, body: str, signature: str, now: datetime) -> News:
        """Raises `Forbidden` (`signature_invalid`) for what the carrier did not sign within the last five minutes, and
        `BadRequest` (`event_malformed`)."""
        ...
