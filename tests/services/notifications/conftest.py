"""Fixtures of the suite of notifications."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta

import pytest

from luxe.kernel import clock
from luxe.services.notifications.contract import Port
from tests.harness import Running, running
from tests.outside.parties import Party, start_mail
from tests.services.notifications.neighbours import Neighbours
from tests.services.notifications.parties import Receiver, Sink


@pytest.fixture(scope="session")
def sink_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    party = start_mail(tmp_path_factory.mktemp("mail"))
    yield party
    party.stop()


@pytest.fixture
def sink(sink_process: Party) -> Iterator[Sink]:
    sink = Sink(sink_process)
    sink.clear()
    yield sink
    sink.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def neighbours() -> Neighbours:
    return Neighbours()


@pytest.fixture
async def house(binding: str, neighbours: Neighbours, sink: Sink) -> AsyncIterator[Running]:
    async with running(
        "notifications", binding=binding, stubs=neighbours.stubs, smtp_port=sink.smtp_port
    ) as house:
        yield house


@pytest.fixture
def port(house: Running) -> Port:
    return house.port(Port)


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    """Moves the clock on by so much in all."""
    yield lambda by: clock.replace_clock(clock.ahead(by))
    clock.replace_clock(None)
