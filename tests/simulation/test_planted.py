"""A few hundred schedules in this process: what planted faults are tried against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from tests.simulation.run import played
from tests.simulation.schedule import be_quiet

FIRST, SEEDS = 1, 150


@pytest.fixture(autouse=True)
def quietly() -> Iterator[None]:
    kept = structlog.get_config()
    be_quiet()
    yield
    structlog.configure(**kept)


def test_some_schedules_come_to_rest() -> None:
    assert played(FIRST, SEEDS)["broken"] == {}
