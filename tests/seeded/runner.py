"""Plants each fault in a process of its own and runs the test that has to fail: `python -m tests.seeded.runner`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests.architecture.tree import ROOT
from tests.seeded.faults import FAULTS, Fault

PLANTING = ROOT / "tests" / "seeded" / "planting"
SECONDS = 240
PROFILE = "--hypothesis-profile=seeded"
_FAILED = re.compile(r"^FAILED (\S+)", re.MULTILINE)


class Caught(NamedTuple):
    """`by` is the test that failed, empty if none did; `output` is for whoever wants to know why. It took `seconds`."""

    fault: Fault
    by: str
    output: str
    seconds: float = 0.0


def plant(fault: Fault | None, test: str, schemas: str) -> subprocess.CompletedProcess[str]:
    """Runs a test with the fault in place, or without any."""
    path = os.pathsep.join(str(each) for each in (PLANTING, ROOT / "src", ROOT))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LUXE_")}
    environment |= {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    if schemas:
        environment["LUXE_TEST_SCHEMAS"] = schemas
    if fault is not None:
        environment["PLANTED_FAULT"] = json.dumps({"path": fault.path, "old": fault.old, "new": fault.new})
    argv = [sys.executable, "-m", "pytest", *test.split(), "-x", "--no-header", "--tb=line", "-rfE", PROFILE]
    with tempfile.TemporaryDirectory(prefix="luxe-seeded-") as folder:
        environment["TMPDIR"] = folder
        return subprocess.run(
            argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, errors="replace"
        )


def seed(fault: Fault) -> Caught:
    """A fault is caught by a test that fails, not by one that cannot be run."""
    began = time.monotonic()
    try:
        done = plant(fault, fault.test, fault.schemas)
    except subprocess.TimeoutExpired:
        return Caught(fault, "", f"no end after {SECONDS} s", SECONDS)
    found = _FAILED.search(done.stdout)
    output = done.stdout[-3000:] + done.stderr[-1000:]
    ran = done.returncode == 1 and found is not None and "planted:" not in output
    by = found[1].partition("[")[0] if ran and found else ""
    return Caught(fault, by, output, time.monotonic() - began)


def all_seeded(faults: Iterable[Fault] = FAULTS) -> list[Caught]:
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return list(pool.map(seed, faults))


def table(results: Iterable[Caught]) -> str:
    """What docs/proof/seeded-bugs.md shows of a run; a process that starts, plants and tests takes so many seconds."""
    known = list(results)
    lines = [
        "| bug | planted in | caught by | seconds |",
        "|---|---|---|---|",
        *(
            f"| {each.fault.name} | `{each.fault.path}` | {f'`{each.by}`' if each.by else '**nothing**'} | {each.seconds:.0f} |"
            for each in known
        ),
    ]
    caught = sum(bool(each.by) for each in known)
    return f"Seeded: {len(known)}. Caught: {caught}.\n\n" + "\n".join(lines) + "\n"


def told_in(document: str) -> dict[str, tuple[str, str]]:
    """By bug, the file and the test that such a table has for it."""
    rows = re.findall(r"^\| (.+) \| `(\S+)` \| (\S+) \| \d+ \|$", document, re.MULTILINE)
    return {name: (path, by.strip("`").replace("**nothing**", "")) for name, path, by in rows}


if __name__ == "__main__":
    found = []
    for wanted in [each for each in FAULTS if not sys.argv[1:] or sys.argv[1] in each.name + each.test]:
        found.append(seed(wanted))
        print(wanted.name, "-", found[-1].by or "NOT CAUGHT", flush=True)
    print(table(found))
    for each in found:
        if not each.by:
            print(each.fault.name, each.output, sep="\n", end="\n\n")
