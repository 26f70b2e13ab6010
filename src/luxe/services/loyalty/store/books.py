"""The ledger as a whole: totals by kind of account, and recounts of what is kept beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

import msgspec
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.loyalty.contract import AccountKind, AccountsTotal, Difference, Recount
from luxe.services.loyalty.tables import recount_differences
from luxe.services.loyalty.tables import recounts as recount_rows

KINDS: tuple[AccountKind, ...] = get_args(AccountKind)

_TOTALS = text("""
SELECT CASE WHEN account LIKE 'member\\:%' THEN split_part(account, '\\:', 3) ELSE split_part(account, '\\:', 2) END AS kind,
    count(DISTINCT account) AS accounts, CAST(sum(e.points) AS bigint) AS points
FROM loyalty.entries e JOIN loyalty.journals j ON j.id = e.journal_id WHERE j.at <= :at GROUP BY 1
""")

_BEGIN = text("""
INSERT INTO loyalty.recounts (id, began_at, cursor, members, differing)
SELECT :id, :at, '', 0, 0
WHERE NOT EXISTS (SELECT 1 FROM loyalty.recounts WHERE ended_at IS NULL OR began_at > :since)
""")

_UNDER_WAY = text("""
SELECT id, cursor FROM loyalty.recounts WHERE ended_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
""")

_MEMBERS = text("""
SELECT account_id FROM (
    (SELECT DISTINCT account_id FROM loyalty.journals
     WHERE account_id > :after AND kind NOT IN ('hold', 'release') ORDER BY account_id LIMIT :limit)
    UNION
    (SELECT account_id FROM loyalty.balances WHERE account_id > :after ORDER BY account_id LIMIT :limit)
) AS known ORDER BY account_id LIMIT :limit
""")

_DIFFERENCES = text("""
WITH who AS (SELECT unnest(CAST(:members AS text[])) AS account_id), counted AS (
    SELECT account_id, which, sum(e.points) AS points
    FROM who CROSS JOIN (VALUES ('available'), ('held'), ('owed')) AS kinds (which)
    JOIN loyalty.entries e ON e.account = 'member\\:' || account_id || '\\:' || which
    GROUP BY account_id, which
), kept AS (
    SELECT who.account_id, which, coalesce(points, 0) AS points
    FROM who LEFT JOIN loyalty.balances b USING (account_id)
    CROSS JOIN LATERAL (VALUES ('available', b.available), ('held', b.held), ('owed', -b.owed)) AS v (which, points)
), in_lots AS (
    SELECT account_id, sum(remaining) AS points FROM loyalty.lots JOIN who USING (account_id) GROUP BY account_id
), owned AS (
    SELECT account_id, sum(points) AS points FROM counted WHERE which <> 'owed' GROUP BY account_id
), moved AS (
    SELECT l.account_id, l.id, l.remaining, coalesce(sum(m.points), 0) AS points
    FROM who JOIN loyalty.lots l USING (account_id) LEFT JOIN loyalty.lot_moves m ON m.lot_id = l.id
    GROUP BY l.account_id, l.id, l.remaining
)
SELECT kept.account_id, which AS what, kept.points AS kept, coalesce(counted.points, 0) AS counted
FROM kept LEFT JOIN counted USING (account_id, which) WHERE kept.points <> coalesce(counted.points, 0)
UNION ALL
SELECT who.account_id, 'lots', coalesce(in_lots.points, 0), coalesce(owned.points, 0)
FROM who LEFT JOIN in_lots USING (account_id) LEFT JOIN owned USING (account_id)
WHERE coalesce(in_lots.points, 0) <> coalesce(owned.points, 0)
UNION ALL
SELECT account_id, 'lot\\:' || id, remaining, points FROM moved WHERE remaining <> points
ORDER BY account_id, what
""")

_GO_ON = text("""
UPDATE loyalty.recounts SET cursor = :cursor, members = members + :members, differing = differing + :differing,
    ended_at = CAST(:ended_at AS timestamptz) WHERE id = :id
""")


class UnderWay(msgspec.Struct, frozen=True):
    id: str
    cursor: str


async def totals(tx: AsyncConnection, at: datetime) -> list[AccountsTotal]:
    """Every kind, members' accounts first, in one snapshot."""
    found = {row.kind: row for row in await tx.execute(_TOTALS, {"at": at})}
    return [
        AccountsTotal(kind=kind, accounts=found[kind].accounts, points=found[kind].points)
        if kind in found
        else AccountsTotal(kind=kind, accounts=0, points=0)
        for kind in KINDS
    ]


async def under_way(tx: AsyncConnection, fresh_id: str, at: datetime, since: datetime) -> UnderWay | None:
    """The recount that is under way, locked; a new one if none is and none began after `since`."""
    await tx.execute(_BEGIN, {"id": fresh_id, "at": at, "since": since})
    row = (await tx.execute(_UNDER_WAY)).first()
    return None if row is None else UnderWay(row.id, row.cursor)


async def members_after(tx: AsyncConnection, after: str, limit: int) -> list[str]:
    """Whoever has a balance or a journal, in the order of their ids."""
    return list((await tx.execute(_MEMBERS, {"after": after, "limit": limit})).scalars())


async def differences(tx: AsyncConnection, members: Sequence[str]) -> list[Difference]:
    rows = await tx.execute(_DIFFERENCES, {"members": list(members)})
    return [
        Difference(account_id=row.account_id, what=row.what, kept=int(row.kept), counted=int(row.counted))
        for row in rows
    ]


async def go_on(
    tx: AsyncConnection,
    recount: str,
    cursor: str,
    members: int,
    found: Sequence[Difference],
    ended_at: datetime | None,
) -> None:
    values = {"id": recount, "cursor": cursor, "members": members, "differing": len(found)}
    await tx.execute(_GO_ON, values | {"ended_at": ended_at})
    if found:
        rows = [{"recount_id": recount, **msgspec.structs.asdict(each)} for each in found]
        await tx.execute(insert(recount_differences).values(rows))


async def recounts(tx: AsyncConnection, limit: int, differences_each: int = 100) -> list[Recount]:
    """Newest first, in two statements."""
    rows = (await tx.execute(select(recount_rows).order_by(recount_rows.c.id.desc()).limit(limit))).all()
    query = (
        select(recount_differences)
        .where(recount_differences.c.recount_id.in_([row.id for row in rows]))
        .order_by(recount_differences.c.seq)
        .limit(differences_each * max(1, len(rows)))
    )
    kept: dict[str, list[Difference]] = {}
    for row in await tx.execute(query):
        each = Difference(account_id=row.account_id, what=row.what, kept=row.kept, counted=row.counted)
        kept.setdefault(row.recount_id, []).append(each)
    return [
        Recount(
            id=row.id,
            began_at=row.began_at,
            ended_at=row.ended_at,
            members=row.members,
            differing=row.differing,
            differences=kept.get(row.id, [])[:differences_each],
        )
        for row in rows
    ]
