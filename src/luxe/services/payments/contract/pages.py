"""Values of the pages of ours on which payments are made."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from luxe.kernel.money import Money


class PayPage(msgspec.Struct, frozen=True, kw_only=True):
    """How a payer with WeChat gets on: `scan` what `address` says, drawn as a QR code; `leave` for `address`; or nothing is
    left to do, because it is `paid` or `over`. `return_path` is where the purchase waits."""

    way: Literal["scan", "leave", "paid", "over"]
    address: str
    amount: Money
    pay_by: datetime
    return_path: str


class CardPage(msgspec.Struct, frozen=True, kw_only=True):
    """`frame_url` is the provider's frame with the fields of a card, empty once there is nothing to type; `hosted_url` its page
    for whoever cannot use a frame; `return_path` where the purchase waits."""

    frame_url: str
    hosted_url: str
    amount: Money
    return_path: str
