"""The carrier's SQLite file: parcels, their scans, the events about them, and a journal of every effect."""

from __future__ import annotations

import sqlite3
from typing import Any

from msgspec import Struct

SCHEMA = """
CREATE TABLE IF NOT EXISTS parcels (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, body BLOB NOT NULL, webhook_url TEXT NOT NULL,
    country TEXT NOT NULL, city TEXT NOT NULL, tracking_number TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
    label BLOB NOT NULL, moves_at REAL
);
CREATE TABLE IF NOT EXISTS scans (
    id TEXT PRIMARY KEY, parcel TEXT NOT NULL REFERENCES parcels (id), reference TEXT NOT NULL, seq INTEGER NOT NULL,
    state TEXT NOT NULL, at REAL NOT NULL, place TEXT NOT NULL, note TEXT NOT NULL, UNIQUE (parcel, seq)
);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, parcel TEXT NOT NULL, url TEXT NOT NULL, body BLOB NOT NULL, state TEXT NOT NULL,
    due REAL NOT NULL, held INTEGER NOT NULL, copies INTEGER NOT NULL, forged INTEGER NOT NULL, attempts INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS events_due ON events (state, due);
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY, at REAL NOT NULL, effect TEXT NOT NULL, parcel TEXT NOT NULL, reference TEXT NOT NULL
);
"""
Connection = sqlite3.Connection


class Event(Struct, frozen=True):
    seq: int
    parcel: str
    url: str
    body: bytes
    copies: int
    forged: bool
    attempts: int


def insert_parcel(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(
        """INSERT INTO parcels VALUES (:id, :reference, :body, :webhook_url, :country, :city, :tracking_number,
        'booked', :label, :moves_at)""",
        row,
    )


def parcel(tx: Connection, parcel_id: str) -> sqlite3.Row | None:
    return tx.execute("SELECT * FROM parcels WHERE id = ?", (parcel_id,)).fetchone()


def of_reference(tx: Connection, reference: str) -> sqlite3.Row | None:
    return tx.execute("SELECT * FROM parcels WHERE reference = ?", (reference,)).fetchone()


def set_state(tx: Connection, parcel_id: str, state: str, moves_at: float | None) -> None:
    tx.execute("UPDATE parcels SET state = ?, moves_at = ? WHERE id = ?", (state, moves_at, parcel_id))


def to_move(tx: Connection, now: float) -> list[sqlite3.Row]:
    return list(tx.execute("SELECT id, state FROM parcels WHERE moves_at <= ? LIMIT 100", (now,)))


def scans(tx: Connection, parcel_id: str) -> list[sqlite3.Row]:
    return list(tx.execute("SELECT * FROM scans WHERE parcel = ? ORDER BY seq", (parcel_id,)))


def insert_scan(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute("INSERT INTO scans VALUES (:id, :parcel, :reference, :seq, :state, :at, :place, :note)", row)


def insert_event(
    tx: Connection,
    *,
    parcel: str,
    url: str,
    body: bytes,
    state: str,
    due: float,
    held: bool,
    copies: int,
    forged: bool,
) -> None:
    tx.execute(
        """INSERT INTO events (parcel, url, body, state, due, held, copies, forged, attempts)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)""",
        (parcel, url, body, state, due, held, copies, forged),
    )


def release_held(tx: Connection, parcel_id: str, due: float) -> int:
    """Lets events that were held back go at `due`; returns how many there were."""
    query = "UPDATE events SET held = 0, due = ? WHERE parcel = ? AND held = 1 AND state = 'pending'"
    return tx.execute(query, (due, parcel_id)).rowcount


def due_events(tx: Connection, now: float) -> list[Event]:
    query = """SELECT seq, parcel, url, body, copies, forged, attempts FROM events
        WHERE state = 'pending' AND held = 0 AND due <= ? ORDER BY due, seq LIMIT 32"""
    return [Event(*row) for row in tx.execute(query, (now,))]


def mark_event(tx: Connection, seq: int, state: str, due: float) -> None:
    tx.execute(
        "UPDATE events SET state = ?, due = ?, attempts = attempts + 1 WHERE seq = ?", (state, due, seq)
    )


def note(tx: Connection, at: float, effect: str, parcel_id: str, reference: str) -> None:
    tx.execute(
        "INSERT INTO journal (at, effect, parcel, reference) VALUES (?, ?, ?, ?)",
        (at, effect, parcel_id, reference),
    )


def journal(tx: Connection, after: int) -> list[dict[str, Any]]:
    query = "SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT 10000"
    return [dict(row) for row in tx.execute(query, (after,))]
