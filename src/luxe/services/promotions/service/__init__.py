"""The verbs of promotions."""

from __future__ import annotations

from luxe.services.promotions.service.holding import Holding


class Promotions(Holding):
    """Keeps what vouchers take off, and what is on gift cards."""


__all__ = ["Promotions"]
