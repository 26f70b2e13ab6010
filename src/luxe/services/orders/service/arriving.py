"""Units that were sold before they had arrived have their makers' numbers once they are here."""

from __future__ import annotations

from luxe.services.orders.service.foundation import Foundation, names_of
from luxe.services.orders.store import arrivals as store


class Arriving(Foundation):
    async def note_arrivals(self, order_ids: list[str]) -> None:
        for order_id in sorted(order_ids):
            await self.renumber(order_id)

    async def renumber(self, order_id: str) -> None:
        """The order lists its units by the numbers that they have now; as inventory knows them, it is asked."""
        order = await self.locked(order_id)
        now = {name: unit.serial for unit in await self.units_of(order_id) for name in names_of(unit)}
        listed = [(line.variant_id, serial) for line in order.draft.lines for serial in line.serials]
        changed = [
            store.Renamed(variant_id=variant, before=serial, after=now[variant, serial])
            for variant, serial in listed
            if now.get((variant, serial), serial) != serial
        ]
        if changed:
            serials = {
                line.variant_id: [now.get((line.variant_id, serial), serial) for serial in line.serials]
                for line in order.draft.lines
                if line.serials
            }
            await store.renumber(self.db.tx, order_id, serials, changed)
            self.db.audit("orders.renumbered", order_id, serials=[each.after for each in changed])
