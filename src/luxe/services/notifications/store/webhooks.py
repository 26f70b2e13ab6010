"""Endpoints, and the log of deliveries, which is their queue as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import DateTime, bindparam, delete, func, insert, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.notifications.contract import Delivery, Endpoint
from luxe.services.notifications.tables import deliveries, endpoints

_TAKE = text(
    """
    WITH due AS (
        SELECT picked.seq, endpoints.url
        FROM notifications.endpoints CROSS JOIN LATERAL (
            SELECT mine.seq FROM notifications.deliveries AS mine
            WHERE mine.endpoint_id = endpoints.id AND mine.state = 'waiting' AND mine.next_at <= :now
                AND (mine.sending_until IS NULL OR mine.sending_until < :now)
                AND NOT EXISTS (
                    SELECT 1 FROM notifications.deliveries AS earlier
                    WHERE earlier.endpoint_id = mine.endpoint_id AND earlier.object_id = mine.object_id
                        AND earlier.state = 'waiting' AND earlier.seq < mine.seq
                )
            ORDER BY mine.seq
            LIMIT greatest(0, :each - (
                SELECT count(*) FROM notifications.deliveries AS flying
                WHERE flying.endpoint_id = endpoints.id AND flying.state = 'waiting'
                    AND flying.sending_until >= :now
            ))
            FOR UPDATE OF mine SKIP LOCKED
        ) AS picked
        WHERE endpoints.removed_at IS NULL
        LIMIT :at_most
    )
    UPDATE notifications.deliveries SET sending_until = :until, attempts = attempts + 1
    FROM due WHERE deliveries.seq = due.seq
    RETURNING deliveries.seq, deliveries.endpoint_id, deliveries.event_id, deliveries.event, deliveries.body,
        deliveries.attempts, due.url
    """
).bindparams(
    bindparam("now", type_=DateTime(timezone=True)), bindparam("until", type_=DateTime(timezone=True))
)

_SHOWN = [deliveries.c[field] for field in Delivery.__struct_fields__]


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery on its way."""

    seq: int
    endpoint_id: str
    event_id: str
    event: str
    body: str
    attempts: int
    url: str


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    delivery: Delivery
    body: str


def _endpoint(row: Any) -> Endpoint:
    return Endpoint(
        id=row.id,
        url=row.url,
        events=row.events,
        active=row.removed_at is None,
        created_at=row.created_at,
    )


async def add_endpoint(
    tx: AsyncConnection, endpoint: Endpoint, account_id: str, at_most: int
) -> Endpoint | None:
    """None if the account has `at_most` already; its endpoints are locked, so that two callers are counted one by one."""
    standing = (endpoints.c.account_id == account_id, endpoints.c.removed_at.is_(None))
    await tx.execute(select(endpoints.c.id).where(*standing).with_for_update())
    count = select(func.count()).select_from(endpoints).where(*standing).scalar_subquery()
    row = select(
        literal(endpoint.id),
        literal(account_id),
        literal(endpoint.url),
        literal(endpoint.events, endpoints.c.events.type),
        literal(endpoint.created_at),
    ).where(count < at_most)
    columns = ["id", "account_id", "url", "events", "created_at"]
    added = await tx.execute(insert(endpoints).from_select(columns, row).returning(endpoints))
    found = added.one_or_none()
    return _endpoint(found) if found else None


async def of_account(tx: AsyncConnection, account_id: str) -> list[Endpoint]:
    query = select(endpoints).where(endpoints.c.account_id == account_id, endpoints.c.removed_at.is_(None))
    return [_endpoint(row) for row in await tx.execute(query.order_by(endpoints.c.id))]


async def standing(tx: AsyncConnection) -> list[tuple[str, str, list[str]]]:
    """Id, account and events of every endpoint."""
    query = select(endpoints.c.id, endpoints.c.account_id, endpoints.c.events)
    rows = await tx.execute(query.where(endpoints.c.removed_at.is_(None)))
    return [(row.id, row.account_id, row.events) for row in rows]


async def is_of(tx: AsyncConnection, endpoint_id: str, account_id: str) -> bool:
    query = select(endpoints.c.id).where(
        endpoints.c.id == endpoint_id,
        endpoints.c.account_id == account_id,
        endpoints.c.removed_at.is_(None),
    )
    return (await tx.execute(query)).first() is not None


async def remove_endpoint(tx: AsyncConnection, endpoint_id: str, now: datetime) -> None:
    """What still waited for it is given up."""
    gone = update(endpoints).where(endpoints.c.id == endpoint_id).values(removed_at=now)
    given_up = (
        update(deliveries)
        .where(deliveries.c.endpoint_id == endpoint_id, deliveries.c.state == "waiting")
        .values(state="given_up", next_at=None, sending_until=None)
    )
    await tx.execute(gone)
    await tx.execute(given_up)


async def add_deliveries(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> list[Delivery]:
    blank = {"state": "waiting", "attempts": 0, "status": 0}
    added = await tx.execute(
        insert(deliveries)
        .values([blank | {"next_at": row["created_at"]} | row for row in rows])
        .returning(*_SHOWN)
    )
    return [Delivery(**row) for row in added.mappings()]


async def take(tx: AsyncConnection, now: datetime, until: datetime, at_most: int, each: int) -> list[Parcel]:
    """Leases deliveries that are due, `each` at most in flight for an endpoint, and of an object the earliest alone."""
    found = await tx.execute(_TAKE, {"now": now, "until": until, "at_most": at_most, "each": each})
    return [Parcel(**row) for row in found.mappings()]


async def record(
    tx: AsyncConnection,
    parcel: Parcel,
    *,
    status: int,
    delivered_at: datetime | None,
    again_at: datetime | None,
) -> None:
    """Only the latest attempt has a say. Neither delivered nor to be tried again is given up."""
    state = "delivered" if delivered_at else "waiting" if again_at else "given_up"
    await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.seq == parcel.seq,
            deliveries.c.state == "waiting",
            deliveries.c.attempts == parcel.attempts,
        )
        .values(state=state, status=status, delivered_at=delivered_at, next_at=again_at, sending_until=None)
    )


async def log(tx: AsyncConnection, endpoint_id: str, before: str, at_most: int) -> list[Delivery]:
    query = select(*_SHOWN).where(deliveries.c.endpoint_id == endpoint_id)
    if before:
        query = query.where(deliveries.c.id < before)
    rows = await tx.execute(query.order_by(deliveries.c.id.desc()).limit(at_most))
    return [Delivery(**row) for row in rows.mappings()]


async def find_delivery(tx: AsyncConnection, delivery_id: str, account_id: str) -> Stored | None:
    query = (
        select(*_SHOWN, deliveries.c.body)
        .join(endpoints)
        .where(
            deliveries.c.id == delivery_id,
            endpoints.c.account_id == account_id,
            endpoints.c.removed_at.is_(None),
        )
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return Stored(delivery=Delivery(**{each.name: row[each.name] for each in _SHOWN}), body=row["body"])


async def waiting_again(
    tx: AsyncConnection, endpoint_id: str, event_id: str, now: datetime
) -> Delivery | None:
    """Makes the event's waiting delivery due now; None if none waits."""
    rows = await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.endpoint_id == endpoint_id,
            deliveries.c.event_id == event_id,
            deliveries.c.state == "waiting",
        )
        .values(next_at=now)
        .returning(*_SHOWN)
    )
    row = rows.mappings().first()
    return Delivery(**row) if row else None


async def clear(tx: AsyncConnection, now: datetime, keep: timedelta) -> None:
    old = (deliveries.c.created_at < now - keep, deliveries.c.state != "waiting")
    await tx.execute(delete(deliveries).where(*old))
