"""Thousands of seeded schedules come to rest with every invariant of architecture.md section 6 unbroken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from tests.architecture.tree import ROOT
from tests.simulation.run import told

SLICE = 500
"""Seeds that one process plays at a stretch."""


def in_processes(first: int, count: int) -> list[dict[str, Any]]:
    """As many processes as there are processors, until all is played."""
    waiting = [(start, min(SLICE, first + count - start)) for start in range(first, first + count, SLICE)]
    running: list[subprocess.Popen[str]] = []
    results: list[dict[str, Any]] = []
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            start, size = waiting.pop(0)
            argv = [sys.executable, "-m", "tests.simulation.run", str(start), str(size)]
            environment = os.environ | {
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
                "PYTHONHASHSEED": "0",
            }
            running.append(
                subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
            )
        output, _ = running[0].communicate()
        assert running.pop(0).returncode == 0
        results.append(json.loads(output))
    return results


def test_every_schedule_comes_to_rest_with_nothing_lost(request: pytest.FixtureRequest) -> None:
    if seed := _option(request, "seed", 0):
        story = told(seed)
        assert story.splitlines()[0].endswith("everything holds"), story
        return
    count = _option(request, "seeds", 2_000)
    results = in_processes(_option(request, "first", 1), count)
    ends: Counter[str] = sum((Counter(each["ends"]) for each in results), Counter())
    found = {seed: wrong for each in results for seed, wrong in each["broken"].items()}
    print(f"{count} schedules, {sum(each['crashes'] for each in results)} processes lost, runs: {dict(ends)}")
    first = next(iter(found), "")
    assert not found, f"{len(found)} of {count} seeds break something: {[*found][:20]}\n{told(int(first))}"
    _assert_it_was_worth_it(count, ends, sum(each["crashes"] for each in results))


def _option(request: pytest.FixtureRequest, name: str, default: int) -> int:
    """Known only where this folder was named on the command line."""
    return int(request.config.getoption(name, default) or default)


def _assert_it_was_worth_it(count: int, ends: Counter[str], crashes: int) -> None:
    """A schedule in which nothing happens proves nothing."""
    assert crashes > count / 4
    for saga in ("checkout", "cancel", "refund", "return_item"):
        assert ends[f"{saga} done"] > count / 20, ends
        assert ends[f"{saga} refused"] > count / 50, ends
    assert ends["checkout stuck once"] > 0 or count < 1_000


def test_the_same_seed_is_the_same_schedule() -> None:
    assert told(11) == told(11)
    assert told(11) != told(12)
