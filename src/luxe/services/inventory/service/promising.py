"""Units that are still to come: promised for a day or made to order, sold before they are there, and arriving."""

from __future__ import annotations

from datetime import date

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, Conflict
from luxe.kernel.ids import new_id
from luxe.services.inventory.contract import Availability, SoldUnitsArrived
from luxe.services.inventory.domain.changes import MAX_LEAD_DAYS
from luxe.services.inventory.domain.lines import own_number
from luxe.services.inventory.service.desk import check_quantity, checked_serials, serial_taken
from luxe.services.inventory.service.receiving import Receiving
from luxe.services.inventory.store import moving


class Promising(Receiving):
    async def expect(
        self,
        *,
        variant_id: str,
        quantity: int,
        reason: str,
        key: str,
        location: str = "main",
        on: date | None = None,
        lead_days: int = 0,
    ) -> Availability:
        check_quantity(quantity)
        if (on is None) == (lead_days == 0) or not 0 <= lead_days <= MAX_LEAD_DAYS:
            raise BadRequest("give a day, or from one day to three years to make it", code="date_invalid")
        if on is not None and on < clock.now().date():
            raise BadRequest("this day is over", code="date_invalid")
        await self._open_locations(location)
        if await self._move("expect", variant_id, location, quantity, reason, f"expect:{key}"):
            ids = [new_id("unit") for _ in range(quantity)]
            numbers = [own_number(unit_id) for unit_id in ids]
            await moving.add_units(
                self.db.tx,
                variant_id,
                location,
                clock.now(),
                ids,
                numbers,
                on=on,
                lead_days=lead_days or None,
            )
            await self._more_of(variant_id)
        return await self._availability(variant_id)

    async def arrive(
        self,
        *,
        variant_id: str,
        quantity: int,
        reason: str,
        key: str,
        location: str = "main",
        serials: list[str] | None = None,
        lot: str = "",
        note: str = "",
    ) -> Availability:
        check_quantity(quantity)
        given = checked_serials(serials, quantity)
        await self._counting(location)
        if await self._move("arrive", variant_id, location, 0, reason, f"arrive:{key}", lot or None):
            coming = await moving.pick_expected(self.db.tx, variant_id, location, quantity)
            if len(coming) < quantity:
                raise Conflict("fewer pieces than that are expected there", code="not_expected")
            if given and (taken := await moving.taken_serials(self.db.tx, given)):
                raise serial_taken(taken)
            ids = [row.id for row in coming]
            if not await moving.have_come(self.db.tx, ids, given, lot or None, clock.now()):
                raise serial_taken(given)
            await self._note_lot(variant_id, lot, note)
            if orders := sorted({row.order_id for row in coming if row.order_id}):
                self.db.emit(SoldUnitsArrived(variant_id=variant_id, order_ids=orders))
            await self._more_of(variant_id)
        return await self._availability(variant_id)
