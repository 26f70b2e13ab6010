"""How long the house is tormented: `./luxe test faults --times 5` kills and stops five times as often."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--times", type=int, default=1, help="how often the rounds of faults are gone through")
