"""The join saga's own query: which run pays for an account."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.sagas.join.tables import payers


async def lock_payer(tx: AsyncConnection, account_id: str) -> str:
    """The run that pays for the account, empty if none ever did. Starts for one account take turns."""
    query = insert(payers).values(account_id=account_id, run="")
    locked = query.on_conflict_do_update(index_elements=["account_id"], set_={"account_id": account_id})
    return (await tx.execute(locked.returning(payers.c.run))).scalar_one()


async def set_payer(tx: AsyncConnection, account_id: str, run: str) -> None:
    await tx.execute(update(payers).where(payers.c.account_id == account_id).values(run=run))
