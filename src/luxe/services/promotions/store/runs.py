"""What a run holds, has used, or has let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.promotions.contract import Evaluation, Line
from luxe.services.promotions.domain.vouchers import Offer
from luxe.services.promotions.tables import runs, uses

_PIECES = "pieces"


class HeldFor(msgspec.Struct, frozen=True):
    """What a run's codes took off, and of which lines; those are not known of runs before this was kept."""

    evaluation: Evaluation
    pieces: list[Line]


class KnownRun(msgspec.Struct, frozen=True):
    account_id: str
    state: str
    evaluation: Evaluation | None


async def claim(tx: AsyncConnection, run: str, account_id: str, state: str, at: datetime) -> bool:
    """True for the first to name a run; its row is locked until the transaction ends."""
    values = {"run": run, "account_id": account_id, "state": state, "at": at}
    fresh = upsert(runs).values(values).on_conflict_do_nothing().returning(runs.c.run)
    return (await tx.execute(fresh)).first() is not None


async def known(tx: AsyncConnection, run: str) -> KnownRun | None:
    """Locked until the transaction ends."""
    row = (await tx.execute(select(runs).where(runs.c.run == run).with_for_update())).first()
    if row is None:
        return None
    kept = None if row.evaluation is None else msgspec.convert(row.evaluation, Evaluation)
    return KnownRun(row.account_id, row.state, kept)


async def held_for(tx: AsyncConnection, run: str) -> HeldFor | None:
    """None for a run that holds and has used nothing."""
    query = select(runs.c.evaluation).where(runs.c.run == run, runs.c.state.in_(("held", "settled")))
    row = (await tx.execute(query)).first()
    if row is None or row.evaluation is None:
        return None
    pieces = msgspec.convert(row.evaluation.get(_PIECES, []), list[Line])
    return HeldFor(msgspec.convert(row.evaluation, Evaluation), pieces)


async def hold(
    tx: AsyncConnection,
    run: str,
    account_id: str,
    evaluation: Evaluation,
    used: Sequence[Offer],
    pieces: Sequence[Line],
) -> None:
    kept = msgspec.to_builtins(evaluation) | ({_PIECES: msgspec.to_builtins(pieces)} if used else {})
    await tx.execute(update(runs).where(runs.c.run == run).values(evaluation=kept))
    if used:
        rows = [
            {"run": run, "voucher_id": each.voucher_id, "number": each.number, "account_id": account_id}
            for each in used
        ]
        await tx.execute(insert(uses), rows)


async def end(tx: AsyncConnection, run: str, state: str) -> None:
    """Settled, or released: then its uses are free again."""
    await tx.execute(update(runs).where(runs.c.run == run).values(state=state))
    if state == "released":
        await tx.execute(delete(uses).where(uses.c.run == run))
