"""Queries of banks' statements that were uploaded, and of what their entries may pay for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import BankStatement, IncomingTransfer, Intent
from luxe.services.payments.domain.bank_files import Credit
from luxe.services.payments.domain.verdicts import Judged
from luxe.services.payments.store.intents import intent_of
from luxe.services.payments.store.transfers import transfer_of
from luxe.services.payments.tables import bank_entries, bank_statements, intents, transfers


async def write(
    tx: AsyncConnection, wanted: BankStatement, digest: str, credits: Sequence[Credit]
) -> BankStatement:
    """Writes a statement down with its entries, or finds the one of this content."""
    row = {
        "id": wanted.id,
        "digest": digest,
        "name": wanted.name,
        "format": wanted.format,
        "first": wanted.first,
        "last": wanted.last,
        "credits": wanted.count,
        "passed_over": wanted.passed_over,
        "read_by": wanted.read_by,
        "read_at": wanted.read_at,
    }
    new = insert(bank_statements).values(row)
    query = new.on_conflict_do_update(
        index_elements=[bank_statements.c.digest], set_={"digest": new.excluded.digest}
    )
    known = statement_of((await tx.execute(query.returning(bank_statements))).one())
    if known.id == wanted.id and credits:
        await tx.execute(insert(bank_entries), [_entry(wanted.id, each) for each in credits])
    return known


async def find(tx: AsyncConnection, statement_id: str, *, lock: bool = False) -> BankStatement | None:
    query = select(bank_statements).where(bank_statements.c.id == statement_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else statement_of(row)


async def page(tx: AsyncConnection, cursor: str, limit: int) -> list[BankStatement]:
    query = select(bank_statements).order_by(bank_statements.c.id.desc()).limit(limit)
    if cursor:
        query = query.where(bank_statements.c.id < cursor)
    return [statement_of(row) for row in await tx.execute(query)]


async def entries(tx: AsyncConnection, statement_id: str) -> list[Row[Any]]:
    """In the order of the file."""
    query = select(bank_entries).where(bank_entries.c.statement_id == statement_id)
    return list(await tx.execute(query.order_by(bank_entries.c.row, bank_entries.c.entry)))


async def enter(
    tx: AsyncConnection, credits: Sequence[Credit], by: str, at: datetime
) -> dict[str, IncomingTransfer]:
    """Writes down what is not known yet, and returns that, by entry. In one order, so that two statements that share entries
    wait for each other and never both ways."""
    if not credits:
        return {}
    rows = [
        {
            "id": new_id("bkt"),
            "entry": each.entry,
            "currency": each.amount.currency,
            "amount": each.amount.minor,
            "text": each.text,
            "received_on": each.received_on,
            "entered_by": by,
            "entered_at": at,
        }
        for each in sorted(credits, key=lambda each: each.entry)
    ]
    query = insert(transfers).values(rows).on_conflict_do_nothing(index_elements=[transfers.c.entry])
    return {row.entry: transfer_of(row) for row in await tx.execute(query.returning(transfers))}


async def known(tx: AsyncConnection, names: Sequence[str]) -> dict[str, Money]:
    query = select(transfers.c.entry, transfers.c.amount, transfers.c.currency)
    rows = await tx.execute(query.where(transfers.c.entry.in_(names)))
    return {row.entry: Money(row.amount, row.currency) for row in rows}


async def named(
    tx: AsyncConnection, provider: str, codes: Sequence[str], *, lock: bool = False
) -> list[Intent]:
    """The intents that bear these codes; locked one after another in one order."""
    query = (
        select(intents)
        .where(intents.c.provider == provider, func.right(intents.c.id, 10).in_(codes))
        .order_by(intents.c.id)
    )
    return [intent_of(row) for row in await tx.execute(query.with_for_update() if lock else query)]


async def received(tx: AsyncConnection, intent_ids: Sequence[str]) -> Mapping[str, int]:
    """What has been matched to each of them, in minor units."""
    query = (
        select(transfers.c.intent_id, func.sum(transfers.c.amount).label("came"))
        .where(transfers.c.intent_id.in_(intent_ids))
        .group_by(transfers.c.intent_id)
    )
    return {row.intent_id: int(row.came) for row in await tx.execute(query)}


async def applied(
    tx: AsyncConnection, statement: BankStatement, judged: Sequence[Judged], by: str, at: datetime
) -> None:
    query = update(bank_statements).where(bank_statements.c.id == statement.id)
    await tx.execute(query.values(state="applied", applied_by=by, applied_at=at))
    if not judged:
        return
    each = (
        update(bank_entries)
        .where(bank_entries.c.statement_id == statement.id, bank_entries.c.entry == bindparam("of_entry"))
        .values(verdict=bindparam("as_judged"), intent_id=bindparam("for_intent"))
    )
    await tx.execute(
        each,
        [
            {"of_entry": one.credit.entry, "as_judged": one.verdict, "for_intent": one.intent_id}
            for one in judged
        ],
    )


def credit_of(row: Row[Any]) -> Credit:
    return Credit(
        row=row.row,
        entry=row.entry,
        amount=Money(row.amount, row.currency),
        text=row.text,
        received_on=row.received_on,
    )


def statement_of(row: Row[Any]) -> BankStatement:
    return BankStatement(
        id=row.id,
        name=row.name,
        format=row.format,
        state=row.state,
        first=row.first,
        last=row.last,
        count=row.credits,
        passed_over=row.passed_over,
        read_by=row.read_by,
        read_at=row.read_at,
        applied_by=row.applied_by,
        applied_at=row.applied_at,
    )


def _entry(statement_id: str, credit: Credit) -> dict[str, Any]:
    return {
        "statement_id": statement_id,
        "entry": credit.entry,
        "row": credit.row,
        "currency": credit.amount.currency,
        "amount": credit.amount.minor,
        "text": credit.text,
        "received_on": credit.received_on,
    }
