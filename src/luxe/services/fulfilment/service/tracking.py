"""What becomes of a shipment after it was handed over: heard from the carrier, asked of it, or told by an operator."""

from __future__ import annotations

import base64

import structlog

from luxe.kernel import clock, context
from luxe.kernel.errors import BadRequest, Conflict, DeadlineExceeded, Refusal, Unavailable
from luxe.kernel.ids import is_id
from luxe.services.fulfilment.contract import Label, Shipment, ShipmentEvent, ShipmentPage, ShipmentState
from luxe.services.fulfilment.domain.shipping import MOVES, TOLD_BY_HAND, may_move
from luxe.services.fulfilment.service.carrier import CarrierRefused, News
from luxe.services.fulfilment.service.moving import demand
from luxe.services.fulfilment.service.packing import Packing
from luxe.services.fulfilment.store import shipments as store

MAX_PAGE = 100
ASKED_AT_ONCE = 20
CARRIER = "carrier"
_BY_NAME: dict[str, ShipmentState] = {state: state for state in TOLD_BY_HAND}

log = structlog.get_logger()


class Tracking(Packing):
    async def move(self, *, shipment_id: str, state: str, note: str) -> Shipment:
        kept = demand(await store.lock(self.db.tx, await self._id_of(shipment_id)))
        to = _BY_NAME.get(state)
        now = kept.shipment.state
        if to is None or (to != now and not may_move(now, to)) or now == "packed":
            raise Conflict(f"it is {now}", code="shipment_state", state=now)
        if to != now:
            await self.note_moved(kept, to, clock.now(), note=note.strip())
            await store.note_problem(self.db.tx, kept.shipment.id, "")
        return await self._shown(kept.shipment.id)

    async def hear(self, *, body: str, signature: str) -> None:
        news = self.carrier.read_event(body, signature, clock.now())
        await self._learn(news)

    async def ask(self, *, shipment_id: str) -> Shipment:
        async with self.db.reading():
            kept = demand(await store.find(self.db.tx, shipment_id))
        if kept.carrier_id:
            for news in await self.carrier.history(kept.carrier_id):
                await self._learn(news)
        async with self.db.reading():
            return await self._shown(kept.shipment.id)

    async def ask_about_some(self) -> bool:
        """Settles what is unknown, and reads what has not been heard, of shipments whose time it is."""
        async with self.db.transaction():
            now = clock.now()
            due = await store.take_due(self.db.tx, now, now + self.ask_every, ASKED_AT_ONCE)
        for kept in due:
            try:
                if kept.shipment.booking == "cancelling":
                    await self.cancelled(kept)
                elif kept.shipment.booking == "wanted":
                    await self._booked(kept)
                else:
                    await self.ask(shipment_id=kept.shipment.id)
            except (DeadlineExceeded, Unavailable, CarrierRefused) as error:
                log.info("carrier_not_asked", shipment=kept.shipment.id, error=str(error))
        return len(due) == ASKED_AT_ONCE

    async def shipment(self, *, shipment_id: str, account_id: str = "") -> Shipment:
        return demand(await store.find(self.db.tx, shipment_id, account_id)).shipment

    async def shipments(
        self,
        *,
        order_id: str = "",
        state: str = "",
        troubled: bool = False,
        cursor: str = "",
        limit: int = 25,
    ) -> ShipmentPage:
        if cursor and not is_id(cursor, "shp"):
            raise BadRequest("this is not a cursor of ours", code="cursor_invalid")
        if state and state not in MOVES:
            raise BadRequest("there is no such state", code="state_unknown")
        size = max(1, min(limit, MAX_PAGE))
        found = await store.listed(self.db.tx, order_id, state, troubled, cursor, size + 1)
        page = found[:size]
        return ShipmentPage(items=page, next=page[-1].id if len(found) > size else None)

    async def label(self, *, shipment_id: str) -> Label:
        kept = demand(await store.find(self.db.tx, shipment_id))
        pdf = await store.label_of(self.db.tx, kept.shipment.id)
        if pdf is None:
            raise Conflict("there is no label", code="not_booked")
        return Label(file_name=f"{kept.shipment.number}.pdf", pdf=base64.b64encode(pdf).decode())

    async def _learn(self, news: News) -> None:
        """Each scan is written once. One that comes after a later one, or has no place in the table, moves nothing. The
        first scan of a packed parcel says that the carrier has it."""
        async with self.db.transaction():
            found = await store.of_parcel(self.db.tx, news.carrier_id, news.reference)
            if found is None:
                log.warning("scan_of_nobody", parcel=news.carrier_id)
                return
            kept = demand(await store.lock(self.db.tx, found.shipment.id))
            if await store.knows_event(self.db.tx, kept.shipment.id, news.id):
                return
            with context.acting(CARRIER):
                problem = await self._leave_late(kept) if kept.shipment.state == "packed" else ""
                kept = demand(await store.find(self.db.tx, kept.shipment.id))
                fresh = news.seq > kept.heard_seq
                if fresh and not problem and _moves(kept.shipment, news):
                    await self.note_moved(
                        kept,
                        news.state,
                        news.at,
                        note=news.note,
                        spot=news.spot,
                        source=news.id,
                        seq=news.seq,
                    )
                    return
                await store.note_event(self.db.tx, kept.shipment.id, _unmoved(news), news.id)
                if kept.shipment.state == "called_off":
                    problem = "the carrier has a parcel that was called off"
                if problem:
                    await store.note_problem(self.db.tx, kept.shipment.id, problem)

    async def _leave_late(self, kept: store.Kept) -> str:
        """The carrier has what nobody has handed over by the books; returns what is wrong with that."""
        try:
            await self.leave(kept)
        except (DeadlineExceeded, Unavailable):
            raise
        except Refusal as refusal:
            return f"the carrier has it, but: {refusal.detail or refusal.code}"
        await self.note_moved(kept, "handed_over", clock.now())
        return ""


def _moves(shipment: Shipment, news: News) -> bool:
    return may_move(shipment.state, news.state)


def _unmoved(news: News) -> ShipmentEvent:
    return ShipmentEvent(
        at=news.at,
        heard_at=clock.now(),
        state=news.state,
        place=news.spot,
        note=news.note,
        actor=CARRIER,
        moved=False,
    )
