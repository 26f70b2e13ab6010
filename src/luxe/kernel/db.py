"""One database per service, seen through its own role; transactions belong to the edges.

A port call, a REST request, a reaction and a job each open one transaction. Facts and audit rows
gathered during it are written just before the commit, in one statement each.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import Any

import msgspec
from asyncpg.exceptions import AdminShutdownError, CrashShutdownError, InternalClientError
from sqlalchemy import URL, Column, Insert, MetaData, Table, bindparam, event, func, insert, make_url, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from luxe.kernel import clock, context
from luxe.kernel.audit import Audited
from luxe.kernel.facts import Fact, fact_type
from luxe.kernel.ids import new_id
from luxe.kernel.settings import Settings
from luxe.kernel.telemetry import SQL_STATEMENTS

LOCK_TIMEOUT_MS = 3_000
STATEMENT_TIMEOUT_MS = 20_000
CONNECT_SECONDS = 5
ANSWER_SECONDS = 30


class NoTransaction(RuntimeError):
    """Code that needs a connection ran outside every edge."""


class Unit:
    """One running transaction (or one autocommitted read) with what it will say at its end."""

    def __init__(self, connection: AsyncConnection, writable: bool) -> None:
        self.connection = connection
        self.writable = writable
        self.facts: list[dict[str, Any]] = []
        self.audits: list[dict[str, Any]] = []
        self.after_commit: list[Callable[[], None]] = []


def role_of(schema: str) -> str:
    return f"luxe_{schema}"


def role_password(secret: str, schema: str) -> str:
    """Each role's password is derived from the house's secret, so that no process has to be told it."""
    return hmac.new(secret.encode(), f"database role {schema}".encode(), hashlib.sha256).hexdigest()


def service_url(settings: Settings, schema: str) -> URL:
    """The address of a service's database: its own if one is set, else the house's, always as its own role."""
    own = msgspec.json.decode(settings.database_urls, type=dict[str, str])
    if schema in own:
        return make_url(own[schema])
    return make_url(settings.database_url).set(
        username=role_of(schema), password=role_password(settings.secret, schema)
    )


def _decode_json(text: str | bytes) -> Any:
    return msgspec.json.decode(text)


def _encode_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def make_engine(url: URL | str, pool_size: int = 0, application: str = "luxe") -> AsyncEngine:
    """An asyncpg engine; `pool_size` 0 opens a connection for each use."""
    options: dict[str, Any] = (
        {"poolclass": NullPool}
        if not pool_size
        else {
            "pool_size": pool_size,
            "max_overflow": pool_size,
            "pool_pre_ping": False,
            "pool_timeout": 10,
        }
    )
    engine = create_async_engine(
        url,
        json_serializer=_encode_json,
        json_deserializer=_decode_json,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": ANSWER_SECONDS,
            "server_settings": {
                "application_name": application,
                "lock_timeout": str(LOCK_TIMEOUT_MS),
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "timezone": "UTC",
            },
        },
        **options,
    )

    sent = SQL_STATEMENTS.labels(application)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _count(*_: Any) -> None:
        sent.inc()

    event.listen(engine.sync_engine.pool, "checkout", _demand_open)
    event.listen(engine.sync_engine, "handle_error", _notice_loss)
    return engine


def _demand_open(connection: Any, *_: Any) -> None:
    """Of a pool whose server has gone away no connection is handed out: asking one costs nothing, it already knows."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


def _notice_loss(failure: ExceptionContext) -> None:
    """asyncpg's connection is not closed yet when the server's last words arrive, and never gets over half an answer."""
    cause = failure.original_exception.__cause__
    if isinstance(cause, (AdminShutdownError, CrashShutdownError, InternalClientError)):
        failure.is_disconnect = True


def insert_rows(table: Table) -> Insert:
    """Inserts the list of dicts in the parameter `rows`, in their order: one statement whatever their number, so that it
    is compiled once. Columns that number themselves are left out."""
    columns = [column for column in table.c if column.identity is None]
    rows = func.jsonb_to_recordset(bindparam("rows", type_=JSONB))
    listed = rows.table_valued(*(Column(each.name, each.type) for each in columns)).render_derived(
        with_types=True
    )
    return insert(table).from_select([each.name for each in columns], select(*listed.c))


class Database:
    """A service's own schema. `tx` is the connection of the edge that is running."""

    def __init__(self, schema: str, metadata: MetaData, url: URL | str, pool_size: int = 8) -> None:
        self.schema = schema
        self.metadata = metadata
        self.engine = make_engine(url, pool_size, application=role_of(schema))
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._unit: ContextVar[Unit | None] = ContextVar(f"unit_{schema}", default=None)
        self.on_facts: Callable[[], None] = lambda: None
        self._add_facts = insert_rows(metadata.tables[f"{schema}.outbox"])
        self._add_audits = insert_rows(metadata.tables[f"{schema}.audit"])

    @property
    def unit(self) -> Unit:
        unit = self._unit.get()
        if unit is None:
            raise NoTransaction(f"{self.schema}: no transaction is open")
        return unit

    @property
    def tx(self) -> AsyncConnection:
        return self.unit.connection

    def in_transaction(self) -> bool:
        return self._unit.get() is not None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Opens the edge's transaction, or joins the one that is open. Commits at its end, rolls back on any error."""
        running = self._unit.get()
        if running is not None and running.writable:
            yield running.connection
            return
        async with self.engine.connect() as connection:
            unit = Unit(connection, writable=True)
            token = self._unit.set(unit)
            try:
                async with connection.begin():
                    yield connection
                    await self._write_gathered(unit)
            finally:
                self._unit.reset(token)
        for callback in unit.after_commit:
            callback()
        if unit.facts:
            self.on_facts()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Joins an open transaction; otherwise each statement stands alone, without BEGIN and COMMIT."""
        running = self._unit.get()
        if running is not None:
            yield running.connection
            return
        async with self._reading.connect() as connection:
            token = self._unit.set(Unit(connection, writable=False))
            try:
                yield connection
            finally:
                self._unit.reset(token)

    def alone(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """For a change of one statement that tells nobody: joins an open transaction, or does without. `emit` is refused."""
        return self.reading()

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """Leaves the open transaction aside, so that the phases inside are transactions of their own."""
        token = self._unit.set(None)
        try:
            yield
        finally:
            self._unit.reset(token)

    def emit(self, *facts: Fact) -> None:
        """Says that something happened; heard by others only if this transaction commits."""
        if not facts:
            return
        here = context.current()
        self._writable().facts.extend(
            {
                "id": new_id("fact"),
                "type": fact_type(type(fact)),
                "object_id": fact.object_id,
                "at": clock.now(),
                "actor": here.actor,
                "request_id": here.request_id,
                "data": msgspec.to_builtins(fact),
            }
            for fact in facts
        )

    def audit(self, action: str, object_id: str, **details: Any) -> None:
        """Writes who did what to which object, in the acting transaction."""
        here = context.current()
        self._writable().audits.append(
            {
                "at": clock.now(),
                "actor": here.actor,
                "action": action,
                "object_id": object_id,
                "request_id": here.request_id,
                "details": msgspec.to_builtins(details),
            }
        )

    def after_commit(self, callback: Callable[[], None]) -> None:
        self._writable().after_commit.append(callback)

    async def close(self) -> None:
        await self.engine.dispose()

    def _writable(self) -> Unit:
        if not self.unit.writable:
            raise NoTransaction(f"{self.schema}: a query cannot write")
        return self.unit

    def _audited(self, row: dict[str, Any]) -> Audited:
        kept = {name: value for name, value in row.items() if name != "object_id"}
        return Audited(entry=new_id("aud"), service=self.schema, target=row["object_id"], **kept)

    async def _write_gathered(self, unit: Unit) -> None:
        if unit.audits:
            self.emit(*(self._audited(row) for row in unit.audits))
            await unit.connection.execute(self._add_audits, {"rows": unit.audits})
        if unit.facts:
            await unit.connection.execute(self._add_facts, {"rows": unit.facts})
