"""Queries of the provider's statements: its lines, kept, and what in a day's lines is not what our books say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import ARRAY, Date, Text

from luxe.services.payments.domain.differences import SLACK, Captures, Difference, Refunds
from luxe.services.payments.domain.life import Line
from luxe.services.payments.tables import reconciled_days, statement_lines

_CAPTURES = text("""
    WITH touched AS (
        SELECT reference AS id FROM payments.statement_lines WHERE day = :day AND kind = 'capture'
        UNION
        SELECT history.intent_id FROM payments.history JOIN payments.intents ON intents.id = history.intent_id
        WHERE at >= :since AND at < :until AND history.captured > 0 AND was NOT IN ('captured', 'disputed')
            AND intents.provider <> ALL(:unstated)
    ), theirs AS (
        SELECT reference, sum(amount)::bigint AS amount, max(currency) AS currency FROM payments.statement_lines
        WHERE kind = 'capture' AND day <= :day AND reference IN (SELECT id FROM touched) GROUP BY reference
    ), books AS (
        SELECT id, currency, CASE WHEN state = 'authorised' AND provider = ANY(:at_once) THEN amount ELSE captured END
            AS captured
        FROM payments.intents WHERE id IN (SELECT id FROM touched)
    ), sure AS (
        SELECT DISTINCT ON (intent_id) intent_id, captured FROM payments.history
        WHERE at < :until AND intent_id IN (SELECT id FROM touched) ORDER BY intent_id, seq DESC
    )
    SELECT touched.id AS reference, books.id IS NOT NULL AS known, coalesce(books.currency, '') AS currency,
        coalesce(theirs.currency, '') AS their_currency, coalesce(sure.captured, 0) AS sure,
        coalesce(books.captured, 0) AS now, coalesce(theirs.amount, 0) AS theirs
    FROM touched
    LEFT JOIN books ON books.id = touched.id
    LEFT JOIN theirs ON theirs.reference = touched.id
    LEFT JOIN sure ON sure.intent_id = touched.id
    WHERE books.id IS NULL OR theirs.currency <> books.currency
        OR theirs.amount > books.captured OR coalesce(theirs.amount, 0) < coalesce(sure.captured, 0)
    ORDER BY touched.id""").bindparams(
    bindparam("day", type_=Date),
    bindparam("at_once", type_=ARRAY(Text)),
    bindparam("unstated", type_=ARRAY(Text)),
)

_REFUNDS = text("""
    WITH ours AS NOT MATERIALIZED (
        SELECT id, psp_id, intent_id, currency, CASE WHEN state = 'succeeded' THEN amount END AS amount, settled_at
        FROM payments.movements WHERE kind = 'refund'
    )
    SELECT lines.id AS line, coalesce(named.id, found.id, '') AS movement,
        coalesce(named.intent_id, found.intent_id, lines.reference) AS intent_id,
        coalesce(named.currency, found.currency, '') AS currency, lines.currency AS their_currency,
        coalesce(named.amount, found.amount) AS ours, lines.amount AS theirs
    FROM payments.statement_lines AS lines
    LEFT JOIN ours AS named ON named.id = lines.movement
    LEFT JOIN ours AS found ON found.psp_id = lines.id AND found.psp_id <> ''
    WHERE lines.day = :day AND lines.kind = 'refund'
    UNION ALL
    SELECT '', ours.id, ours.intent_id, ours.currency, '', ours.amount, NULL FROM ours
    JOIN payments.intents ON intents.id = ours.intent_id AND intents.provider <> ALL(:unstated)
    WHERE ours.amount IS NOT NULL AND ours.settled_at >= :since AND ours.settled_at < :until
        AND NOT EXISTS (SELECT FROM payments.statement_lines l WHERE l.kind = 'refund' AND l.id = ours.psp_id)
        AND NOT EXISTS (SELECT FROM payments.statement_lines l WHERE l.kind = 'refund' AND l.movement = ours.id)
    """).bindparams(bindparam("day", type_=Date), bindparam("unstated", type_=ARRAY(Text)))

_DISPUTES = text("""
    SELECT lines.day, lines.id, lines.kind, lines.reference, lines.currency, lines.amount, coalesce(intents.run, '') AS run
    FROM payments.statement_lines AS lines
    LEFT JOIN payments.intents ON intents.id = lines.reference
    WHERE lines.day = :day AND lines.kind LIKE 'dispute%' AND NOT EXISTS (
        SELECT FROM payments.disputes WHERE dispute_id = lines.id
            AND outcome = CASE lines.kind WHEN 'dispute' THEN 'opened' ELSE substr(lines.kind, 9) END)
    ORDER BY lines.at, lines.id""").bindparams(bindparam("day", type_=Date))

_NEXT_DAY = text("""
    SELECT min(each.day)::date AS day
    FROM generate_series(
        (SELECT (at AT TIME ZONE 'UTC')::date FROM payments.history ORDER BY seq LIMIT 1)::timestamp,
        CAST(:latest AS date)::timestamp, '1 day') AS each (day)
    WHERE NOT EXISTS (SELECT FROM payments.reconciled_days AS done WHERE done.day = each.day::date)
    """).bindparams(bindparam("latest", type_=Date))


class Unheard(msgspec.Struct, frozen=True, kw_only=True):
    """News of a dispute that only the statement tells. `run` is empty if no intent of ours is meant; `opens` if it is
    the first that the statement says of it."""

    run: str
    opens: bool
    difference: Difference


async def keep(tx: AsyncConnection, day: date, lines: Sequence[Line]) -> None:
    """Keeps a page of a statement; lines that are kept already stay as they are."""
    rows = [
        {
            "id": line.id,
            "kind": line.kind,
            "day": day,
            "reference": line.reference or line.psp_intent,
            "movement": line.movement,
            "psp_intent": line.psp_intent,
            "currency": line.amount.currency,
            "amount": line.amount.minor,
            "fee": line.fee.minor,
            "at": line.at,
        }
        for line in lines
    ]
    if rows:
        await tx.execute(insert(statement_lines).values(rows).on_conflict_do_nothing())


async def differing_captures(
    tx: AsyncConnection, day: date, now: datetime, *, at_once: Sequence[str], unstated: Sequence[str]
) -> list[Captures]:
    """`at_once` are the providers that hold the whole amount while it is only authorised here, `unstated` those without a
    statement."""
    asked = {"day": day, "at_once": list(at_once), "unstated": list(unstated)}
    rows = await tx.execute(_CAPTURES, asked | _window(day, now))
    return [Captures(**row._mapping) for row in rows]


async def refunds(tx: AsyncConnection, day: date, now: datetime, *, unstated: Sequence[str]) -> list[Refunds]:
    """The day's refunds in both books."""
    rows = await tx.execute(_REFUNDS, {"day": day, "unstated": list(unstated)} | _window(day, now))
    return [Refunds(**row._mapping) for row in rows]


async def unheard_disputes(tx: AsyncConnection, day: date) -> list[Unheard]:
    return [
        Unheard(
            run=row.run,
            opens=row.kind == "dispute",
            difference=Difference(
                day=row.day,
                kind="disputed",
                reference=row.id,
                intent_id="",
                currency=row.currency,
                ours=None,
                theirs=row.amount,
            ),
        )
        for row in await tx.execute(_DISPUTES, {"day": day})
    ]


async def count(tx: AsyncConnection, day: date) -> int:
    query = text("SELECT count(*) FROM payments.statement_lines WHERE day = :day").bindparams(
        bindparam("day", type_=Date)
    )
    return (await tx.execute(query, {"day": day})).scalar_one()


async def mark(tx: AsyncConnection, day: date, *, lines: int, opened: int, at: datetime) -> None:
    """Notes that a day is done with."""
    values = {"lines": lines, "opened": opened, "at": at}
    query = insert(reconciled_days).values(day=day, **values)
    await tx.execute(
        query.on_conflict_do_update(
            index_elements=[reconciled_days.c.day],
            set_={"lines": lines, "opened": reconciled_days.c.opened + opened, "at": at},
        )
    )


async def next_day(tx: AsyncConnection, latest: date) -> date | None:
    """The earliest day up to `latest`, since anything was paid here, that was not compared yet."""
    return (await tx.execute(_NEXT_DAY, {"latest": latest})).scalar_one()


def _window(day: date, now: datetime) -> dict[str, datetime]:
    """What we did in it must stand in the day's statement or in one before."""
    start = datetime.combine(day, datetime.min.time(), UTC) - SLACK
    return {"since": start, "until": min(start + timedelta(days=1), now - SLACK)}
