"""Somebody comes at an agreed time: appointments are reserved by run, and confirmed once the order is paid."""

from __future__ import annotations

from datetime import date, timedelta

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, Conflict, Gone, NotFound
from luxe.kernel.ids import new_id
from luxe.services.fulfilment.contract import Appointment, Capacity, Destination, Slot
from luxe.services.fulfilment.domain import slots as rules
from luxe.services.fulfilment.service.foundation import Foundation
from luxe.services.fulfilment.store import appointments as store

LONGEST = 7 * 24 * 3600
RUNS_KEPT = timedelta(days=30)
MOST_DAYS = 92


class Appointing(Foundation):
    async def slots(self, *, destination: Destination, method: str, currency: str, day: date) -> list[Slot]:
        """`currency` is what the appointment would be paid in; slots cost nothing beyond their method."""
        places = rules.places_of(destination)
        return await store.with_room(self.db.tx, method, places, day, clock.now())

    async def reserve(self, *, run: str, slot_id: str, seconds: int = 3 * 24 * 3600) -> Slot:
        if not 1 <= seconds <= LONGEST:
            raise BadRequest(f"for 1 to {LONGEST} seconds", code="capacity_invalid")
        now = clock.now()
        if not await store.lock(self.db.tx, slot_id):
            raise NotFound("there is no such appointment", code="slot_unknown")
        known = await store.of_run(self.db.tx, run)
        slot = await self._slot(slot_id)
        if known is not None and known.state != "released" and known.slot_id != slot_id:
            raise Conflict("this run has another appointment", code="slot_other")
        if known is not None and (known.state == "released" or known.expires_at <= now):
            raise Gone("this run has let go of its appointment", code="reservation_over")
        if known is not None:
            return store.slot_of(slot)
        if slot.taken >= slot.capacity or slot.day < now.astimezone(self.zone).date():
            raise Conflict("no appointment is left then", code="slot_full")
        if not await store.reserve(self.db.tx, run, slot_id, now, now + timedelta(seconds=seconds)):
            raise Conflict("this run is reserving at this moment", code="slot_other")
        return store.slot_of(await self._slot(slot_id))

    async def release(self, *, run: str) -> None:
        if not await store.release(self.db.tx, run, clock.now()):
            raise Conflict("this appointment stands", code="reservation_confirmed")

    async def confirm(self, *, run: str, order_id: str) -> Slot:
        """A reservation that lapsed is confirmed all the same while there is room: the order is paid."""
        known = await store.of_run(self.db.tx, run)
        if known is None or known.state == "released":
            raise Gone("this run has no appointment", code="reservation_over")
        if known.state == "confirmed":
            if known.order_id != order_id:
                raise Conflict("this run's appointment is another order's", code="slot_other")
            return store.slot_of(await self._slot(known.slot_id))
        await store.lock(self.db.tx, known.slot_id)
        slot = await self._slot(known.slot_id)
        if known.expires_at <= clock.now() and slot.taken >= slot.capacity:
            raise Gone("others have taken this appointment", code="reservation_over")
        await store.confirm(self.db.tx, run, order_id)
        self.db.audit("fulfilment.appointment_confirmed", order_id, slot=known.slot_id)
        return store.slot_of(await self._slot(known.slot_id))

    async def capacities(self, *, first: date, last: date) -> list[Capacity]:
        return await store.capacities(self.db.tx, first, _last(first, last), clock.now())

    async def appointments(self, *, first: date, last: date) -> list[Appointment]:
        return await store.standing(self.db.tx, first, _last(first, last), clock.now())

    async def put_capacity(
        self, *, method: str, place: str, day: date, starts: str, ends: str, capacity: int
    ) -> Capacity:
        wanted = rules.checked(method, place, starts, ends, capacity)
        if wanted is None:
            raise BadRequest(
                "a method, a place as CN or CN-Shanghai, times as 10:00 in order, and 0 to 1,000",
                code="capacity_invalid",
            )
        slot_id = await store.put(
            self.db.tx,
            new_id("slt"),
            method=wanted.method,
            place=wanted.place,
            day=day,
            starts=starts,
            ends=ends,
            most=capacity,
        )
        slot = await self._slot(slot_id)
        if slot.taken > capacity:
            raise Conflict("more appointments are made already", code="capacity_taken", taken=slot.taken)
        self.db.audit("fulfilment.capacity_set", slot_id, place=slot.place, day=day, capacity=capacity)
        return slot

    async def forget_reservations(self) -> None:
        await store.forget(self.db.tx, clock.now() - RUNS_KEPT)

    async def end_appointment(self, *, order_id: str) -> None:
        """The order is cancelled."""
        for slot_id in await store.end_of_order(self.db.tx, order_id):
            self.db.audit("fulfilment.appointment_ended", order_id, slot=slot_id)

    async def _slot(self, slot_id: str) -> Capacity:
        found = await store.capacity(self.db.tx, slot_id, clock.now())
        assert found is not None, "a slot is never deleted"
        return found


def _last(first: date, last: date) -> date:
    return min(last, first + timedelta(days=MOST_DAYS))
