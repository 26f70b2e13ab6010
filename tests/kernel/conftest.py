"""A stage for the saga engine's tests, in a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from luxe.kernel import clock
from luxe.kernel.db import Database
from luxe.kernel.house import House
from luxe.kernel.saga_store import saga_metadata
from tests.harness import BARE, drop_database, fresh_database, make_settings
from tests.kernel.stage import Stage, World


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    url = await fresh_database(BARE)
    metadata = saga_metadata("post")
    database = Database("post", metadata, url)
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE SCHEMA post"))
        await connection.run_sync(metadata.create_all)
    house = House(make_settings(url))
    house.add_database(database)
    yield Stage(house, World())
    await house.close()
    await drop_database(url)


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    yield
    clock.replace_clock(None)
