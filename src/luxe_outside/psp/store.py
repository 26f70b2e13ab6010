"""Every query of the provider; functions take the connection first."""

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from .rules import Intent
from .wire import Answer, Dispute, Line, PaidWith, Part, Parts

Connection = sqlite3.Connection
SCHEMA = (Path(__file__).parent / "schema.sql").read_text()

_COLUMNS = (
    "id", "status", "amount", "amount_captured", "amount_refunded", "currency", "reference", "return_url",
    "webhook_url", "description", "locale", "capture", "methods", "method_type", "method_brand",
    "method_last4", "failure_code", "created", "expires_at", "action", "action_due", "tries_left",
    "pending_failure",
)  # fmt: skip
# Built from the column names above, never from input.
_INSERT = f"INSERT INTO intents ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
_CHANGING = (
    "status", "amount_captured", "amount_refunded", "method_type", "method_brand", "method_last4",
    "failure_code", "action", "action_due", "tries_left", "pending_failure",
)  # fmt: skip
_UPDATE = f"UPDATE intents SET {', '.join(f'{name} = ?' for name in _CHANGING)} WHERE id = ?"  # noqa: S608

_SETTLEMENT = """
    WITH moved (type, object, object_reference, intent_id, amount, fee, created) AS (
        SELECT 'capture', 'ca_' || seq, '', intent_id, amount, (amount * 8 + 500) / 1000, at FROM journal
            WHERE effect = 'capture' AND at >= :start AND at < :end
        UNION ALL SELECT 'refund', id, reference, intent_id, -amount, 0, created FROM refunds
            WHERE created >= :start AND created < :end
        UNION ALL SELECT 'dispute', id, '', intent_id, -amount, 1500, created FROM disputes
            WHERE created >= :start AND created < :end
        UNION ALL SELECT 'dispute_' || state, id, '', intent_id, iif(state = 'won', amount, 0), 0, closed FROM disputes
            WHERE closed >= :start AND closed < :end)
    SELECT type, object, object_reference, intent_id AS intent, reference, moved.amount AS amount, fee, currency,
        moved.created AS created
    FROM moved JOIN intents ON intents.id = intent_id ORDER BY moved.created, object, type LIMIT :limit OFFSET :offset"""


class PendingEvent(Struct, frozen=True):
    seq: int
    id: str
    intent_id: str
    type: str
    body: bytes
    url: str
    copies: int
    forged: int
    attempts: int
    created: float


def insert_intent(tx: Connection, intent: Intent) -> None:
    values = _flat(intent)
    tx.execute(_INSERT, [values[name] for name in _COLUMNS])


def update_intent(tx: Connection, intent: Intent) -> None:
    values = _flat(intent)
    tx.execute(_UPDATE, [*(values[name] for name in _CHANGING), intent.id])


def find_intent(tx: Connection, intent_id: str) -> Intent | None:
    row = tx.execute("SELECT * FROM intents WHERE id = ?", (intent_id,)).fetchone()
    return None if row is None else _intent(row)


def intents_with_reference(tx: Connection, reference: str) -> list[Intent]:
    """Newest first."""
    rows = tx.execute("SELECT * FROM intents WHERE reference = ? ORDER BY rowid DESC LIMIT 100", (reference,))
    return [_intent(row) for row in rows]


def ids_to_expire(tx: Connection, now: float) -> list[str]:
    query = """SELECT id FROM intents
        WHERE status IN ('requires_method', 'requires_action') AND expires_at <= ? LIMIT 200"""
    return [row["id"] for row in tx.execute(query, (now,))]


def ids_to_process(tx: Connection, now: float) -> list[str]:
    rows = tx.execute("SELECT id FROM intents WHERE action_due <= ? LIMIT 200", (now,))
    return [row["id"] for row in rows]


def insert_refund(tx: Connection, intent_id: str, refund: Part) -> None:
    tx.execute("INSERT INTO refunds VALUES (?, ?, ?, ?, ?)", _part(intent_id, refund))


def insert_capture(tx: Connection, intent_id: str, capture: Part) -> None:
    tx.execute("INSERT INTO captures VALUES (?, ?, ?, ?, ?)", _part(intent_id, capture))


def insert_dispute(tx: Connection, intent_id: str, dispute: Dispute) -> None:
    tx.execute(
        "INSERT INTO disputes VALUES (?, ?, ?, ?, ?, ?, NULL)",
        (dispute.id, intent_id, dispute.amount, dispute.reason, dispute.state, dispute.created),
    )


def find_dispute(tx: Connection, dispute_id: str) -> tuple[str, int, str] | None:
    """The intent, the amount and the state of a dispute."""
    query = "SELECT intent_id, amount, state FROM disputes WHERE id = ?"
    row = tx.execute(query, (dispute_id,)).fetchone()
    return None if row is None else (row["intent_id"], row["amount"], row["state"])


def close_dispute(tx: Connection, dispute_id: str, state: str, at: float) -> None:
    tx.execute("UPDATE disputes SET state = ?, closed = ? WHERE id = ?", (state, at, dispute_id))


def parts_of(tx: Connection, intent_id: str) -> Parts:
    """Oldest first."""

    def found(table: str, kind: type[Any], columns: str) -> list[Any]:
        query = f"SELECT {columns} FROM {table} WHERE intent_id = ? ORDER BY rowid"  # noqa: S608 - names from below
        return [kind(**dict(row)) for row in tx.execute(query, (intent_id,))]

    return Parts(
        captures=found("captures", Part, "id, amount, reference, created"),
        refunds=found("refunds", Part, "id, amount, reference, created"),
        disputes=found("disputes", Dispute, "id, amount, reason, state, created"),
    )


def settlement(tx: Connection, start: float, end: float, offset: int, limit: int) -> list[Line]:
    """What moved from `start` until before `end`, in order; a capture without a reference is named after its journal row."""
    rows = tx.execute(_SETTLEMENT, {"start": start, "end": end, "offset": offset, "limit": limit})
    return [Line(**dict(row)) for row in rows]


def _part(intent_id: str, part: Part) -> tuple[str, str, int, str, int]:
    return (part.id, intent_id, part.amount, part.reference, part.created)


def find_answer(tx: Connection, key: str) -> tuple[bytes, Answer] | None:
    """The request fingerprint and the answer stored under an idempotency key."""
    row = tx.execute("SELECT fingerprint, status, body FROM answers WHERE key = ?", (key,)).fetchone()
    return None if row is None else (row["fingerprint"], Answer(row["status"], row["body"]))


def insert_answer(tx: Connection, key: str, fingerprint: bytes, answer: Answer) -> None:
    tx.execute("INSERT INTO answers VALUES (?, ?, ?, ?)", (key, fingerprint, answer.status, answer.body))


def insert_journal(
    tx: Connection, *, at: float, effect: str, intent_id: str, amount: int, key: str | None
) -> None:
    tx.execute(
        "INSERT INTO journal (at, effect, intent_id, amount, idempotency_key) VALUES (?, ?, ?, ?, ?)",
        (at, effect, intent_id, amount, key),
    )


def journal(
    tx: Connection, *, after: int, intent_id: str | None, reference: str | None
) -> list[dict[str, Any]]:
    """Effects in the order in which they happened, at most 10,000."""
    query = """SELECT journal.seq, at, effect, intent_id AS intent, reference, journal.amount, currency,
            idempotency_key
        FROM journal JOIN intents ON intents.id = intent_id
        WHERE journal.seq > :after AND (:intent IS NULL OR intent_id = :intent)
            AND (:reference IS NULL OR reference = :reference)
        ORDER BY journal.seq LIMIT 10000"""
    rows = tx.execute(query, {"after": after, "intent": intent_id, "reference": reference})
    return [dict(row) for row in rows]


def insert_event(tx: Connection, *, event: PendingEvent, state: str, due: float, held: bool) -> None:
    tx.execute(
        """INSERT INTO events (id, intent_id, type, body, url, state, due, held, copies, forged, created)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            event.id, event.intent_id, event.type, event.body, event.url, state, due, held,
            event.copies, event.forged, event.created,
        ),
    )  # fmt: skip


def release_held_events(tx: Connection, intent_id: str, due: float) -> int:
    """Lets events that were held back go at `due`; returns how many there were."""
    query = "UPDATE events SET held = 0, due = ? WHERE intent_id = ? AND held = 1 AND state = 'pending'"
    return tx.execute(query, (due, intent_id)).rowcount


def due_events(tx: Connection, now: float, limit: int) -> list[PendingEvent]:
    query = """SELECT seq, id, intent_id, type, body, url, copies, forged, attempts, created FROM events
        WHERE state = 'pending' AND due <= ? ORDER BY due, seq LIMIT ?"""
    return [PendingEvent(*row) for row in tx.execute(query, (now, limit))]


def next_due(tx: Connection) -> float | None:
    return tx.execute("SELECT min(due) FROM events WHERE state = 'pending'").fetchone()[0]


def mark_event(tx: Connection, seq: int, state: str, due: float) -> None:
    """Records an attempt and what follows from it."""
    tx.execute(
        "UPDATE events SET state = ?, due = ?, attempts = attempts + 1 WHERE seq = ?", (state, due, seq)
    )


def events_of(tx: Connection, intent_id: str) -> list[dict[str, Any]]:
    query = """SELECT id, intent_id AS intent, type, state, attempts, created FROM events
        WHERE intent_id = ? ORDER BY seq"""
    return [dict(row) for row in tx.execute(query, (intent_id,))]


def _flat(intent: Intent) -> dict[str, Any]:
    values = msgspec.structs.asdict(intent)
    method = values.pop("method") or PaidWith(type="card")
    paid = intent.method is not None
    values |= {
        "methods": " ".join(intent.methods),
        "method_type": method.type if paid else None,
        "method_brand": method.brand,
        "method_last4": method.last4,
    }
    return values


def _intent(row: sqlite3.Row) -> Intent:
    values = dict(row)
    kind, brand, last4 = (values.pop(name) for name in ("method_type", "method_brand", "method_last4"))
    method = None if kind is None else PaidWith(type=kind, brand=brand, last4=last4)
    return Intent(**values | {"methods": tuple(values["methods"].split()), "method": method})
