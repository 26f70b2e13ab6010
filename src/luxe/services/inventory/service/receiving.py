"""Receipts, counts and adjustments: the number of units at a location changes, and a movement says why."""

from __future__ import annotations

from collections.abc import Sequence

from luxe.kernel import clock, context
from luxe.kernel.errors import BadRequest, Conflict, NotFound
from luxe.kernel.ids import new_id
from luxe.services.inventory.contract import Availability
from luxe.services.inventory.domain import changes
from luxe.services.inventory.domain.lines import own_number
from luxe.services.inventory.service.desk import Desk, check_quantity, checked_serials, serial_taken
from luxe.services.inventory.store import counting, moving, places


class Receiving(Desk):
    async def receive(
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
        await self._open_locations(location)
        if await self._move("receive", variant_id, location, quantity, reason, key, lot or None):
            await self._note_lot(variant_id, lot, note)
            await self._add(variant_id, location, quantity, given, lot)
            await self._more_of(variant_id)
        return await self._availability(variant_id)

    async def count(
        self, *, variant_id: str, quantity: int, reason: str, location: str = "main"
    ) -> Availability:
        check_quantity(quantity, least=0)
        await self._counting(location)
        difference = quantity - await counting.unsold(self.db.tx, variant_id, location)
        if difference:
            if difference > 0:
                await self._add(variant_id, location, difference, (), "")
            else:
                await self._write_off(variant_id, location, -difference, ())
            await self._move("count", variant_id, location, difference, reason, None)
            await self._more_of(variant_id)
        return await self._availability(variant_id)

    async def adjust(
        self,
        *,
        variant_id: str,
        quantity: int,
        cause: str,
        reason: str,
        key: str,
        location: str = "main",
        serials: list[str] | None = None,
    ) -> Availability:
        check_quantity(quantity)
        given = checked_serials(serials, quantity)
        if cause not in changes.SIGNS:
            raise BadRequest(f"a cause is one of {', '.join(changes.SIGNS)}", code="cause_invalid")
        await self._counting(location)
        signed = changes.SIGNS[cause] * quantity
        if await self._move(cause, variant_id, location, signed, reason, f"{cause}:{key}"):
            if cause == "found":
                await self._add(variant_id, location, quantity, given, "")
            elif cause == "not_coming":
                await self._take_back(variant_id, location, quantity)
            else:
                await self._write_off(variant_id, location, quantity, given)
            await self._more_of(variant_id)
        return await self._availability(variant_id)

    async def _counting(self, location: str) -> None:
        """Two who count at one location take turns, and nothing is received there meanwhile."""
        found = await places.locked(self.db.tx, location)
        if found is None:
            raise NotFound(f"there is no location {location}", code="location_unknown")
        if not found.active:
            raise Conflict(f"the location {location} is closed", code="location_inactive")

    async def _add(
        self, variant_id: str, location: str, quantity: int, serials: Sequence[str], lot: str
    ) -> None:
        """A unit without a maker's serial number is numbered by its id."""
        ids = [new_id("unit") for _ in range(quantity)]
        numbers = serials or [own_number(unit_id) for unit_id in ids]
        taken = await moving.add_units(
            self.db.tx, variant_id, location, clock.now(), ids, numbers, lot or None
        )
        if taken:
            raise serial_taken(taken)

    async def _write_off(self, variant_id: str, location: str, quantity: int, serials: Sequence[str]) -> None:
        ids = await moving.pick_free(self.db.tx, variant_id, location, quantity, serials, newest=True)
        if len(ids) < quantity:
            raise Conflict("fewer pieces than that are free there", code="stock_in_use")
        await moving.remove(self.db.tx, ids)

    async def _take_back(self, variant_id: str, location: str, quantity: int) -> None:
        ids = await moving.pick_unpromised(self.db.tx, variant_id, location, quantity)
        if len(ids) < quantity:
            raise Conflict("fewer pieces than that are expected and free", code="stock_in_use")
        await moving.remove(self.db.tx, ids)

    async def _note_lot(self, variant_id: str, lot: str, note: str) -> None:
        if lot:
            await moving.note_lot(self.db.tx, variant_id, lot, note, clock.now(), context.current().actor)
