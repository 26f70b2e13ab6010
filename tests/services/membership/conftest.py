"""Fixtures of membership's suite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from luxe.kernel import clock
from luxe.services.membership.contract import Port
from tests.harness import Running, running


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("membership", binding=binding) as house:
        yield house


@pytest.fixture
def membership(house: Running) -> Port:
    return house.port(Port)


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], datetime]]:
    """Moves the clock on, and says what time it is then; it stands still from the first call."""
    now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def move(by: timedelta) -> datetime:
        nonlocal now
        now += by
        clock.replace_clock(lambda: now)
        return now

    yield move
    clock.replace_clock(None)
