"""What counts towards the yearly limit of a scheme for imports."""

from __future__ import annotations

from datetime import datetime

from luxe.kernel.money import Money
from luxe.services.orders.service.foundation import Foundation
from luxe.services.orders.store import imports as store

_CROSS_BORDER = '{"taxes": [{"kind": "cross_border"}]}'


class Importing(Foundation):
    async def imported(self, *, account_id: str, currency: str, since: datetime, besides: str = "") -> Money:
        minor = await store.dutiable(
            self.db.tx,
            account_id=account_id,
            currency=currency,
            since=since,
            besides=besides,
            scheme=_CROSS_BORDER,
        )
        return Money(minor, currency)
