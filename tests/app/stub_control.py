"""Starting a stub house from a test, looking at it, and ending it by the pids it reports."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from luxe.app import runfile

SCRIPT = Path(__file__).with_name("stub_house.py")
PATIENCE = 40.0


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """The condition's first true value; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass
class StubHouse:
    data: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def run(self) -> runfile.Run:
        found = runfile.read(self.data)
        assert found is not None, "the house is not running"
        return found

    def child(self, name: str) -> runfile.RunningChild:
        [child] = [child for child in self.run.children if child.name == name]
        return child

    def pid(self, name: str) -> int:
        pid = self.child(name).pid
        assert pid is not None
        return pid

    def pids(self) -> dict[str, int]:
        return {child.name: self.pid(child.name) for child in self.run.children}

    def get(self, path: str = "/") -> Any:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}").raise_for_status().json()

    def await_ready(self) -> None:
        def is_ready() -> bool:
            assert self.process.poll() is None, self.process.communicate()[0]
            run = runfile.read(self.data)
            return run is not None and run.state == "ready" and run.pid == self.process.pid

        until(is_ready, "the house is open")

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def end(self) -> tuple[int, str]:
        """Waits for its end; returns exit code and output."""
        output, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, output


def launch(data: Path, port: int, *options: str) -> StubHouse:
    argv = [sys.executable, str(SCRIPT), str(data), str(port), *options]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return StubHouse(data, port, process)


@contextmanager
def opened(data: Path, port: int, *options: str) -> Iterator[StubHouse]:
    house = launch(data, port, *options)
    try:
        house.await_ready()
        yield house
    finally:
        if house.process.poll() is None:
            house.signal(signal.SIGTERM)
            house.end()
