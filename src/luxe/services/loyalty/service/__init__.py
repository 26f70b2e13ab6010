"""The verbs of loyalty, one file for each use of the ledger."""

from __future__ import annotations

from luxe.services.loyalty.service.adjusting import Adjusting
from luxe.services.loyalty.service.counting import Counting
from luxe.services.loyalty.service.purchases import Purchases
from luxe.services.loyalty.service.reversing import Reversing


class Loyalty(Purchases, Reversing, Adjusting, Counting):
    """Keeps the ledger of points."""


__all__ = ["Loyalty"]
