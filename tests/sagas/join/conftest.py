"""Fixtures of the join saga's suite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from luxe.kernel import clock
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.payments.contract import Port as PaymentsPort
from tests.harness import running
from tests.sagas.join.stage import Doorkeeper, Provider, Stage


@pytest.fixture
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Bound locally, unless the test asks for `binding`."""
    binding = request.getfixturevalue("binding") if "binding" in request.fixturenames else "local"
    provider, doorkeeper = Provider(), Doorkeeper()
    stubs = {PaymentsPort: provider, IdentityPort: doorkeeper}
    async with running("join", "membership", binding=binding, stubs=stubs) as house:
        stage = Stage(house, provider, doorkeeper)
        yield stage
        await stage.engine.close()


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    yield
    clock.replace_clock(None)
