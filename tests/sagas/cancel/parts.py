"""Fixtures for what follows a sale: one house and one PSP for a whole suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from luxe.app.engines.engine import free_port
from luxe.kernel import clock
from luxe.sagas.checkout.contract import Port
from tests.harness import Running, running
from tests.outside import parties
from tests.sagas.cancel.stage import UNITS as AFTER_UNITS
from tests.sagas.checkout.conftest import own_clock, psp, psp_client, psp_process
from tests.sagas.checkout.stage import UNITS, Heard, OpenStage, Stage
from tests.services.payments.provider import Psp

__all__ = ["open_house", "open_stage", "own_clock", "psp", "psp_client", "psp_process"]


@pytest.fixture(scope="session")
async def open_house(psp_process: parties.Party) -> AsyncIterator[tuple[Running, Heard]]:
    port = free_port()
    settings: dict[str, Any] = {
        "psp_url": f"{psp_process.url}/psp",
        "psp_key": parties.KEY,
        "psp_webhook_secret": parties.SECRET,
        "listen_port": port,
        "public_url": f"http://127.0.0.1:{port}",
    }
    async with running(*UNITS, *AFTER_UNITS, **settings) as house:
        heard = Heard()
        house.composition.listeners.append(cast(Any, heard))
        yield house, heard


@pytest.fixture
async def open_stage(open_house: tuple[Running, Heard], psp: Psp) -> AsyncIterator[OpenStage]:
    """Opens as many stages as a test wants, one after the other."""
    house, heard = open_house
    stages: list[Stage] = []

    async def fresh() -> Stage:
        if stages:
            await stages.pop().close()
            clock.replace_clock(None)
        stages.append(Stage(house, psp, heard, house.port(Port)))
        await stages[0].open()
        return stages[0]

    yield fresh
    for stage in stages:
        await stage.close()
