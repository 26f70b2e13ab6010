"""What every use case of membership stands on."""

from __future__ import annotations

from typing import Any

from luxe.kernel import clock, context
from luxe.kernel.house import House
from luxe.services.loyalty.contract import HOUSE_RATES
from luxe.services.membership import store


class Foundation:
    """The database, the settings and the house's fixed rates."""

    def __init__(self, house: House) -> None:
        self.db = house.database("membership")
        self.settings = house.settings
        self.base = house.settings.base_currency
        self.rates = HOUSE_RATES

    async def moved(
        self, kind: str, object_ids: list[str], before: str, after: str, *, reason: str = "", **evidence: Any
    ) -> None:
        """Writes one row for each object whose state changed: from what, to what, by whom and why."""
        shared = {"kind": kind, "before": before, "after": after, "reason": reason, "evidence": evidence}
        stamp = {"actor": context.current().actor, "at": clock.now()}
        await store.insert_moves(self.db.tx, [shared | stamp | {"object_id": each} for each in object_ids])
