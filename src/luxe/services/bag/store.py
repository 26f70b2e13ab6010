"""Queries of bag."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    DateTime,
    Row,
    Text,
    Update,
    bindparam,
    cast,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.bag.contract import MAX_WAITS, MAX_WISHES, Bag, BagLine, Wait
from luxe.services.bag.domain import Contents
from luxe.services.bag.tables import bags, waits, wishes


async def read(tx: AsyncConnection, account_id: str) -> Bag:
    row = (await tx.execute(select(bags).where(bags.c.account_id == account_id))).one_or_none()
    if row is None:
        return Bag(account_id=account_id, lines=[], version=0)
    return shown(account_id, _contents(row), row.version)


async def lock(tx: AsyncConnection, account_id: str, now: datetime) -> tuple[Contents, int]:
    """The bag and its version, made if it is missing; nobody else changes it until this transaction ends."""
    query = (
        insert(bags)
        .values(account_id=account_id, changed_at=now)
        .on_conflict_do_update(index_elements=[bags.c.account_id], set_={"version": bags.c.version})
        .returning(bags)
    )
    row = (await tx.execute(query)).one()
    return _contents(row), row.version


async def note_seen(tx: AsyncConnection, account_id: str, contents: Contents) -> None:
    """Stores a locked bag in which nothing but the prices seen has changed: its version stays."""
    lines = msgspec.to_builtins(contents.lines)
    await tx.execute(update(bags).where(bags.c.account_id == account_id).values(lines=lines))


async def write(tx: AsyncConnection, account_id: str, contents: Contents, now: datetime) -> int:
    """Stores a locked bag; returns its new version."""
    query = (
        update(bags)
        .where(bags.c.account_id == account_id)
        .values(
            lines=msgspec.to_builtins(contents.lines),
            keys=contents.keys,
            version=bags.c.version + 1,
            changed_at=now,
        )
        .returning(bags.c.version)
    )
    return (await tx.execute(query)).scalar_one()


async def take_out(tx: AsyncConnection, account_id: str, variant_ids: list[str], now: datetime) -> None:
    """Who has bought a piece waits for it no more."""
    await tx.execute(_taking_out(), {"account": account_id, "gone": variant_ids, "now": now})


@cache
def _taking_out() -> Update:
    account = bindparam("account", type_=Text)
    gone = cast(bindparam("gone", type_=ARRAY(Text)), ARRAY(Text))
    over = (
        delete(waits).where(waits.c.account_id == account, waits.c.variant_id == func.any(gone)).cte("over")
    )
    return (
        update(bags)
        .where(bags.c.account_id == account, bags.c.lines.op("?|")(gone))
        .values(
            lines=bags.c.lines.op("-")(gone),
            version=bags.c.version + 1,
            changed_at=bindparam("now", type_=DateTime(timezone=True)),
        )
        .add_cte(over)
    )


async def wishes_of(tx: AsyncConnection, account_id: str) -> list[str]:
    query = (
        select(wishes.c.product_id)
        .where(wishes.c.account_id == account_id)
        .order_by(wishes.c.wished_at.desc(), wishes.c.product_id)
    )
    return list((await tx.execute(query)).scalars())


async def wish(tx: AsyncConnection, account_id: str, product_id: str, now: datetime) -> bool:
    """False if there are too many wishes already."""
    mine = select(func.count()).select_from(wishes).where(wishes.c.account_id == account_id)
    others = mine.where(wishes.c.product_id != product_id).scalar_subquery()
    row = select(literal(account_id, Text), literal(product_id, Text), literal(now)).where(
        others < MAX_WISHES
    )
    query = (
        insert(wishes)
        .from_select(["account_id", "product_id", "wished_at"], row)
        .on_conflict_do_update(
            index_elements=[wishes.c.account_id, wishes.c.product_id], set_={"wished_at": wishes.c.wished_at}
        )
        .returning(wishes.c.product_id)
    )
    return (await tx.execute(query)).first() is not None


async def unwish(tx: AsyncConnection, account_id: str, product_id: str) -> None:
    await tx.execute(
        delete(wishes).where(wishes.c.account_id == account_id, wishes.c.product_id == product_id)
    )


async def wait(tx: AsyncConnection, account_id: str, variant_id: str, product_id: str, now: datetime) -> bool:
    """False if there are too many already."""
    mine = select(func.count()).select_from(waits).where(waits.c.account_id == account_id)
    others = mine.where(waits.c.variant_id != variant_id).scalar_subquery()
    row = select(
        literal(account_id, Text), literal(variant_id, Text), literal(product_id, Text), literal(now)
    ).where(others < MAX_WAITS)
    query = (
        insert(waits)
        .from_select(["account_id", "variant_id", "product_id", "asked_at"], row)
        .on_conflict_do_update(
            index_elements=[waits.c.account_id, waits.c.variant_id], set_={"asked_at": waits.c.asked_at}
        )
        .returning(waits.c.variant_id)
    )
    return (await tx.execute(query)).first() is not None


async def wait_no_more(tx: AsyncConnection, account_id: str, variant_id: str) -> None:
    await tx.execute(delete(waits).where(waits.c.account_id == account_id, waits.c.variant_id == variant_id))


async def waits_of(tx: AsyncConnection, account_id: str) -> list[Wait]:
    query = (
        select(waits)
        .where(waits.c.account_id == account_id)
        .order_by(waits.c.asked_at.desc(), waits.c.variant_id)
    )
    return [_wait(row) for row in await tx.execute(query)]


async def waiting(tx: AsyncConnection, variant_ids: list[str]) -> dict[str, int]:
    query = (
        select(waits.c.variant_id, func.count().label("people"))
        .where(waits.c.variant_id.in_(variant_ids))
        .group_by(waits.c.variant_id)
    )
    return {row.variant_id: row.people for row in await tx.execute(query)}


async def tell(tx: AsyncConnection, variant_id: str, now: datetime) -> list[tuple[str, str]]:
    """Notes that everybody who waits for a piece is told, unless they were and it has not been gone since. Returns their
    accounts and the product, in the order in which they asked."""
    query = (
        update(waits)
        .where(waits.c.variant_id == variant_id, waits.c.told_at.is_(None))
        .values(told_at=now)
        .returning(waits.c.account_id, waits.c.product_id, waits.c.asked_at)
    )
    rows = sorted(await tx.execute(query), key=lambda row: (row.asked_at, row.account_id))
    return [(row.account_id, row.product_id) for row in rows]


async def gone_again(tx: AsyncConnection, variant_id: str) -> None:
    """When it comes back, everybody who waits for it is told anew."""
    await tx.execute(
        update(waits)
        .where(waits.c.variant_id == variant_id, waits.c.told_at.is_not(None))
        .values(told_at=None)
    )


def shown(account_id: str, contents: Contents, version: int) -> Bag:
    """Lines in the order in which they were first added."""
    lines = sorted(contents.lines.values(), key=lambda line: (line.added_at, line.variant_id))
    return Bag(account_id=account_id, lines=lines, version=version)


def _wait(row: Row[Any]) -> Wait:
    return Wait(**{name: getattr(row, name) for name in Wait.__struct_fields__})


def _contents(row: Row[Any]) -> Contents:
    return Contents(lines=msgspec.convert(row.lines, dict[str, BagLine]), keys=row.keys)
