"""The use cases of fulfilment, one file for each group of them."""

from __future__ import annotations

from luxe.services.fulfilment.service.appointing import Appointing
from luxe.services.fulfilment.service.quoting import Quoting
from luxe.services.fulfilment.service.tracking import Tracking

__all__ = ["Fulfilment"]


class Fulfilment(Quoting, Appointing, Tracking):
    """The whole Port."""
