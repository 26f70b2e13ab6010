"""The kernel while its database is away and right after it is back. Sessions end as a crash of PostgreSQL ends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from luxe.kernel import clock, saga_outcomes, saga_store
from luxe.kernel.db import Database, make_engine
from luxe.kernel.house import House
from luxe.kernel.saga import LEASE, Engine, Flow, Run, Step
from luxe.kernel.saga_store import saga_metadata
from tests.harness import BARE, drop_database, engines, fresh_database, make_settings

POOL = 3


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    what: str = "vase"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    url = await fresh_database(BARE)
    database = Database("post", saga_metadata("post"), url, pool_size=POOL)
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE SCHEMA post"))
        await connection.run_sync(database.metadata.create_all)
    house = House(make_settings(url))
    house.add_database(database)
    yield house
    await house.close()
    await drop_database(url)


async def end_sessions(house: House, *, reopen: bool = True) -> None:
    """Ends every session of the house's database; lets nobody in again until `let_in` if it is not to reopen."""
    name = make_url(house.settings.database_url).database
    admin = make_engine(engines().admin_url)
    async with admin.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {reopen}"))
        await connection.execute(
            text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"),
            {"name": name},
        )
    await admin.dispose()


async def fill_pool(database: Database) -> list[Any]:
    """The driver's connections of a pool that has all of them idle."""
    opened = [await database.engine.connect() for _ in range(POOL)]
    drivers = [(await each.get_raw_connection()).driver_connection for each in opened]
    for each in opened:
        await each.close()
    return drivers


async def test_connections_that_ended_while_idle_are_not_handed_out(house: House) -> None:
    database = house.database("post")
    ended = asyncio.Semaphore(0)
    for driver in await fill_pool(database):
        driver.add_termination_listener(lambda _: ended.release())
    await end_sessions(house)
    for _ in range(POOL):
        await asyncio.wait_for(ended.acquire(), 10)
    for _ in range(POOL + 1):
        async with database.transaction() as tx:
            assert (await tx.execute(text("SELECT 1"))).scalar() == 1
        async with database.reading() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar() == 1


async def test_a_session_that_ends_at_work_fails_once(house: House) -> None:
    database = house.database("post")
    await fill_pool(database)
    async with database.reading() as connection:
        at_work = asyncio.create_task(connection.execute(text("SELECT pg_sleep(20)")))
        await asyncio.sleep(0)
        await end_sessions(house)
        with pytest.raises(DBAPIError) as lost:
            await at_work
    assert lost.value.connection_invalidated
    for _ in range(POOL + 1):
        async with database.reading() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar() == 1


async def test_a_run_whose_step_could_not_be_stored_goes_on_when_the_database_is_back(house: House) -> None:
    calls = 0

    async def lose_the_database(_: Run[Any]) -> str:
        nonlocal calls
        calls += 1
        if calls == 1:
            await end_sessions(house, reopen=False)
        return "done"

    database = house.database("post")
    engine = Engine(Flow("post", Parcel, [Step("pack", lose_the_database)]), house)
    async with database.transaction():
        run = (await engine.start(key="key", owner="acc_1", input=Parcel())).id
    started = clock.now()
    await _idle(engine)
    with pytest.raises(DBAPIError):
        await engine.sweep()

    await end_sessions(house)
    await engine.sweep()
    await _idle(engine)

    async with database.reading() as connection:
        row = await saga_store.find(connection, database.metadata, run)
    assert row is not None
    assert (row.state, calls) == ("done", 2)
    assert clock.now() - started < LEASE, "the lease did not have to run out first"


async def test_a_run_that_cannot_be_stored_at_all_waits_for_its_lease(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    async def count(_: Run[Any]) -> str:
        nonlocal calls
        calls += 1
        return "done"

    async def fail(*_: Any, **__: Any) -> None:
        raise OSError("never stored")

    monkeypatch.setattr(saga_outcomes, "save", fail)
    engine = Engine(Flow("post", Parcel, [Step("pack", count)]), house)
    async with house.database("post").transaction():
        await engine.start(key="key", owner="acc_1", input=Parcel())
    for _ in range(4):
        await _idle(engine)
        await engine.sweep()
    assert calls == 2


async def _idle(engine: Engine) -> None:
    while engine._tasks:
        await asyncio.wait(list(engine._tasks))
