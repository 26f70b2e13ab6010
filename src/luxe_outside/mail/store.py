"""Every query of the mail sink; functions take the connection first."""

import json
import sqlite3
from email.message import EmailMessage
from typing import Any

from msgspec import Struct

Connection = sqlite3.Connection
CAPACITY = 5_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    received REAL NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    raw BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS recipients (
    seq INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
    address TEXT NOT NULL,
    PRIMARY KEY (address, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS recipients_by_message ON recipients (seq);
"""


class Received(Struct, kw_only=True, frozen=True):
    """A message as it came in: the envelope's addresses, and the bytes."""

    id: str
    received: float
    sender: str
    recipients: list[str]
    subject: str
    raw: bytes


def insert_message(tx: Connection, message: Received) -> None:
    """Keeps the message and forgets the oldest beyond `CAPACITY`."""
    cursor = tx.execute(
        "INSERT INTO messages (id, received, sender, recipients, subject, raw) VALUES (?, ?, ?, ?, ?, ?)",
        (
            message.id,
            message.received,
            message.sender,
            json.dumps(message.recipients),
            message.subject,
            message.raw,
        ),
    )
    seq = cursor.lastrowid or 0
    addresses = {(seq, address.lower()) for address in message.recipients}
    tx.executemany("INSERT INTO recipients (seq, address) VALUES (?, ?)", addresses)
    tx.execute("DELETE FROM messages WHERE seq <= ?", (seq - CAPACITY,))


def list_messages(
    tx: Connection,
    *,
    to: str | None = None,
    containing: str | None = None,
    after: float = 0,
    limit: int = 200,
) -> list[dict[str, Any]]:
    """Newest first: those to exactly `to`, or to an address containing some text, received after a time."""
    query = """SELECT id, received, sender, recipients, subject FROM messages
        WHERE received > :after
            AND (:to IS NULL OR seq IN (SELECT seq FROM recipients WHERE address = :to))
            AND (:part IS NULL OR seq IN (SELECT seq FROM recipients WHERE instr(address, :part) > 0))
        ORDER BY seq DESC LIMIT :limit"""
    values = {
        "after": after,
        "to": to.strip().lower() if to else None,
        "part": containing.strip().lower() if containing else None,
        "limit": limit,
    }
    return [dict(row) | {"recipients": json.loads(row["recipients"])} for row in tx.execute(query, values)]


def find_message(tx: Connection, message_id: str) -> Received | None:
    row = tx.execute("SELECT * FROM messages WHERE id = ?", (message_id,)).fetchone()
    if row is None:
        return None
    return Received(
        id=row["id"],
        received=row["received"],
        sender=row["sender"],
        recipients=json.loads(row["recipients"]),
        subject=row["subject"],
        raw=row["raw"],
    )


def count_messages(tx: Connection) -> int:
    return tx.execute("SELECT count(*) FROM messages").fetchone()[0]


def delete_messages(tx: Connection) -> int:
    """Empties the mailbox; returns how many messages there were."""
    return tx.execute("DELETE FROM messages").rowcount


def subject_of(parsed: EmailMessage) -> str:
    return str(parsed["Subject"] or "")
