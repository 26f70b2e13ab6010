"""Identity runs alone here; time can be moved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta

import pytest

from luxe.kernel import clock
from tests.harness import Running, running


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("identity", binding=binding) as house:
        yield house


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    """Moves the clock to some time after the real one."""
    yield lambda offset: clock.replace_clock(clock.ahead(offset))
    clock.replace_clock(None)
