"""What is changed about an order after it was bought, and what is noted about it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from luxe.services.orders.contract.values import Address

MAX_NOTES = 100
LONGEST_NOTE = 1_000

NoteSide = Literal["member", "house"]
"""The member's own notes are seen by both sides, the house's by the house alone."""


class AddressEdit(msgspec.Struct, frozen=True, kw_only=True):
    """An order goes elsewhere than it was to, because `actor` said so."""

    id: str
    order_id: str
    at: datetime
    actor: str
    before: Address
    after: Address


class OrderNote(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    order_id: str
    at: datetime
    actor: str
    side: NoteSide
    text: str
