"""Where runs are kept: one row a run, one log row for each thing that happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    RowMapping,
    Select,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from luxe.kernel import clock
from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

LIVE = ("running", "undoing")
END = "end"
"""The signal by which a person ends a run; no other may have that name."""

_ASKED = personal("owner", "to carry out what was asked for", "blank")


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: running | undoing | done | refused | stuck | ended. `cursor` is the index of the step to do or to undo next.

    `unsaved` are names and results of steps done since the row was stored; they are stored with the next outcome.
    `taken_over`: somebody else may have driven the run on from here without storing it.
    """

    id: str
    key: str
    owner: str
    state: str
    cursor: int
    input: Any
    results: dict[str, Any]
    signals: dict[str, Any]
    signal_count: int
    attempts: int
    problem: dict[str, Any] | None
    lease_owner: str | None
    lease_until: datetime | None
    wake_at: datetime | None
    request_id: str
    started_at: datetime
    changed_at: datetime
    signalled: bool = False
    unsaved: tuple[tuple[str, Any], ...] = ()
    taken_over: bool = False


def saga_metadata(schema: str) -> MetaData:
    """A saga's schema: the kernel's tables, `runs` and `run_log`."""
    metadata = service_metadata(schema)
    Table(
        "runs",
        metadata,
        Column("id", Text, primary_key=True),
        Column("key", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("cursor", Integer, nullable=False),
        Column("input", JSONB, nullable=False, info=_ASKED),
        Column("results", JSONB, nullable=False, info=_ASKED),
        Column("signals", JSONB, nullable=False),
        Column("signal_count", Integer, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("problem", JSONB),
        Column("lease_owner", Text),
        Column("lease_until", DateTime(timezone=True)),
        Column("wake_at", DateTime(timezone=True)),
        Column("request_id", Text, nullable=False),
        Column("started_at", DateTime(timezone=True), nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        UniqueConstraint("owner", "key"),
        Index("ix_runs_due", "wake_at", postgresql_where="state IN ('running', 'undoing')"),
        Index("ix_runs_state", "state", "changed_at"),
    )
    Table(
        "run_log",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("run_id", Text, nullable=False, index=True),
        Column("step", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("actor", Text, nullable=False),
        Column("note", Text, nullable=False),
        info={"append_only": True},
    )
    return metadata


def runs_of(metadata: MetaData) -> Table:
    return metadata.tables[f"{metadata.schema}.runs"]


def row_of(mapping: Mapping[Any, Any] | None, signalled: bool = False) -> RunRow | None:
    return None if mapping is None else _run(mapping, signalled)


def _run(mapping: Mapping[Any, Any], signalled: bool = False) -> RunRow:
    return RunRow(**mapping, signalled=signalled)


async def insert_run(
    tx: AsyncConnection,
    metadata: MetaData,
    *,
    run_id: str,
    key: str,
    owner: str,
    input: Any,
    lease: tuple[str, datetime],
    request_id: str,
) -> RunRow:
    """Inserts a run leased to its starter, or returns the one that this owner and key already started."""
    at = clock.now()
    fresh = await tx.execute(
        _inserting(metadata),
        {
            "id": run_id,
            "key": key,
            "owner": owner,
            "state": "running",
            "cursor": 0,
            "input": input,
            "results": {},
            "signals": {},
            "signal_count": 0,
            "attempts": 0,
            "lease_owner": lease[0],
            "lease_until": lease[1],
            "wake_at": at,
            "request_id": request_id,
            "started_at": at,
            "changed_at": at,
        },
    )
    row = row_of(fresh.mappings().first())
    if row is not None:
        return row
    found = await find_by_key(tx, metadata, owner, key)
    assert found is not None
    return msgspec.structs.replace(found, lease_owner=None)


@cache
def _inserting(metadata: MetaData) -> ReturningInsert[Any]:
    runs = runs_of(metadata)
    return insert(runs).on_conflict_do_nothing().returning(runs)


async def find(tx: AsyncConnection, metadata: MetaData, run_id: str) -> RunRow | None:
    return row_of((await tx.execute(_finding(metadata), {"run": run_id})).mappings().first())


@cache
def _finding(metadata: MetaData) -> Select[Any]:
    runs = runs_of(metadata)
    return select(runs).where(runs.c.id == bindparam("run", type_=Text))


async def find_by_key(tx: AsyncConnection, metadata: MetaData, owner: str, key: str) -> RunRow | None:
    runs = runs_of(metadata)
    found = await tx.execute(select(runs).where(runs.c.owner == owner, runs.c.key == key))
    return row_of(found.mappings().first())


async def in_state(tx: AsyncConnection, metadata: MetaData, state: str, limit: int) -> list[RunRow]:
    runs = runs_of(metadata)
    rows = await tx.execute(
        select(runs).where(runs.c.state == state).order_by(runs.c.changed_at).limit(limit)
    )
    return [_run(row) for row in rows.mappings()]


async def log_of(tx: AsyncConnection, metadata: MetaData, run_id: str) -> Sequence[RowMapping]:
    log = metadata.tables[f"{metadata.schema}.run_log"]
    return (await tx.execute(select(log).where(log.c.run_id == run_id).order_by(log.c.seq))).mappings().all()


async def signal(
    tx: AsyncConnection,
    metadata: MetaData,
    run_id: str,
    name: str,
    payload: Any,
    peer: str,
    at: datetime,
    until: datetime,
) -> RunRow | None:
    """Writes a signal down and leases the run to `peer` if it lives and nobody drives it; None if it was not leased.
    A run that was ended by hand hears nothing any more."""
    told = await tx.execute(
        _signalling(metadata),
        {"run": run_id, "said": {name: payload}, "peer": peer, "now": at, "until": until},
    )
    row = told.mappings().first()
    if row is None or not row["free"]:
        return None
    return _run({name: value for name, value in row.items() if name != "free"} | {"taken_over": True})


@cache
def _signalling(metadata: MetaData) -> ReturningUpdate[Any]:
    runs = runs_of(metadata)
    now, until = (
        bindparam("now", type_=DateTime(timezone=True)),
        bindparam("until", type_=DateTime(timezone=True)),
    )
    free = and_(_is_live(runs), or_(runs.c.lease_until.is_(None), runs.c.lease_until < now))
    found = select(runs.c.id, free.label("free")).where(
        runs.c.id == bindparam("run", type_=Text), runs.c.state != "ended"
    )
    found = found.with_for_update().cte("found")
    return (
        update(runs)
        .where(runs.c.id == found.c.id)
        .values(
            signals=runs.c.signals.op("||")(bindparam("said", type_=JSONB)),
            signal_count=runs.c.signal_count + 1,
            wake_at=now,
            lease_owner=case((found.c.free, bindparam("peer", type_=Text)), else_=runs.c.lease_owner),
            lease_until=case((found.c.free, until), else_=runs.c.lease_until),
        )
        .returning(runs, found.c.free)
    )


def _is_live(runs: Table) -> ColumnElement[bool]:
    """Constants of the statement: it is compiled once, and the partial index is seen to hold all that is asked for."""
    return runs.c.state.in_([literal_column(f"'{state}'") for state in LIVE])


async def claim(
    tx: AsyncConnection, metadata: MetaData, run_id: str, peer: str, at: datetime, until: datetime
) -> RunRow | None:
    """Leases one live run that nobody drives; None if it is driven or ended."""
    taken = await tx.execute(_claiming(metadata), {"run": run_id, "now": at, "peer": peer, "until": until})
    row = taken.mappings().first()
    return None if row is None else _run({**row, "taken_over": True})


@cache
def _claiming(metadata: MetaData) -> ReturningUpdate[Any]:
    runs = runs_of(metadata)
    now, until = (
        bindparam("now", type_=DateTime(timezone=True)),
        bindparam("until", type_=DateTime(timezone=True)),
    )
    return (
        update(runs)
        .where(
            runs.c.id == bindparam("run", type_=Text),
            _is_live(runs),
            or_(runs.c.lease_until.is_(None), runs.c.lease_until < now),
        )
        .values(lease_owner=bindparam("peer", type_=Text), lease_until=until)
        .returning(runs)
    )


async def claim_due(
    tx: AsyncConnection, metadata: MetaData, peer: str, at: datetime, until: datetime, limit: int
) -> list[RunRow]:
    taken = await tx.execute(
        _claiming_due(metadata), {"now": at, "peer": peer, "until": until, "at_most": limit}
    )
    return [_run({**row, "taken_over": True}) for row in taken.mappings()]


@cache
def _claiming_due(metadata: MetaData) -> ReturningUpdate[Any]:
    runs = runs_of(metadata)
    now, until = (
        bindparam("now", type_=DateTime(timezone=True)),
        bindparam("until", type_=DateTime(timezone=True)),
    )
    due = (
        select(runs.c.id)
        .where(
            _is_live(runs), runs.c.wake_at <= now, or_(runs.c.lease_until.is_(None), runs.c.lease_until < now)
        )
        .order_by(runs.c.wake_at)
        .limit(bindparam("at_most", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    return (
        update(runs)
        .where(runs.c.id.in_(due))
        .values(lease_owner=bindparam("peer", type_=Text), lease_until=until)
        .returning(runs)
    )


async def give_back(tx: AsyncConnection, metadata: MetaData, peer: str) -> None:
    """Ends the leases of a peer that stops."""
    runs = runs_of(metadata)
    await tx.execute(
        update(runs)
        .where(runs.c.lease_owner == peer, runs.c.state.in_(LIVE))
        .values(lease_owner=None, lease_until=None)
    )
