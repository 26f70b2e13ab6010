"""What an operator reads: stock by location, units, movements; and the locations themselves."""

from __future__ import annotations

from luxe.kernel.errors import BadRequest, Conflict
from luxe.services.inventory.contract import Location, LocationStock, MovementPage, UnitPage
from luxe.services.inventory.domain import changes
from luxe.services.inventory.service.desk import Desk
from luxe.services.inventory.store import counting, places

_MOST = 200


class Looking(Desk):
    async def stock(self, *, variant_ids: list[str]) -> list[LocationStock]:
        return await counting.stock(self.db.tx, variant_ids)

    async def units(
        self, *, variant_id: str = "", serial: str = "", order_id: str = "", cursor: str = "", limit: int = 50
    ) -> UnitPage:
        if not (variant_id or serial or order_id):
            return UnitPage(items=[], next=None)
        size = page_size(limit)
        found = await counting.listed(self.db.tx, variant_id, serial, order_id, cursor, size + 1)
        items = found[:size]
        return UnitPage(items=items, next=items[-1].unit_id if len(found) > size else None)

    async def movements(self, *, variant_id: str, cursor: str = "", limit: int = 50) -> MovementPage:
        size = page_size(limit)
        before = int(cursor) if cursor.isdecimal() and len(cursor) < 19 else None
        found = await counting.moved(self.db.tx, variant_id, before, size + 1)
        items = found[:size]
        return MovementPage(items=items, next=str(items[-1].seq) if len(found) > size else None)

    async def locations(self) -> list[Location]:
        return await places.listed(self.db.tx)

    async def put_location(self, *, location: Location) -> Location:
        if fault := changes.fault(location):
            raise BadRequest(fault, code="location_invalid")
        before = await places.locked(self.db.tx, location.code)
        if before == location:
            return location
        closing = before is not None and before.active and not location.active
        if closing and await places.is_in_use(self.db.tx, location.code):
            raise Conflict("pieces are there, or on their way there", code="location_in_use")
        await places.put(self.db.tx, location)
        self.db.audit("inventory.location_put", location.code, kind=location.kind, active=location.active)
        return location


def page_size(limit: int) -> int:
    return max(1, min(limit, _MOST))
