"""One provider and one mail sink for all tests of this folder; faults are cleared after each."""

from collections.abc import Iterator

import pytest

from tests.outside.parties import Listener, Merchant, Party, start_mail, start_psp


@pytest.fixture(scope="session")
def psp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    party = start_psp(tmp_path_factory.mktemp("psp"))
    yield party
    party.stop()


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.close()


@pytest.fixture
def merchant(psp: Party, listener: Listener) -> Iterator[Merchant]:
    client = Merchant(psp, listener)
    yield client
    client.http.delete("/control/faults")
    client.http.close()
    listener.failing = 0


@pytest.fixture(scope="session")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    party = start_mail(tmp_path_factory.mktemp("mail"))
    yield party
    party.stop()
