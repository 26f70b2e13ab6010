"""Which faults are planted: those that need no service's database, or all of them with `./luxe test seeded --all`.

`./luxe test seeded --keep` plants all as well, and writes what it finds into docs/proof/seeded-bugs.md.
"""

from __future__ import annotations

import pytest

from tests.seeded.faults import FAULTS

QUICK = ("unit",)
"""What is migrated for faults that need no service's tables: nothing at all."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="plant every fault, also those that need a database")
    parser.addoption(
        "--keep", action="store_true", help="plant every fault, and write down which test found it"
    )


def plants_all(config: pytest.Config) -> bool:
    """The options are known only where this folder was named on the command line."""
    return bool(config.getoption("all", False) or config.getoption("keep", False))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if plants_all(config):
        return
    slow = {f"test_a_planted_bug_is_caught[{each.name}]" for each in FAULTS if each.schemas not in QUICK}
    left_out = [each for each in items if each.name in slow]
    if left_out:
        items[:] = [each for each in items if each.name not in slow]
        config.hook.pytest_deselected(items=left_out)
