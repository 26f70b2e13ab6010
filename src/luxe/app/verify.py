"""Looks whether a house's invariants hold, whatever it is doing meanwhile, and in which row one does not.

Every service's database is read through its own address, all of one address in one snapshot, and what lies in several is
compared by key as it streams in. Addresses are read one moment apart, so what seems broken is looked at a second time, and
only what is broken in both looks counts.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from heapq import merge
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from luxe.app.invariants.forms import Across, Invariant, Row, Schemas, Source, Within
from luxe.app.invariants.registry import INVARIANTS
from luxe.app.registry import manifests
from luxe.kernel import clock
from luxe.kernel.settings import Settings

PATIENCE = timedelta(minutes=10)
SECOND_LOOK = timedelta(seconds=1)
SHOWN_ROWS = 10
_PARTITION = 2_000
_COUNTING = "SELECT count(*) FROM ({rows}) AS rows"
_LIVE = """
SELECT id, state, input, results FROM "{schema}".runs WHERE state IN ('running', 'undoing', 'stuck')
"""
_OWNED = re.compile(r"\b(?:run|ord)_[0-9a-z]{26}\b")


class Unverifiable(Exception):
    """An invariant could not be looked at: a database does not answer, or its tables are not those of this version."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one invariant; `rows` are the first that break it."""

    name: str
    rule: str
    checked: int
    broken: int
    rows: list[Row]


_PART_OF_RUN = re.compile("[- ]")
"""A run may have parts of its own: each try to pay in an exchange, and what it keeps."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`under_way` and `stuck` count runs. `at_rest`: nothing was passed over for being under way."""

    at: str
    at_rest: bool
    under_way: int
    stuck: int
    findings: list[Finding]

    @property
    def broken(self) -> list[Finding]:
        return [each for each in self.findings if each.broken]


class _Look:
    """One snapshot of every database, and what the runs in it own."""

    def __init__(
        self, connections: Mapping[str, AsyncConnection], sagas: Sequence[str], at_rest: bool
    ) -> None:
        self._connections = connections
        self._sagas = sagas
        self._values = {"now": clock.now(), "patience": PATIENCE}
        self._at_rest = at_rest
        self._owned: set[str] = set()
        self.states: list[str] = []

    async def begin(self) -> None:
        for connection in set(self._connections.values()):
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
        for saga in self._sagas:
            async for row in self._rows(saga, _LIVE):
                self.states.append(row["state"])
                self._owned.add(row["id"])
                self._owned.update(_OWNED.findall(msgspec.json.encode(row, enc_hook=str).decode()))

    async def broken(self, invariant: Invariant) -> AsyncIterator[Row]:
        """The rows that break it; the first column of each names it."""
        found = self._within(invariant) if isinstance(invariant, Within) else self._across(invariant)
        async for row in found:
            if not (invariant.at_rest and self._passes_over(row)):
                yield row

    async def checked(self, invariant: Invariant) -> int:
        if isinstance(invariant, Within):
            schemas, counting = invariant.schemas, invariant.checked
        else:
            schemas, counting = invariant.left.schemas, _COUNTING.replace("{rows}", invariant.left.rows)
        total = 0
        for schema in self._named(schemas):
            async for row in self._rows(schema, counting):
                total += row["count"]
        return total

    async def _within(self, invariant: Within) -> AsyncIterator[Row]:
        for schema in self._named(invariant.schemas):
            async for row in self._rows(schema, invariant.broken):
                yield row

    async def _across(self, invariant: Across) -> AsyncIterator[Row]:
        async for left, right in _matched(self._source(invariant.left), self._source(invariant.right)):
            if left is None and not invariant.both:
                continue
            if wrong := invariant.broken(left, right):
                yield (left or right or {}) | {"wrong": wrong}

    async def _source(self, source: Source) -> AsyncIterator[tuple[str, Row]]:
        """(key, row) by key; the rows of several schemas are few enough to be put in order here."""
        schemas = self._named(source.schemas)
        if len(schemas) == 1:
            async for row in self._rows(schemas[0], source.rows):
                yield _key(row), row
            return
        parts = [[(_key(row), row) async for row in self._rows(schema, source.rows)] for schema in schemas]
        for key, row in merge(*parts, key=lambda pair: pair[0].encode()):
            yield key, row

    async def _rows(self, schema: str, statement: str) -> AsyncIterator[Row]:
        clause = text(statement.replace("{schema}", schema))
        values = {name: self._values[name] for name in clause.compile().params}
        async with self._connections[schema].stream(clause, values) as result:
            names = list(result.keys())
            async for rows in result.partitions(_PARTITION):
                for row in rows:
                    yield dict(zip(names, row, strict=True))

    def _named(self, schemas: Schemas) -> Sequence[str]:
        if schemas == "every":
            return list(self._connections)
        return self._sagas if schemas == "sagas" else schemas

    def _passes_over(self, row: Row) -> bool:
        if self._at_rest:
            return False
        run = str(row.get("run") or "")
        return row.get("under_way") is True or not self._owned.isdisjoint(
            (run, *_PART_OF_RUN.split(run)[:1], row.get("order_id"))
        )


async def verify(settings: Settings, at_rest: bool = False) -> Report:
    """Looks at every invariant. Raises `Unverifiable`."""
    first = await _look(settings, INVARIANTS, at_rest)
    doubtful = [each for each in INVARIANTS if first.rows[each.name]]
    if doubtful:
        await asyncio.sleep(SECOND_LOOK.total_seconds())
        second = await _look(settings, doubtful, at_rest)
        for each in doubtful:
            first.rows[each.name] = {
                key: row for key, row in second.rows[each.name].items() if key in first.rows[each.name]
            }
    return Report(
        at=clock.now().isoformat(),
        at_rest=at_rest,
        under_way=sum(state != "stuck" for state in first.states),
        stuck=first.states.count("stuck"),
        findings=[
            Finding(
                name=each.name,
                rule=each.rule,
                checked=first.checked[each.name],
                broken=len(first.rows[each.name]),
                rows=list(first.rows[each.name].values())[:SHOWN_ROWS],
            )
            for each in INVARIANTS
        ],
    )


class _Seen(msgspec.Struct):
    """What one look found: by invariant, how much there was and the rows that break it, by their names."""

    checked: dict[str, int]
    rows: dict[str, dict[str, Row]]
    states: list[str]


async def _look(settings: Settings, invariants: Iterable[Invariant], at_rest: bool) -> _Seen:
    sagas = [each.name for each in manifests() if each.metadata is not None and _is_saga(each.metadata)]
    doing = "reaching the databases"
    try:
        async with _snapshots(settings) as connections:
            look = _Look(connections, sagas, at_rest)
            await look.begin()
            seen = _Seen(checked={}, rows={}, states=look.states)
            for each in invariants:
                doing = f"looking whether {each.name}"
                seen.checked[each.name] = await look.checked(each)
                seen.rows[each.name] = {_key(row): row async for row in look.broken(each)}
            return seen
    except (SQLAlchemyError, OSError) as error:
        raise Unverifiable(f"{doing}: {error}") from error


@asynccontextmanager
async def _snapshots(settings: Settings) -> AsyncIterator[dict[str, AsyncConnection]]:
    """A connection by schema: one for each address, in a read-only transaction that sees one moment."""
    own = msgspec.json.decode(settings.database_urls, type=dict[str, str])
    schemas = [
        each.metadata.schema for each in manifests() if each.metadata is not None and each.metadata.schema
    ]
    async with AsyncExitStack() as opened:
        by_url: dict[str, AsyncConnection] = {}
        for url in {own.get(schema, settings.database_url) for schema in schemas}:
            engine = create_async_engine(
                make_url(url),
                poolclass=NullPool,
                isolation_level="REPEATABLE READ",
                json_deserializer=msgspec.json.decode,
                connect_args={"server_settings": {"application_name": "luxe_verify", "timezone": "UTC"}},
            )
            opened.push_async_callback(engine.dispose)
            by_url[url] = await opened.enter_async_context(engine.connect())
            await by_url[url].execute(text("SET TRANSACTION READ ONLY"))
        yield {schema: by_url[own.get(schema, settings.database_url)] for schema in schemas}


async def _matched(
    left: AsyncIterator[tuple[str, Row]], right: AsyncIterator[tuple[str, Row]]
) -> AsyncIterator[tuple[Row | None, Row | None]]:
    """Pairs of rows with the same key, and those that stand alone; both come in the order of their keys' bytes."""
    one, other = await anext(left, None), await anext(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0].encode() < other[0].encode()):
            assert one is not None
            yield one[1], None
            one = await anext(left, None)
        elif one is None or other[0].encode() < one[0].encode():
            yield None, other[1]
            other = await anext(right, None)
        else:
            yield one[1], other[1]
            one, other = await anext(left, None), await anext(right, None)


def _key(row: Row) -> str:
    return str(next(iter(row.values())))


def _is_saga(metadata: Any) -> bool:
    return f"{metadata.schema}.run_log" in metadata.tables
