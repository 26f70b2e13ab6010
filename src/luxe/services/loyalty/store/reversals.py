"""What a run settled, and what refunds have reversed of it."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.loyalty import domain
from luxe.services.loyalty.contract import Reversal
from luxe.services.loyalty.tables import holds, journals, lot_moves, lots, reversals, sales


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """`currency` is empty, and nothing paid, for a run settled before this was kept."""

    run: str
    account_id: str
    reference: str
    net_paid_minor: int
    currency: str
    earned: int
    redeemed: int
    lot_id: str | None


class Reversed(msgspec.Struct, frozen=True, kw_only=True):
    refunded_minor: int
    reversal: Reversal


class SoFar(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of a run's reversals, and the one of a key."""

    refunded_minor: int
    taken_back: int
    given_back: int
    same_key: Reversed | None


async def sale_of(tx: AsyncConnection, run: str) -> Sale | None:
    columns = [sales.c[name] for name in Sale.__struct_fields__]
    row = (await tx.execute(select(*columns).where(sales.c.run == run))).mappings().first()
    return None if row is None else Sale(**row)


async def is_held(tx: AsyncConnection, run: str) -> bool:
    found = await tx.execute(select(holds.c.run).where(holds.c.run == run, holds.c.state == "held"))
    return found.first() is not None


async def so_far(tx: AsyncConnection, run: str, key: str) -> SoFar:
    rows = (await tx.execute(select(reversals).where(reversals.c.run == run))).all()
    same = [
        Reversed(
            refunded_minor=row.refunded_minor,
            reversal=Reversal(taken_back=row.taken_back, given_back=row.given_back),
        )
        for row in rows
        if row.key == key
    ]
    return SoFar(
        refunded_minor=sum(row.refunded_minor for row in rows),
        taken_back=sum(row.taken_back for row in rows),
        given_back=sum(row.given_back for row in rows),
        same_key=same[0] if same else None,
    )


async def note(tx: AsyncConnection, **values: Any) -> None:
    await tx.execute(insert(reversals).values(values))


async def spent_lots(tx: AsyncConnection, run: str) -> list[domain.Lot]:
    """What a run spent of each lot, the one that lapses last first."""
    query = (
        select(-lot_moves.c.points, lots.c.earned_at, lots.c.expires_at)
        .join(journals, journals.c.id == lot_moves.c.journal_id)
        .join(lots, lots.c.id == lot_moves.c.lot_id)
        .where(journals.c.run == run, journals.c.kind == "redeem")
        .order_by(lots.c.expires_at.desc(), lots.c.id.desc())
    )
    return [
        domain.Lot(points=points, earned_at=earned_at, expires_at=expires_at)
        for points, earned_at, expires_at in await tx.execute(query)
    ]
