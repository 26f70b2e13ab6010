"""Which faults are planted: those that need no service's database, or all of them with `./luxe test seeded --all`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="plant every fault, also those that need a database")
