"""One filled house for each suite of this room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.rest.house import RestHouse, rest_house


@pytest.fixture(scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RestHouse]:
    data: Path = tmp_path_factory.mktemp("psp")
    async with rest_house(data) as house:
        yield house
