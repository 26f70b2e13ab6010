"""Queries of a purchase, one statement each, and what a member reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.loyalty import domain, tables

_JOURNAL = "INSERT INTO loyalty.journals (id, kind, run, reference, account_id, points, balance, at, actor)"
_ENTRIES = "INSERT INTO loyalty.entries (journal_id, account, points)"
_MOVES = "INSERT INTO loyalty.lot_moves (lot_id, journal_id, points)"

_BALANCE = text("""
SELECT coalesce(b.available, 0) AS available, coalesce(b.held, 0) AS held,
       coalesce(b.owed, 0) AS owed, coalesce(l.remaining, 0) AS expiring, l.expires_at
FROM (SELECT CAST(:account_id AS text) AS account_id) AS who
LEFT JOIN loyalty.balances b USING (account_id)
LEFT JOIN LATERAL (
    SELECT CAST(sum(remaining) AS bigint) AS remaining, expires_at FROM loyalty.lots
    WHERE account_id = who.account_id AND remaining > 0
    GROUP BY expires_at ORDER BY expires_at LIMIT 1
) AS l ON true
""")

_HOLD = text(f"""
WITH fresh AS (
    INSERT INTO loyalty.holds (run, account_id, points, worth_minor, currency, state, held_at)
    VALUES (:run, :account_id, :points, :worth_minor, :currency, 'held', :at)
    ON CONFLICT (run) DO NOTHING RETURNING points
), moved AS (
    UPDATE loyalty.balances b SET available = b.available - fresh.points, held = b.held + fresh.points
    FROM fresh WHERE b.account_id = :account_id AND b.available >= fresh.points
    RETURNING b.available + b.held AS total
), journal AS (
    {_JOURNAL} SELECT :journal_id, 'hold', :run, :run, :account_id, 0, total, :at, :actor FROM moved RETURNING id
), written AS (
    {_ENTRIES} SELECT id, :available_account, -CAST(:points AS bigint) FROM journal
    UNION ALL SELECT id, :held_account, CAST(:points AS bigint) FROM journal
)
SELECT (SELECT count(*) FROM fresh) AS fresh, (SELECT count(*) FROM moved) AS moved
""")  # noqa: S608 - only this module's own words are put together

_FORBID = text("""
INSERT INTO loyalty.holds (run, account_id, points, worth_minor, currency, state, held_at)
VALUES (:run, '', 0, 0, '', 'released', :at) ON CONFLICT (run) DO NOTHING RETURNING run
""")

_RELEASE = text(f"""
WITH released AS (
    UPDATE loyalty.holds SET state = 'released' WHERE run = :run AND state = 'held' RETURNING account_id, points
), moved AS (
    UPDATE loyalty.balances b SET available = b.available + released.points, held = b.held - released.points
    FROM released WHERE b.account_id = released.account_id
    RETURNING b.account_id, released.points, b.available + b.held AS total, b.owed
), journal AS (
    {_JOURNAL} SELECT :journal_id, 'release', :run, :run, account_id, 0, total, :at, :actor FROM moved RETURNING id
), written AS (
    {_ENTRIES} SELECT journal.id, 'member:' || account_id || '\\:held', -points FROM journal, moved
    UNION ALL SELECT journal.id, 'member:' || account_id || '\\:available', points FROM journal, moved
)
SELECT account_id FROM moved WHERE owed > 0
""")  # noqa: S608

_LOCK = text("""
WITH locked AS (
    INSERT INTO loyalty.balances (account_id, available, held) VALUES (:account_id, 0, 0)
    ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id RETURNING available + held AS total, owed
)
SELECT total, owed,
    (SELECT state FROM loyalty.holds WHERE run = :run) AS hold,
    (SELECT points FROM loyalty.journals WHERE run = :run AND kind = 'earn') AS earned
FROM locked
""")

_FIFO = """
    SELECT l.id, least(l.remaining, greatest(0, wanted.points -
        (sum(l.remaining) OVER (ORDER BY l.expires_at, l.id) - l.remaining))) AS taken
    FROM loyalty.lots l, wanted WHERE l.account_id = :account_id AND l.remaining > 0
"""

_SETTLE = text(f"""
WITH settled AS (
    UPDATE loyalty.holds SET state = 'settled' WHERE run = :run AND state = 'held' RETURNING points
), wanted AS (SELECT coalesce((SELECT points FROM settled), 0) AS points),
redeemed AS (
    {_JOURNAL} SELECT :redeem_id, 'redeem', :run, :reference, :account_id, -points, :total - points, :at, :actor
    FROM settled RETURNING id
), earned AS (
    {_JOURNAL} SELECT :earn_id, 'earn', :run, :reference, :account_id, :points, :total - points + :points, :at, :actor
    FROM wanted WHERE CAST(:points AS bigint) > 0
    ON CONFLICT (run, kind) DO NOTHING RETURNING id, CAST(:points AS bigint) AS points
), written AS (
    {_ENTRIES} SELECT id, :held_account, -points FROM redeemed, wanted
    UNION ALL SELECT id, '{domain.REDEEMED}', points FROM redeemed, wanted
    UNION ALL SELECT id, :issued_account, -points FROM earned
    UNION ALL SELECT id, :available_account, points FROM earned
), fifo AS ({_FIFO}), used AS (
    UPDATE loyalty.lots l SET remaining = l.remaining - fifo.taken FROM fifo WHERE l.id = fifo.id AND fifo.taken > 0
), drawn AS (
    {_MOVES} SELECT id, :redeem_id, -taken FROM fifo WHERE taken > 0
), sale AS (
    INSERT INTO loyalty.sales
        (run, account_id, reference, net_paid_minor, currency, earned, redeemed, lot_id, at)
    SELECT :run, :account_id, :reference, :net_paid_minor, :currency, coalesce((SELECT points FROM earned), 0),
        points, (SELECT CAST(:lot_id AS text) FROM earned), :at
    FROM wanted
    ON CONFLICT (run) DO NOTHING
), lot AS (
    INSERT INTO loyalty.lots (id, account_id, points, remaining, earned_at, expires_at)
    SELECT :lot_id, :account_id, points, points, :at, :expires_at FROM earned
), into_lot AS (
    {_MOVES} SELECT :lot_id, id, points FROM earned
), moved AS (
    UPDATE loyalty.balances b SET held = b.held - wanted.points,
        available = b.available + coalesce((SELECT points FROM earned), 0)
    FROM wanted WHERE b.account_id = :account_id
)
SELECT 1
""")  # noqa: S608

_LAPSING = text("""
SELECT b.account_id FROM loyalty.balances b
JOIN (
    SELECT account_id, sum(remaining) AS lapsed FROM loyalty.lots
    WHERE remaining > 0 AND expires_at <= :at GROUP BY account_id
) AS old USING (account_id)
WHERE old.lapsed > b.held ORDER BY b.account_id LIMIT :limit FOR UPDATE OF b SKIP LOCKED
""")

_LAPSE = text(f"""
WITH wanted AS (
    SELECT CAST(sum(l.remaining) - max(b.held) AS bigint) AS points, max(b.available + b.held) AS total
    FROM loyalty.lots l JOIN loyalty.balances b USING (account_id)
    WHERE l.account_id = :account_id AND l.remaining > 0 AND l.expires_at <= :at
    HAVING sum(l.remaining) > max(b.held)
), fifo AS ({_FIFO}), used AS (
    UPDATE loyalty.lots l SET remaining = l.remaining - fifo.taken FROM fifo WHERE l.id = fifo.id AND fifo.taken > 0
), drawn AS (
    {_MOVES} SELECT fifo.id, :journal_id, -taken FROM fifo WHERE taken > 0
), moved AS (
    UPDATE loyalty.balances b SET available = b.available - wanted.points FROM wanted WHERE b.account_id = :account_id
), journal AS (
    {_JOURNAL} SELECT :journal_id, 'expire', NULL, '', :account_id, -points, total - points, :at, :actor
    FROM wanted RETURNING id
)
{_ENTRIES} SELECT id, :available_account, -points FROM journal, wanted
UNION ALL SELECT id, '{domain.EXPIRED}', points FROM journal, wanted
""")  # noqa: S608


class Hold(msgspec.Struct, frozen=True):
    account_id: str
    points: int
    worth_minor: int
    currency: str
    state: str


async def balance(tx: AsyncConnection, account_id: str) -> RowMapping:
    return (await tx.execute(_BALANCE, {"account_id": account_id})).mappings().one()


async def statement(tx: AsyncConnection, account_id: str, before: str, limit: int) -> list[RowMapping]:
    """Newest first; setting points aside and giving them back is no line of a statement."""
    journals = tables.journals
    query = select(journals).where(
        journals.c.account_id == account_id, text("kind NOT IN ('hold', 'release')")
    )
    if before:
        query = query.where(journals.c.id < before)
    return list((await tx.execute(query.order_by(journals.c.id.desc()).limit(limit))).mappings())


async def hold(tx: AsyncConnection, **values: Any) -> tuple[bool, bool]:
    """One statement. (the run is new, the points were there)"""
    row = (await tx.execute(_HOLD, values | _accounts(values["account_id"]))).one()
    return bool(row.fresh), bool(row.moved)


async def hold_of(tx: AsyncConnection, run: str) -> Hold:
    holds = tables.holds
    row = (await tx.execute(select(holds).where(holds.c.run == run))).one()
    return Hold(row.account_id, row.points, row.worth_minor, row.currency, row.state)


async def release(tx: AsyncConnection, run: str, journal_id: str, at: datetime, actor: str) -> str | None:
    """A run that held nothing is remembered, so that its hold cannot arrive afterwards. Returns who has got points back
    and owes some."""
    if (await tx.execute(_FORBID, {"run": run, "at": at})).first() is not None:
        return None
    values = {"run": run, "journal_id": journal_id, "at": at, "actor": actor}
    return (await tx.execute(_RELEASE, values)).scalar()


async def lock(tx: AsyncConnection, account_id: str, run: str) -> RowMapping:
    """Locks the member's balance (making it if need be): `total`, `owed`, and what is known of the run: `hold`, `earned`."""
    return (await tx.execute(_LOCK, {"account_id": account_id, "run": run})).mappings().one()


async def settle(tx: AsyncConnection, **values: Any) -> None:
    """One statement under the lock of the balance."""
    accounts = _accounts(values["account_id"]) | {"issued_account": domain.issued_account(values["earn_id"])}
    await tx.execute(_SETTLE, values | accounts)


async def lapsing(tx: AsyncConnection, at: datetime, limit: int) -> list[str]:
    """Members with lapsed points beyond what is held; their balances are locked."""
    return list((await tx.execute(_LAPSING, {"at": at, "limit": limit})).scalars())


async def lapse(tx: AsyncConnection, account_id: str, journal_id: str, at: datetime, actor: str) -> None:
    values = {"account_id": account_id, "journal_id": journal_id, "at": at, "actor": actor}
    await tx.execute(_LAPSE, values | {"available_account": domain.available_account(account_id)})


def _accounts(account_id: str) -> dict[str, str]:
    return {
        "available_account": domain.available_account(account_id),
        "held_account": domain.held_account(account_id),
    }
