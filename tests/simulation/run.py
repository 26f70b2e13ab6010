"""Plays seeds one after the other: `python -m tests.simulation.run FIRST COUNT`. Prints one JSON object."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from tests.simulation.checks import broken
from tests.simulation.schedule import Schedule, be_quiet, play


def played(first: int, count: int) -> dict[str, Any]:
    """How the runs of so many seeds ended, how often processes were lost, and what each broken seed broke."""
    ends: Counter[str] = Counter()
    crashes = 0
    found: dict[str, list[str]] = {}
    for seed in range(first, first + count):
        schedule = play(seed)
        crashes += schedule.world.crashes
        for saga, runs in schedule.world.runs.items():
            ends.update(f"{saga} {row.state}" for row in runs.rows.values())
            ends.update(f"{saga} stuck once" for line in runs.log if line.outcome == "stuck")
        if wrong := broken(schedule):
            found[str(seed)] = wrong
    return {"ends": ends, "crashes": crashes, "broken": found}


def told(seed: int) -> str:
    """What happened in a schedule, for a person."""
    schedule = play(seed)
    return _story(schedule, broken(schedule))


def _story(schedule: Schedule, wrong: list[str]) -> str:
    lines = [f"{at:11.2f} s  {what}" for at, what in schedule.world.journal]
    return "\n".join(
        [
            f"seed {schedule.seed}: {'; '.join(wrong) or 'everything holds'}",
            *lines,
            f"again: ./luxe test simulation --seed {schedule.seed}",
        ]
    )


def main(arguments: list[str]) -> int:
    be_quiet()
    print(json.dumps(played(int(arguments[0]), int(arguments[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
