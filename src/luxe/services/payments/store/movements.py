"""Queries of refunds and captures in part. Who opens one holds the intent's lock, so that their sum is exact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Row,
    String,
    Text,
    and_,
    case,
    column,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments.domain.life import MOVES, OPEN, Movement, MovementKind, Told
from luxe.services.payments.store.intents import SWEEP_BATCH, Said, written_history
from luxe.services.payments.tables import intents, movement_history, movements

_OPENED = [
    "id", "kind", "intent_id", "run", "key", "currency", "amount", "reason", "state", "psp_id", "ask_at",
    "created_at", "settled_at",
]  # fmt: skip


async def open_movement(
    tx: AsyncConnection, wanted: Movement, ask_at: datetime, said: Said
) -> Movement | None:
    """Writes a movement down, or finds the one of this key; None if the intent has no room for it.

    The intent is locked by `intents.lock` in a statement before this one, so that this one sees all that was opened.
    """
    mine = (
        select(movements, literal(False, Boolean).label("fresh"))
        .where(
            movements.c.intent_id == wanted.intent_id,
            movements.c.kind == wanted.kind,
            movements.c.key == wanted.key,
        )
        .cte("mine")
    )
    row = select(
        literal(wanted.id, Text),
        literal(wanted.kind, Text),
        intents.c.id,
        intents.c.run,
        literal(wanted.key, Text),
        intents.c.currency,
        literal(wanted.amount.minor, BigInteger),
        literal(wanted.reason, Text),
        literal("pending", Text),
        literal("", Text),
        literal(ask_at, DateTime(timezone=True)),
        literal(wanted.created_at, DateTime(timezone=True)),
        null(),
    ).where(
        intents.c.id == wanted.intent_id,
        intents.c.currency == wanted.amount.currency,
        ~select(mine.c.id).exists(),
        _room(wanted.kind) >= wanted.amount.minor,
    )
    opened = (
        insert(movements)
        .from_select(_OPENED, row)
        .returning(movements, literal(True, Boolean).label("fresh"))
        .cte("opened")
    )
    written = _said_of(opened, said).cte("written")
    query = union_all(select(mine), select(opened)).add_cte(written)
    found = (await tx.execute(query)).one_or_none()
    return None if found is None else movement_of(found, fresh=found.fresh)


async def settle(
    tx: AsyncConnection, intent_id: str, told: Sequence[Told], said: Said
) -> tuple[list[Movement], Row[Any] | None]:
    """Takes over what the provider says of an intent's movements, each once, and refunds that were made without us.

    Returns what is news, and the intent's row if it has more refunded than before.
    """
    heard = _heard(told)
    ours = and_(
        movements.c.intent_id == intent_id,
        movements.c.id == heard.c.reference,
        movements.c.kind == heard.c.kind,
        movements.c.amount == heard.c.amount,
    )
    moved = (
        update(movements)
        .where(ours, _allowed(heard.c.state))
        .values(state=heard.c.state, psp_id=heard.c.psp_id, settled_at=said.at, ask_at=None, failure="")
        .returning(movements)
        .cte("moved")
    )
    foreign = _made_without_us(heard, intent_id, said)
    news = union_all(select(moved), select(foreign)).cte("news")
    written = _said_of(news, said).cte("written")
    rows = (await tx.execute(select(news).order_by(news.c.created_at, news.c.id).add_cte(written))).all()
    found = [movement_of(row) for row in rows]
    back = sum(each.amount.minor for each in found if each.kind == "refund" and each.state == "succeeded")
    return found, await _give_back(tx, intent_id, back, said) if back else None


async def refuse(tx: AsyncConnection, movement_id: str, failure: str, said: Said) -> None:
    """The provider said no: nothing moved."""
    refused = (
        update(movements)
        .where(movements.c.id == movement_id, movements.c.state == "pending")
        .values(state="failed", failure=failure, settled_at=said.at, ask_at=None)
        .returning(movements.c.id, movements.c.state)
        .cte("refused")
    )
    await tx.execute(_said_of(refused, said))


async def find(tx: AsyncConnection, movement_id: str) -> Movement:
    return movement_of((await tx.execute(select(movements).where(movements.c.id == movement_id))).one())


async def refunds_of_run(tx: AsyncConnection, run: str) -> list[Movement]:
    query = select(movements).where(movements.c.run == run, movements.c.kind == "refund")
    return [
        movement_of(row) for row in await tx.execute(query.order_by(movements.c.created_at, movements.c.id))
    ]


async def claim_due(tx: AsyncConnection, now: datetime) -> list[Movement]:
    """Movements whose outcome is unknown, each put off for longer the more often it was asked about."""
    due = (
        select(movements.c.id)
        .where(movements.c.ask_at <= now)
        .order_by(movements.c.ask_at)
        .limit(SWEEP_BATCH)
        .with_for_update(skip_locked=True)
    )
    seconds = 5 * func.power(2, func.least(movements.c.tries, 7))
    query = (
        update(movements)
        .where(movements.c.id.in_(due.scalar_subquery()))
        .values(
            ask_at=literal(now) + seconds * literal_column("interval '1 second'"),
            tries=movements.c.tries + 1,
        )
        .returning(movements)
    )
    return [movement_of(row) for row in await tx.execute(query)]


async def _give_back(tx: AsyncConnection, intent_id: str, back: int, said: Said) -> Row[Any]:
    """What is refunded is the sum of the refunds that succeeded; a cancelled intent of which nothing is owed any more
    is not asked about again."""
    done = and_(~intents.c.state.in_(OPEN), intents.c.captured <= intents.c.refunded + back)
    changed = (
        update(intents)
        .where(intents.c.id == intent_id)
        .values(refunded=intents.c.refunded + back, ask_at=case((done, null()), else_=intents.c.ask_at))
        .returning(intents)
        .cte("changed")
    )
    written = written_history(changed, said, was=changed.c.state, when=literal(True, Boolean))
    return (await tx.execute(select(changed).add_cte(written))).one()


def _made_without_us(heard: CTE, intent_id: str, said: Said) -> CTE:
    """Refunds of the intent that the provider names and we do not know."""
    known = select(movements.c.id).where(
        movements.c.intent_id == intent_id,
        or_(movements.c.id == heard.c.reference, movements.c.psp_id == heard.c.psp_id),
    )
    return (
        insert(movements)
        .from_select(
            _OPENED,
            select(
                heard.c.id,
                heard.c.kind,
                intents.c.id,
                intents.c.run,
                literal("psp:", Text) + heard.c.psp_id,
                intents.c.currency,
                heard.c.amount,
                literal("", Text),
                heard.c.state,
                heard.c.psp_id,
                null(),
                literal(said.at, DateTime(timezone=True)),
                literal(said.at, DateTime(timezone=True)),
            )
            .select_from(heard.join(intents, intents.c.id == intent_id))
            .where(
                heard.c.kind == "refund",
                heard.c.state == "succeeded",
                ~known.exists(),
            ),
        )
        .on_conflict_do_nothing()
        .returning(movements)
        .cte("foreign_ones")
    )


def _room(kind: MovementKind) -> ColumnElement[int]:
    """What may still be captured, or given back, when all that is pending has happened."""
    pending = (
        select(func.coalesce(func.sum(movements.c.amount), 0))
        .where(
            movements.c.intent_id == intents.c.id,
            movements.c.kind == kind,
            movements.c.state == "pending",
        )
        .correlate(intents)
        .scalar_subquery()
    )
    if kind == "refund":
        movable = intents.c.state.in_(["authorised", "captured"])
        return case((movable, intents.c.captured - intents.c.refunded - pending), else_=0)
    movable = and_(intents.c.state == "authorised", intents.c.wish == "")
    return case((movable, intents.c.amount - intents.c.captured - pending), else_=0)


def _heard(told: Sequence[Told]) -> Any:
    """`id` is for a movement that is not ours."""
    names = values(
        column("place", Integer),
        column("id", String),
        column("kind", String),
        column("psp_id", String),
        column("reference", String),
        column("amount", BigInteger),
        column("state", String),
        name="told",
    )
    rows = [
        (place, new_id("cap" if each.kind == "capture" else "rfd"), each.kind, each.psp_id, each.reference,
         each.amount, each.state)
        for place, each in enumerate(told)
    ]  # fmt: skip
    return select(names.data(rows)).cte("heard")


def _allowed(arrived: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(
                arrived == state, movements.c.state.in_([was for was, then in MOVES.items() if state in then])
            )
            for state in ("succeeded", "failed")
        )
    )


def _said_of(source: CTE, said: Said) -> Any:
    """A row of history for each movement of `source`."""
    row = select(
        source.c.id,
        literal(said.at, DateTime(timezone=True)),
        literal(said.actor, String),
        literal(said.source, String),
        source.c.state,
    )
    return insert(movement_history).from_select(["movement_id", "at", "actor", "source", "state"], row)


def movement_of(row: Row[Any], *, fresh: bool = False) -> Movement:
    return Movement(
        id=row.id,
        kind=row.kind,
        intent_id=row.intent_id,
        run=row.run,
        key=row.key,
        amount=Money(row.amount, row.currency),
        reason=row.reason,
        state=row.state,
        psp_id=row.psp_id,
        failure=row.failure,
        created_at=row.created_at,
        fresh=fresh,
    )
