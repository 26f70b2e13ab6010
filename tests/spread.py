"""How a run is spread over processes (`-n 2 --dist loadfile`): what shares a house stays together, what lasts begins first."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

ONE_BY_ONE = ("faults",)
"""Suites whose every test opens a house of its own for minutes."""
WHOLE = ("browser", "journeys")
"""Suites that open one house for all of their tests."""
PARTS = ("sagas",)
"""Suites whose folders each do."""
LASTING = (*ONE_BY_ONE, *WHOLE, "web", "app", *PARTS)
"""What would keep one process busy while the others have nothing left to do, in the order in which it is begun."""


class Spread(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folders = file.split("/")
        suite = folders[1]
        if suite in ONE_BY_ONE:
            return nodeid
        if suite in WHOLE:
            return suite
        return "/".join(folders[:3]) if suite in PARTS else file


def in_order(item: pytest.Item) -> int:
    """Where in the run an item's suite comes; all processes have to agree."""
    suite = item.nodeid.split("/")[1]
    return LASTING.index(suite) if suite in LASTING else len(LASTING)
