"""What every use case of membership stands on."""

from __future__ import annotations

from collections.abc import Mapping
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
        shared = {"before": before, "after": after, "reason": reason, "evidence": evidence}
        await store.insert_moves(self.db.tx, [move_row(kind, each, **shared) for each in object_ids])


def move_row(
    kind: str,
    object_id: str,
    *,
    before: str,
    after: str,
    reason: str = "",
    evidence: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A row of `moves`, by whoever acts, now."""
    return {
        "kind": kind,
        "object_id": object_id,
        "before": before,
        "after": after,
        "reason": reason,
        "evidence": evidence or {},
        "actor": context.current().actor,
        "at": clock.now(),
    }
