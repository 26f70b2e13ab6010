"""Fixtures that every suite shares."""

from __future__ import annotations

import gc
import ssl
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, settings
from xdist.remote import Producer

from tests.spread import Spread, in_order

house = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The machine is shared: how long an example takes says nothing about the code."""
settings.register_profile("house", house)
settings.register_profile("seeded", house, phases=[Phase.explicit, Phase.generate])
"""Where it is enough that an example fails, none is made smaller."""
settings.load_profile("house")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spread | None:
    return Spread(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("dist") == "loadfile":
        items.sort(key=in_order)


def pytest_collection_finish() -> None:
    """The house's modules and some thousand tests are garbage to nobody: a fifth of the time went to looking through them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def authorities_read_once() -> Iterator[None]:
    """Every HTTP client reads the file of certificate authorities, which takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(params=["local", "http"])
def binding(request: pytest.FixtureRequest) -> str:
    """A port's suite runs twice: bound to the object, and bound over HTTP."""
    return request.param
