"""One provider's process for this folder; its faults are cleared after each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.outside.parties import Party, start_psp
from tests.services.payments.provider import Psp


@pytest.fixture(scope="session")
def provider_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    party = start_psp(tmp_path_factory.mktemp("psp"))
    yield party
    party.stop()


@pytest.fixture
async def psp(provider_process: Party) -> AsyncIterator[Psp]:
    client = Psp(provider_process)
    yield client
    await client.close()


@pytest.fixture
async def own_psp(tmp_path: Path) -> AsyncIterator[Psp]:
    """A provider of one test alone, whose statement holds nothing else."""
    party = start_psp(tmp_path)
    client = Psp(party)
    yield client
    await client.close()
    party.stop()
