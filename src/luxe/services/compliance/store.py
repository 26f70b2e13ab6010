"""Every query of compliance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.compliance.contract import AuditEntry, Consent
from luxe.services.compliance.tables import consents, log


async def add_consent(tx: AsyncConnection, account_id: str, consent: Consent) -> None:
    await tx.execute(insert(consents).values(account_id=account_id, **msgspec.structs.asdict(consent)))


async def latest_consents(tx: AsyncConnection, account_id: str) -> list[Consent]:
    rows = await tx.execute(
        select(consents)
        .where(consents.c.account_id == account_id)
        .ext(distinct_on(consents.c.purpose))
        .order_by(consents.c.purpose, consents.c.seq.desc())
    )
    return [Consent(purpose=row.purpose, version=row.version, given=row.given, at=row.at) for row in rows]


async def add_entry(tx: AsyncConnection, **values: Any) -> bool:
    """False if the act is in the log already."""
    added = await tx.execute(
        insert_or_leave(log)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["entry"])
        .returning(log.c.seq)
    )
    return added.first() is not None


async def entries(
    tx: AsyncConnection, target: str, actor: str, after: tuple[datetime, int] | None, limit: int
) -> list[AuditEntry]:
    """Newest first, from just after a place in the listing."""
    wanted = select(log).order_by(log.c.at.desc(), log.c.seq.desc()).limit(limit)
    if target:
        wanted = wanted.where(log.c.target == target)
    if actor:
        wanted = wanted.where(log.c.actor == actor)
    if after is not None:
        wanted = wanted.where(tuple_(log.c.at, log.c.seq) < tuple_(*after))
    return [_entry(row) for row in await tx.execute(wanted)]


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        seq=row.seq,
        at=row.at,
        service=row.service,
        actor=row.actor,
        action=row.action,
        target=row.target,
        request_id=row.request_id,
        details=msgspec.json.encode(row.details).decode(),
    )
