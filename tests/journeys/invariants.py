"""What must be true of a house whenever nothing is under way, whatever happened before."""

from __future__ import annotations

import asyncio

from luxe.app.verify import verify
from luxe.kernel.settings import load
from tests.journeys.opened import OpenHouse


def violations(house: OpenHouse) -> dict[str, int]:
    """Broken invariants by name, with how many rows break each; empty when all hold."""
    report = asyncio.run(verify(load(house.run["env"]), at_rest=True))
    found = {each.name: each.broken for each in report.broken}
    found["the PSP captured each intent at most once"] = _captured_twice(house)
    return {name: count for name, count in found.items() if count}


def _captured_twice(house: OpenHouse) -> int:
    captures = [
        each["intent"] for each in house.psp("GET", "/control/journal")["data"] if each["effect"] == "capture"
    ]
    return len(captures) - len(set(captures))
