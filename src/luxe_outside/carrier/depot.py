"""What the carrier does: books, cancels, scans. Everything it has said yes to is on disk."""

from __future__ import annotations

import asyncio
import base64
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

from luxe_outside.database import Database

from . import label, store
from .store import Connection
from .wire import (
    ApiFault,
    FaultOrder,
    Operation,
    Order,
    Parcel,
    Refusal,
    Scan,
    ScanOrder,
    WebhookFaults,
    as_scan,
)

T = TypeVar("T")
NAME = "Meridian Parcel"
SILENCE = 30.0
OVER = ("cancelled", "delivered", "returned", "lost")
PACE: dict[str, ScanOrder] = {
    "booked": ScanOrder(state="accepted", note="Received by the carrier"),
    "accepted": ScanOrder(state="in_transit", note="Left the depot"),
    "in_transit": ScanOrder(state="out_for_delivery", note="With the driver"),
    "exception": ScanOrder(state="out_for_delivery", note="With the driver"),
    "out_for_delivery": ScanOrder(state="delivered", note="Handed over in person"),
}
"""What follows by itself, when a pace is set."""


class Depot:
    def __init__(self, db: Database, pace: float, wake: Callable[[], None]) -> None:
        self._db, self._pace, self._wake = db, pace, wake
        self._lock = threading.Lock()
        self._webhook = WebhookFaults()
        self._api: dict[str, ApiFault] = {}

    def order_faults(self, order: FaultOrder) -> None:
        with self._lock:
            if order.webhook is not None:
                self._webhook = order.webhook
            if order.api is not None:
                self._api[order.api.operation] = order.api

    def clear_faults(self) -> None:
        with self._lock:
            self._webhook = WebhookFaults()
            self._api.clear()

    async def book(self, order: Order) -> Parcel:
        """The same reference and body is the same booking; another body under it is refused."""
        body = msgspec.json.encode(order)

        def work(tx: Connection) -> sqlite3.Row:
            known = store.of_reference(tx, order.reference)
            if known is None:
                number = f"MP{secrets.randbelow(10**10):010d}{order.country}"
                row = {
                    "id": f"par_{secrets.token_hex(10)}",
                    "reference": order.reference,
                    "body": body,
                    "webhook_url": order.webhook_url,
                    "country": order.country,
                    "city": order.city,
                    "tracking_number": number,
                    "label": label.draw(order, number),
                    "moves_at": self._next_move(),
                }
                store.insert_parcel(tx, row)
                store.note(tx, time.time(), "book", row["id"], order.reference)
                known = store.of_reference(tx, order.reference)
                assert known is not None
            if known["body"] != body:
                raise Refusal(422, "key_reused", "this reference has another parcel")
            return known

        return _shown(await self._faulty("book", work))

    async def cancel(self, parcel_id: str) -> Parcel:
        def work(tx: Connection) -> sqlite3.Row:
            known = _demand(tx, parcel_id)
            if known["state"] not in ("booked", "cancelled"):
                raise Refusal(409, "under_way", "the parcel is under way")
            if known["state"] == "booked":
                store.set_state(tx, parcel_id, "cancelled", None)
                store.note(tx, time.time(), "cancel", parcel_id, known["reference"])
            return _demand(tx, parcel_id)

        return _shown(await self._faulty("cancel", work))

    async def find(self, reference: str) -> list[Parcel]:
        def work(tx: Connection) -> list[Parcel]:
            known = store.of_reference(tx, reference)
            return [] if known is None else [_shown(known)]

        return await self._faulty("find", work)

    async def history(self, parcel_id: str) -> list[Scan]:
        def work(tx: Connection) -> list[Scan]:
            _demand(tx, parcel_id)
            return [as_scan(row) for row in store.scans(tx, parcel_id)]

        return await self._faulty("history", work)

    async def scan(self, parcel_id: str, order: ScanOrder) -> Scan:
        found = await self._db.write(lambda tx: self._scan(tx, parcel_id, order))
        self._wake()
        return found

    async def move_due(self) -> None:
        """Scans what moves by itself and whose time has come."""
        for row in self._db.read(lambda tx: store.to_move(tx, time.time())):
            await self.scan(row["id"], PACE[row["state"]])

    def journal(self, after: int) -> list[dict[str, object]]:
        return self._db.read(lambda tx: store.journal(tx, after))

    def _scan(self, tx: Connection, parcel_id: str, order: ScanOrder) -> Scan:
        known = _demand(tx, parcel_id)
        if known["state"] in OVER:
            raise Refusal(409, "over", f"the parcel is {known['state']}")
        now = time.time()
        scan = Scan(
            id=f"scn_{secrets.token_hex(10)}",
            parcel=parcel_id,
            reference=known["reference"],
            seq=len(store.scans(tx, parcel_id)) + 1,
            state=order.state,
            at=now,
            place=order.place or known["city"],
            note=order.note,
        )
        store.insert_scan(tx, msgspec.structs.asdict(scan))
        over = order.state in OVER
        store.set_state(tx, parcel_id, order.state, None if over else self._next_move())
        store.note(tx, now, order.state, parcel_id, known["reference"])
        self._announce(tx, known["webhook_url"], scan, now)
        return scan

    def _announce(self, tx: Connection, url: str, scan: Scan, now: float) -> None:
        with self._lock:
            faults = self._webhook
            lost = faults.lose > 0
            doubled = not lost and faults.duplicate > 0
            forged = not lost and faults.forge > 0
            faults.lose -= lost
            faults.duplicate -= doubled
            faults.forge -= forged
            delay, reorder = faults.delay_ms / 1000, faults.reorder
        released = store.release_held(tx, scan.parcel, now + delay + 0.2)
        store.insert_event(
            tx,
            parcel=scan.parcel,
            url=url,
            body=msgspec.json.encode(scan),
            state="lost" if lost else "pending",
            due=now + delay,
            held=reorder and not released,
            copies=2 if doubled else 1,
            forged=forged,
        )

    async def _faulty(self, operation: Operation, work: Callable[[Connection], T]) -> T:
        with self._lock:
            fault = self._api.get(operation)
            mode = fault.mode if fault is not None and fault.count > 0 else ""
            if fault is not None and mode:
                fault.count -= 1
        if mode == "refuse":
            raise Refusal(422, "not_served", "we do not deliver there")
        if mode == "error_500":
            raise Refusal(500, "broken", "something broke here")
        if mode == "timeout_before":
            await asyncio.sleep(SILENCE)
            raise Refusal(503, "too_late", "")
        result = await self._db.write(work)
        self._wake()
        if mode == "timeout_after":
            await asyncio.sleep(SILENCE)
        return result

    def _next_move(self) -> float | None:
        return time.time() + self._pace if self._pace else None


def _demand(tx: Connection, parcel_id: str) -> sqlite3.Row:
    known = store.parcel(tx, parcel_id)
    if known is None:
        raise Refusal(404, "parcel_unknown", "there is no such parcel")
    return known


def _shown(row: sqlite3.Row) -> Parcel:
    return Parcel(
        id=row["id"],
        reference=row["reference"],
        carrier=NAME,
        tracking_number=row["tracking_number"],
        tracking_url="",
        state=row["state"],
        label=base64.b64encode(row["label"]).decode(),
    )
