"""Queries of intents. Each change and its row of history are one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Row,
    Select,
    String,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent
from luxe.services.payments.domain.life import OPEN, OVER, Change, Standing, Wish, failure_of, life, sources
from luxe.services.payments.tables import events, history, intents

SWEEP_BATCH = 20


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Our own row of an intent. `asked_before`: an earlier call left the outcome of this wish unknown."""

    intent: Intent
    wish: Wish
    description: str
    return_path: str
    locale: str
    country: str = ""
    fresh: bool = False
    asked_before: bool = False


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Who learnt it when, and from where: `call`, `webhook` or `sweep`."""

    at: datetime
    actor: str
    source: str


async def open_intent(tx: AsyncConnection, wanted: Known, said: Said, ask_at: datetime) -> Known:
    """Inserts the run's intent, or finds the one that it has."""
    intent = wanted.intent
    asked = {
        "id": intent.id,
        "run": intent.run,
        "account_id": intent.account_id,
        "purpose": intent.purpose,
        "state": intent.state,
        "currency": intent.amount.currency,
        "amount": intent.amount.minor,
        "description": wanted.description,
        "return_path": wanted.return_path,
        "locale": wanted.locale,
        "provider": intent.provider,
        "wanted": intent.wanted,
        "country": wanted.country,
        "pay_by": intent.pay_by,
        "ask_at": ask_at,
        "created_at": intent.created_at,
    }
    row = (
        await tx.execute(_OPEN, {f"new_{name}": value for name, value in asked.items()} | _params(said))
    ).one()
    return _known(row, fresh=row.fresh)


async def find(tx: AsyncConnection, run: str) -> Known | None:
    row = (await tx.execute(select(intents).where(intents.c.run == run))).one_or_none()
    return None if row is None else _known(row)


async def with_id(tx: AsyncConnection, intent_id: str) -> Known | None:
    row = (await tx.execute(select(intents).where(intents.c.id == intent_id))).one_or_none()
    return None if row is None else _known(row)


async def lock(tx: AsyncConnection, run: str) -> Known | None:
    """The run's intent, for the rest of the transaction: who moves its money does so one after another."""
    row = (await tx.execute(select(intents).where(intents.c.run == run).with_for_update())).one_or_none()
    return None if row is None else _known(row)


async def wish_capture(tx: AsyncConnection, run: str) -> Known | None:
    """Notes that an authorised intent is about to be captured."""
    return await _wish(tx, _WISH_CAPTURE, of_run=run)


async def wish_cancel(tx: AsyncConnection, run: str, ask_at: datetime) -> Known | None:
    """Notes that the run's intent is not wanted any more; the sweep keeps at it until nothing is owed."""
    return await _wish(tx, _WISH_CANCEL, of_run=run, later=ask_at)


async def record(tx: AsyncConnection, standing: Standing, said: Said, patience: timedelta) -> Change | None:
    """Merges what the provider says; never backwards. None if no intent of ours is meant."""
    row = (await tx.execute(_RECORD, _heard(standing, said, patience))).one_or_none()
    return None if row is None else _change(row)


async def hear(
    tx: AsyncConnection, event_id: str, kind: str, standing: Standing, said: Said, patience: timedelta
) -> tuple[bool, Change | None]:
    """Takes an event once: whether it is new, and the change that it made."""
    row = (
        await tx.execute(_HEAR, _heard(standing, said, patience) | {"event": event_id, "kind": kind})
    ).one_or_none()
    if row is None:
        return False, None
    return True, None if row.id is None else _change(row)


async def claim_due(tx: AsyncConnection, now: datetime) -> list[Known]:
    """Intents to ask the provider about, each put off for longer the more often it was asked."""
    due = (
        select(intents.c.id)
        .where(intents.c.ask_at <= now)
        .order_by(intents.c.ask_at)
        .limit(SWEEP_BATCH)
        .with_for_update(skip_locked=True)
    )
    seconds = 5 * func.power(2, func.least(intents.c.tries, 7))
    later = literal(now) + seconds * literal_column("interval '1 second'")
    query = (
        update(intents)
        .where(intents.c.id.in_(due.scalar_subquery()))
        .values(ask_at=later, tries=intents.c.tries + 1)
        .returning(intents)
    )
    return [_known(row) for row in await tx.execute(query)]


async def of_account(tx: AsyncConnection, account_id: str, before: str, limit: int) -> list[Intent]:
    query = select(intents).where(intents.c.account_id == account_id)
    if before:
        query = query.where(intents.c.id < before)
    rows = await tx.execute(query.order_by(intents.c.id.desc()).limit(limit))
    return [intent_of(row) for row in rows]


async def _wish(tx: AsyncConnection, query: ReturningUpdate[Any], **values: Any) -> Known | None:
    row = (await tx.execute(query, values)).one_or_none()
    return None if row is None else _known(row, asked_before=row.was_wish != "")


def _wishing(wish: ColumnElement[Any], ask_at: ColumnElement[Any]) -> ReturningUpdate[Any]:
    locked = (
        select(intents.c.id, intents.c.wish.label("was_wish"))
        .where(intents.c.run == bindparam("of_run", type_=Text))
        .with_for_update()
        .cte("locked")
    )
    return (
        update(intents)
        .where(intents.c.id == locked.c.id)
        .values(wish=wish, ask_at=ask_at)
        .returning(intents, locked.c.was_wish)
    )


_TIME = DateTime(timezone=True)
_IS_READY = and_(intents.c.state == "authorised", intents.c.wish == "")
_WISH_CAPTURE = _wishing(case((_IS_READY, "capture"), else_=intents.c.wish), intents.c.ask_at)
_IS_OWED = or_(intents.c.state.in_(OPEN), intents.c.captured > intents.c.refunded)
_WISH_CANCEL = _wishing(literal("cancel"), case((_IS_OWED, bindparam("later", type_=_TIME)), else_=None))
_SAID = (
    bindparam("said_at", type_=_TIME),
    bindparam("said_by", type_=Text),
    bindparam("said_in", type_=Text),
)


def _params(said: Said) -> dict[str, Any]:
    return {"said_at": said.at, "said_by": said.actor, "said_in": said.source}


def _heard(standing: Standing, said: Said, patience: timedelta) -> dict[str, Any]:
    """The parameters of `_merge`."""
    return _params(said) | {
        "reference": standing.reference,
        "teller": standing.provider,
        "there": standing.psp_id,
        "worth": standing.amount.minor,
        "money": standing.amount.currency,
        "from_states": sorted(sources(standing.state)),
        "to_state": life(standing.state),
        "to_failure": failure_of(standing.state, standing.failure),
        "took": standing.captured,
        "page": standing.hosted_url,
        "means": standing.method,
        "wait_until": said.at + patience,
    }


def _opening() -> Select[Any]:
    kept = (
        "id", "run", "account_id", "purpose", "state", "currency", "amount", "description", "return_path", "locale",
        "provider", "wanted", "country", "pay_by", "ask_at", "created_at",
    )  # fmt: skip
    inserted = insert(intents).values(
        {name: bindparam(f"new_{name}", type_=intents.c[name].type) for name in kept}
    )
    opened = (
        inserted.on_conflict_do_update(index_elements=[intents.c.run], set_={"run": inserted.excluded.run})
        .returning(intents, (intents.c.id == bindparam("new_id", type_=Text)).label("fresh"))
        .cte("opened")
    )
    return select(opened).add_cte(_history(opened, *_SAID, was=opened.c.state, when=opened.c.fresh))


def _merge(gate: ColumnElement[bool]) -> tuple[CTE, CTE]:
    """The intent as it will be is worked out on the locked row, so that two tellers cannot overtake each other."""
    said_at, wait_until = _SAID[0], bindparam("wait_until", type_=_TIME)
    there, took = bindparam("there", type_=Text), bindparam("took", type_=BigInteger)
    page, means = bindparam("page", type_=Text), bindparam("means", type_=Text)
    moves = intents.c.state == any_(bindparam("from_states", type_=ARRAY(Text)))
    state = case((moves, bindparam("to_state", type_=Text)), else_=intents.c.state)
    failure = case((moves, bindparam("to_failure", type_=Text)), else_=intents.c.failure)
    merged = (
        select(
            intents.c.id,
            intents.c.state.label("was"),
            state.label("state"),
            func.greatest(intents.c.captured, took).label("captured"),
            failure.label("failure"),
            and_(moves, intents.c.state.in_(OVER)).label("late"),
            (intents.c.captured < took).label("more"),
        )
        .where(
            intents.c.id == bindparam("reference", type_=Text),
            intents.c.provider == bindparam("teller", type_=Text),
            or_(intents.c.psp_id == "", intents.c.psp_id == there),
            intents.c.amount == bindparam("worth", type_=BigInteger),
            intents.c.currency == bindparam("money", type_=Text),
            gate,
        )
        .with_for_update()
        .cte("merged")
    )
    cancelled = intents.c.wish == "cancel"
    still_open = merged.c.state.in_(OPEN)
    owed = or_(still_open, merged.c.captured > intents.c.refunded)
    news = merged.c.was != merged.c.state
    waiting = case((news, wait_until), else_=func.greatest(intents.c.ask_at, wait_until))
    changed = (
        update(intents)
        .where(intents.c.id == merged.c.id)
        .values(
            state=merged.c.state,
            captured=merged.c.captured,
            wish=case((merged.c.late, "cancel"), else_=intents.c.wish),
            failure=merged.c.failure,
            psp_id=there,
            hosted_url=func.coalesce(func.nullif(page, ""), intents.c.hosted_url),
            method=func.coalesce(func.nullif(means, ""), intents.c.method),
            tries=case((news, 0), else_=intents.c.tries),
            ask_at=case(
                (merged.c.late, said_at),
                (and_(cancelled, owed, or_(news, merged.c.more)), said_at),
                (and_(cancelled, owed), intents.c.ask_at),
                (still_open, waiting),
            ),
        )
        .returning(intents, merged.c.was, merged.c.more)
        .cte("changed")
    )
    told = or_(changed.c.was != changed.c.state, changed.c.more)
    return changed, _history(changed, *_SAID, was=changed.c.was, when=told)


def _recording() -> Select[Any]:
    changed, written = _merge(gate=true())
    return select(changed).add_cte(written)


def _hearing() -> Select[Any]:
    event = {
        "id": bindparam("event", type_=Text),
        "type": bindparam("kind", type_=Text),
        "reference": bindparam("reference", type_=Text),
        "at": _SAID[0],
    }
    heard = insert(events).values(event).on_conflict_do_nothing()
    heard = heard.returning(events.c.id.label("event_id")).cte("heard")
    changed, written = _merge(gate=select(heard.c.event_id).exists())
    return select(heard, changed).select_from(heard.outerjoin(changed, true())).add_cte(written)


def written_history(source: CTE, said: Said, was: ColumnElement[str], when: ColumnElement[bool]) -> CTE:
    told = (literal(said.at), literal(said.actor, String), literal(said.source, String))
    return _history(source, *told, was=was, when=when)


def _history(
    source: CTE,
    at: ColumnElement[datetime],
    actor: ColumnElement[str],
    via: ColumnElement[str],
    *,
    was: ColumnElement[str],
    when: ColumnElement[bool],
) -> CTE:
    columns = ["intent_id", "at", "actor", "source", "was", "state", "captured", "refunded"]
    told = select(source.c.id, at, actor, via, was, source.c.state, source.c.captured, source.c.refunded)
    return insert(history).from_select(columns, told.where(when)).cte("written")


_OPEN = _opening()
_RECORD = _recording()
_HEAR = _hearing()
"""Built once: these run in every sale, and to put one together takes longer than PostgreSQL does."""


def _change(row: Row[Any]) -> Change:
    return Change(intent=intent_of(row), was=row.was, wish=row.wish)


def _known(row: Row[Any], *, fresh: bool = False, asked_before: bool = False) -> Known:
    return Known(
        intent=intent_of(row),
        wish=row.wish,
        description=row.description,
        return_path=row.return_path,
        locale=row.locale,
        country=row.country,
        fresh=fresh,
        asked_before=asked_before,
    )


def intent_of(row: Row[Any]) -> Intent:
    return Intent(
        id=row.id,
        run=row.run,
        account_id=row.account_id,
        purpose=row.purpose,
        state=row.state,
        amount=Money(row.amount, row.currency),
        captured=Money(row.captured, row.currency),
        refunded=Money(row.refunded, row.currency),
        hosted_url=row.hosted_url,
        failure=row.failure,
        method=row.method,
        psp_id=row.psp_id,
        created_at=row.created_at,
        provider=row.provider,
        wanted=row.wanted,
        pay_by=row.pay_by,
    )
