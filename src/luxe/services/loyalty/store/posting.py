"""One journal after another, for what is rarer than a purchase; each step is a statement of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.ids import new_id
from luxe.services.loyalty import domain, tables

_LOCK = text("""
INSERT INTO loyalty.balances (account_id, available, held) VALUES (:account_id, 0, 0)
ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id RETURNING available, held, owed
""")

_MOVE = text("""
UPDATE loyalty.balances SET available = available + :available, held = held + :held, owed = owed + :owed
WHERE account_id = :account_id
""")

_TAKE_LOTS = text("""
WITH fifo AS (
    SELECT id, least(remaining, greatest(0, CAST(:points AS bigint) - (sum(remaining) OVER (
        ORDER BY id = CAST(:first AS text) DESC, expires_at, id) - remaining))) AS taken
    FROM loyalty.lots WHERE account_id = :account_id AND remaining > 0
), used AS (
    UPDATE loyalty.lots l SET remaining = l.remaining - fifo.taken FROM fifo WHERE l.id = fifo.id AND fifo.taken > 0
)
INSERT INTO loyalty.lot_moves (lot_id, journal_id, points)
SELECT id, :journal_id, -taken FROM fifo WHERE taken > 0
""")


class Standing(msgspec.Struct, frozen=True):
    """A member's balance, whose row is locked until the transaction ends."""

    account_id: str
    available: int
    held: int
    owed: int

    def moved(self, available: int) -> Standing:
        return msgspec.structs.replace(self, available=self.available + available)


async def lock(tx: AsyncConnection, account_id: str) -> Standing:
    """Makes the balance if there is none, and locks it."""
    row = (await tx.execute(_LOCK, {"account_id": account_id})).one()
    return Standing(account_id, row.available, row.held, row.owed)


async def post(
    tx: AsyncConnection,
    standing: Standing,
    *,
    kind: str,
    reference: str,
    entries: Sequence[tuple[str, int]],
    at: datetime,
    actor: str,
) -> str:
    """A journal, its entries, and the balance after it; returns the journal's id."""
    account_id = standing.account_id
    by_account = dict(entries)
    available = by_account.get(domain.available_account(account_id), 0)
    held = by_account.get(domain.held_account(account_id), 0)
    owed = -by_account.get(domain.owed_account(account_id), 0)
    journal_id = new_id("jrn")
    journal = {
        "id": journal_id,
        "kind": kind,
        "run": None,
        "reference": reference,
        "account_id": account_id,
        "points": available + held,
        "balance": standing.available + standing.held + available + held,
        "owed": owed,
        "at": at,
        "actor": actor,
    }
    await tx.execute(insert(tables.journals).values(journal))
    rows = [{"journal_id": journal_id, "account": account, "points": points} for account, points in entries]
    await tx.execute(insert(tables.entries).values(rows))
    moved = {"account_id": account_id, "available": available, "held": held, "owed": owed}
    await tx.execute(_MOVE, moved)
    return journal_id


async def take_lots(
    tx: AsyncConnection, account_id: str, journal_id: str, points: int, first: str | None = None
) -> None:
    """Takes points from the lot `first` if there is one, then from those that lapse soonest."""
    if points:
        values = {"account_id": account_id, "journal_id": journal_id, "points": points, "first": first}
        await tx.execute(_TAKE_LOTS, values)


async def add_lots(
    tx: AsyncConnection, account_id: str, journal_id: str, lots: Sequence[tuple[str, domain.Lot]]
) -> None:
    """New lots by id."""
    made = [
        {
            "id": lot_id,
            "account_id": account_id,
            "points": lot.points,
            "remaining": lot.points,
            "earned_at": lot.earned_at,
            "expires_at": lot.expires_at,
        }
        for lot_id, lot in lots
    ]
    moves = [{"lot_id": lot_id, "journal_id": journal_id, "points": lot.points} for lot_id, lot in lots]
    await tx.execute(insert(tables.lots).values(made))
    await tx.execute(insert(tables.lot_moves).values(moves))
