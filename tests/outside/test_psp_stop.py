"""The provider ends when it is told to, whatever it is doing."""

import asyncio
from pathlib import Path

import pytest

from luxe_outside.database import Database
from luxe_outside.psp import store
from luxe_outside.psp.webhooks import Dispatcher


async def test_its_courier_stops_though_it_is_woken_at_that_very_moment(tmp_path: Path):
    db = Database(tmp_path / "psp", store.SCHEMA)
    dispatcher = Dispatcher(db, "a secret")
    running = asyncio.create_task(dispatcher.run())
    for _ in range(5):
        await asyncio.sleep(0)

    dispatcher.wake()
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await running
    db.close()
