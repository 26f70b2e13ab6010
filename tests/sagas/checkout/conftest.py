"""One house and one PSP for the whole suite; every test has members and pieces of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest

from luxe.app.engines.engine import free_port
from luxe.kernel import clock
from luxe.kernel.ports import bind_http, internal_token
from luxe.sagas.checkout.contract import Port
from tests.harness import SECRET, Running, running
from tests.outside import parties
from tests.sagas.checkout.breaks import refusing
from tests.sagas.checkout.stage import UNITS, Heard, OpenStage, Stage
from tests.services.payments.provider import Psp


@pytest.fixture(scope="session")
def psp_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parties.Party]:
    party = parties.start_psp(tmp_path_factory.mktemp("psp"))
    yield party
    party.stop()


@pytest.fixture(scope="session")
async def psp_client(psp_process: parties.Party) -> AsyncIterator[Psp]:
    client = Psp(psp_process)
    yield client
    await client.close()


@pytest.fixture
async def psp(psp_client: Psp) -> AsyncIterator[Psp]:
    """Its faults are cleared after each test."""
    yield psp_client
    await psp_client.clear()


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
    async with running(*UNITS, **settings) as house:
        heard = Heard()
        house.composition.listeners.append(cast(Any, heard))
        yield house, heard


@pytest.fixture(scope="session")
async def calls(open_house: tuple[Running, Heard], psp_client: Psp) -> dict[str, int]:
    """How many calls that change something each step and each undo makes when nothing goes wrong but at the very end."""
    house, heard = open_house
    stage = Stage(house, psp_client, heard, house.port(Port))
    await stage.open()
    await stage.buy((await stage.basket()).wanted)
    stage.breaks.at("place", "end", refusing())
    await stage.buy(stage.wanting((await stage.piece(), 1), points=100, expected=999_900), key="undone")
    await stage.close()
    return stage.breaks.calls()


@pytest.fixture
async def open_stage(
    request: pytest.FixtureRequest, open_house: tuple[Running, Heard], psp: Psp
) -> AsyncIterator[OpenStage]:
    """Opens as many stages as a test wants, one after the other.

    Checkout is bound locally, unless the test asks for `binding`.
    """
    house, heard = open_house
    port = house.port(Port)
    if "binding" in request.fixturenames and request.getfixturevalue("binding") == "http":
        port = bind_http(Port, str(house.rest.base_url).rstrip("/"), internal_token(SECRET), house.rest)
    stages: list[Stage] = []

    async def fresh() -> Stage:
        if stages:
            await stages.pop().close()
            clock.replace_clock(None)
        stages.append(Stage(house, psp, heard, port))
        await stages[0].open()
        return stages[0]

    yield fresh
    for stage in stages:
        await stage.close()


@pytest.fixture
async def stage(open_stage: OpenStage) -> Stage:
    """With both members."""
    stage = await open_stage()
    await stage.join(stage.yan)
    return stage


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    yield
    clock.replace_clock(None)
