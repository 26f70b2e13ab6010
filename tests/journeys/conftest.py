"""One house in each shape for the whole run; the journeys of a shape share it and use fresh people."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.journeys.opened import OpenHouse, opened
from tests.journeys.traces import Traces, collecting

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def traces() -> Iterator[Traces]:
    with collecting() as traces:
        yield traces


@pytest.fixture(scope="session", params=["one", "many"])
def house(request: pytest.FixtureRequest, traces: Traces) -> Iterator[OpenHouse]:
    shape = ["--many"] if request.param == "many" else []
    with opened(*shape, settings={"LUXE_OTLP_URL": traces.url}) as house:
        yield house


@pytest.fixture
def somebody() -> Callable[[], str]:
    """Makes e-mail addresses that nobody has used yet."""
    return lambda: f"guest{next(_numbers)}@luxe.example"
