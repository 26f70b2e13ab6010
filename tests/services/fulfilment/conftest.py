"""One carrier's process for this folder; its faults are cleared after each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.outside.parties import Party, start_carrier
from tests.services.fulfilment.carrier import Carrier


@pytest.fixture(scope="session")
def carrier_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    party = start_carrier(tmp_path_factory.mktemp("carrier"))
    yield party
    party.stop()


@pytest.fixture
async def carrier(carrier_process: Party) -> AsyncIterator[Carrier]:
    client = Carrier(carrier_process)
    yield client
    await client.close()
