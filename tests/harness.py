"""Runs units of the house for a test: real PostgreSQL and NATS, a fresh database from a migrated template.

`running("inventory", binding="http")` serves the units on a real socket and binds every port to it over HTTP.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url

from luxe.app.child import Spec
from luxe.app.engines.nats import Nats
from luxe.app.engines.postgres import Postgres
from luxe.app.house import Composition
from luxe.app.migrate import migrate_all, schemas
from luxe.app.registry import manifest
from luxe.app.serve import Process
from luxe.kernel.auth import Principal
from luxe.kernel.db import Database
from luxe.kernel.errors import NotFound
from luxe.kernel.facts import Envelope, Fact
from luxe.kernel.house import House
from luxe.kernel.ports import bind_http, bind_local, internal_token
from luxe.kernel.settings import Settings
from luxe.services.identity.contract import Account
from luxe.services.identity.contract import Port as IdentityPort
from tests.scratch import scratch

SECRET = "a secret for tests alone"
TEMPLATE = "luxe_template"
BARE = "unit"
"""Names no schema: nothing is migrated in a database of it."""

P = TypeVar("P")
F = TypeVar("F", bound=Fact)

_numbers = itertools.count(1)


class Forgetful(Postgres):
    """It commits as the house's does, but a power cut would cost it everything: nothing waits for a disk."""

    def spec(self) -> Spec:
        spec = super().spec()
        lax = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
        options = [part for name, value in lax.items() for part in ("-c", f"{name}={value}")]
        return replace(spec, argv=[*spec.argv, *options])


class Engines(msgspec.Struct, frozen=True):
    admin_url: str
    nats_url: str
    folder: Path


@cache
def engines() -> Engines:
    """PostgreSQL and NATS for this test process, started at first use and stopped at its end."""
    folder = scratch("engines")
    postgres, nats = Forgetful(folder / "data"), Nats(folder / "data")
    admin_url, nats_url = postgres.start(), nats.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(postgres.stop)
    atexit.register(nats.stop)
    return Engines(admin_url, nats_url, folder)


_templates: dict[tuple[str, ...], str] = {}


async def fresh_database(*schemas: str) -> str:
    """A new database with these schemas migrated, or those of LUXE_TEST_SCHEMAS, or every one; returns the
    administrator's address of it. It is copied, and a copy takes as long as its tables are many."""
    admin_url = engines().admin_url
    wanted = tuple(sorted(schemas)) or tuple(filter(None, os.environ.get("LUXE_TEST_SCHEMAS", "").split(",")))
    if wanted not in _templates:
        template = f"{TEMPLATE}_{len(_templates)}"
        await _execute(admin_url, f"CREATE DATABASE {template}")
        await migrate_all(_named(admin_url, template), SECRET, only=wanted)
        _templates[wanted] = template
    return await copied_database(_named(admin_url, _templates[wanted]))


async def copied_database(url: str) -> str:
    """A new database that is like the one of this address, to which nobody may be connected."""
    name, original = f"luxe_{os.getpid()}_{next(_numbers)}", make_url(url).database
    await _execute(engines().admin_url, f"CREATE DATABASE {name} TEMPLATE {original} STRATEGY FILE_COPY")
    return _named(url, name)


async def drop_database(url: str) -> None:
    await _execute(engines().admin_url, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    )
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


class SignIns:
    """Stands in for identity where a test serves none: tokens are handed out by the test."""

    def __init__(self) -> None:
        self.principals: dict[str, Principal] = {}

    async def authenticate(self, *, token: str) -> Principal:
        return self.principals.get(token, Principal())

    async def account(self, *, account_id: str) -> Account:
        raise NotFound("nobody has an account here", code="account_unknown")

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"identity.{name} is not part of this test")


class Running:
    """Units that run, with what a test wants to see of them."""

    def __init__(self, process: Process, ports: House, rest: httpx.AsyncClient, signins: SignIns) -> None:
        self.process = process
        self.composition: Composition = process.composition
        self.house = process.composition.house
        self.settings = process.composition.settings
        self.rest = rest
        self._ports = ports
        self._signins = signins

    def port(self, port: type[P]) -> P:
        return self._ports.port(port)

    def service(self, unit: str) -> Any:
        return self.composition.services[unit]

    def database(self, unit: str) -> Database:
        return self.house.database(unit)

    def sign_in_as(
        self,
        *roles: str,
        subject: str = "acc_1",
        scopes: Sequence[str] = (),
        currency: str = "CNY",
        locale: str = "en",
    ) -> dict[str, str]:
        """Headers of a session with these roles, or of an API key if scopes are given."""
        token = f"token-{next(_numbers)}"
        self._signins.principals[token] = Principal(
            subject=subject,
            kind="api_key" if scopes else "session",
            credential=token,
            roles=frozenset(roles),
            scopes=frozenset(scopes),
            currency=currency,
            locale=locale,
            verified=True,
        )
        return {"authorization": f"Bearer {token}"}

    async def rows(self, unit: str, statement: str, **values: Any) -> list[Any]:
        """What an SQL statement finds, through the unit's own role."""
        async with self.database(unit).engine.connect() as connection:
            return list((await connection.execute(text(statement), values)).all())

    async def facts(self, kind: type[F]) -> list[F]:
        """Facts of a type still in the outbox of the service that owns it; nothing is relayed unless `settle` is called."""
        owner = kind.__module__.split(".")[-2]
        found = await self.rows(owner, f'SELECT type, data FROM "{owner}".outbox ORDER BY seq')
        return [msgspec.convert(row.data, kind) for row in found if row.type.split(".")[1] == kind.__name__]

    async def settle(self) -> int:
        """Hands every fact in the outboxes to the reactions here, directly, until none is left; returns how many."""
        handed = 0
        while envelopes := [
            envelope for relay in self.composition.relays for envelope in await self._take(relay._database)
        ]:
            for envelope in envelopes:
                for listener in self.composition.listeners:
                    await listener.handle(envelope)
            handed += len(envelopes)
        return handed

    async def _take(self, database: Database) -> list[Envelope]:
        outbox = database.metadata.tables[f"{database.schema}.outbox"]
        async with database.transaction() as tx:
            rows = (await tx.execute(outbox.delete().returning(*outbox.c))).all()
        rows = sorted(rows, key=lambda row: row.seq)
        return [
            Envelope(
                id=r.id,
                type=r.type,
                object_id=r.object_id,
                at=r.at,
                actor=r.actor,
                request_id=r.request_id,
                data=r.data,
            )
            for r in rows
        ]

    async def run_jobs(self, unit: str) -> None:
        """One round of a unit's jobs."""
        for job in manifest(unit).jobs:
            async with self.database(unit).transaction():
                await job.run(self.service(unit))


def own_port() -> int:
    """A port where nothing listens, of those that this machine gives to no connection of its own accord."""
    while True:
        port = 10_000 + (97 * os.getpid() + 13 * next(_numbers)) % 20_000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def make_settings(database_url: str, **changes: Any) -> Settings:
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=engines().folder))
    values: dict[str, Any] = {
        "data": str(folder),
        "database_url": database_url,
        "nats_url": engines().nats_url,
        "secret": SECRET,
        "public_url": "http://localhost:8400",
        "listen_port": own_port(),
        "pool_size": 20,
        "psp_key": "sk_test",
        "psp_webhook_secret": "whsec_test",
    }
    return Settings(**(values | changes))


@asynccontextmanager
async def running(
    *units: str,
    binding: str = "local",
    stubs: dict[type, Any] | None = None,
    background: bool = False,
    **settings: Any,
) -> AsyncIterator[Running]:
    """Serves `units` on a free port. `background` starts relays, reactions, jobs and sweeps; otherwise the test drives."""
    url = await fresh_database(*(unit for unit in units if manifest(unit).metadata is not None))
    signins = SignIns()
    stand_ins: dict[type, Any] = dict(stubs or {})
    if "identity" not in units and IdentityPort not in stand_ins:
        stand_ins[IdentityPort] = signins
    process = Process(make_settings(url, **settings), units, stand_ins)
    await process.start(background)
    address = f"http://127.0.0.1:{process.composition.settings.listen_port}"
    async with httpx.AsyncClient(base_url=address, timeout=30) as rest:
        await _until_it_answers(rest)
        ports = House(process.composition.settings)
        for unit in units:
            if (port := manifest(unit).port) is not None:
                if binding == "http":
                    ports.bind(port, bind_http(port, address, internal_token(SECRET), rest))
                else:
                    database = (
                        process.composition.house.database(unit)
                        if manifest(unit).metadata is not None
                        else None
                    )
                    ports.bind(port, bind_local(port, process.composition.services[unit], database))
        try:
            yield Running(process, ports, rest, signins)
        finally:
            await process.stop()
            await ports.close()
            await drop_database(url)


async def _until_it_answers(rest: httpx.AsyncClient) -> None:
    for _ in range(200):
        try:
            await rest.get("/healthz")
        except httpx.TransportError:
            await asyncio.sleep(0.02)
        else:
            return
    raise AssertionError("the process does not listen")


__all__ = [
    "BARE",
    "Running",
    "copied_database",
    "engines",
    "fresh_database",
    "make_settings",
    "running",
    "schemas",
]
