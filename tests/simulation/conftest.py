"""How many schedules are played, or which one: `./luxe test simulation --seeds 100000`, `./luxe test simulation --seed 4711`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seeds", type=int, default=2_000, help="how many seeded schedules the simulation plays"
    )
    parser.addoption("--first", type=int, default=1, help="the first seed of them")
    parser.addoption(
        "--seed", type=int, default=0, help="play this one alone, and print its schedule if it breaks"
    )
