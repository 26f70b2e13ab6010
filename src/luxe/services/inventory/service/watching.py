"""Low stock: told once when a variant has become low. Sales never write for it; a timer compares."""

from __future__ import annotations

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest
from luxe.services.inventory.contract import StockRanLow
from luxe.services.inventory.domain.lines import MAX_AT_ONCE
from luxe.services.inventory.service.desk import Desk
from luxe.services.inventory.store import places


class Watching(Desk):
    async def set_low_stock(self, *, variant_id: str, at: int | None) -> None:
        if at is not None and not 0 <= at <= MAX_AT_ONCE:
            raise BadRequest(f"a threshold is 0 to {MAX_AT_ONCE:,} pieces", code="quantity_invalid")
        await places.set_threshold(self.db.tx, variant_id, at, clock.now())
        self.db.audit("inventory.low_stock_set", variant_id, at=at)

    async def watch_levels(self) -> None:
        fallen = await places.fallen(self.db.tx, self.low_at, clock.now())
        self.db.emit(*(StockRanLow(variant_id=variant, left=left) for variant, left in fallen))
