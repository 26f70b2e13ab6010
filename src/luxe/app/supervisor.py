"""Starts the children in order, starts those again that die, and stops them all in reverse order."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

from luxe.app.child import Child, Spec
from luxe.app.failure import Failure
from luxe.app.narrator import Narrator
from luxe.app.runfile import RunningChild

BACKOFF = (0.2, 0.5, 1.0, 2.0, 4.0)
TICK = 0.05


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


@dataclass
class Ward:
    """A child in care: how often it has died since it was last ready, and when it is to be started again. One that comes
    back each time is started again each time; one that does not ends the house."""

    child: Child
    deaths: int = 0
    restarts: int = 0
    started: float = 0.0
    due: float | None = None
    is_ready: bool = False


class Supervisor:
    """`on_change` is called whenever a child starts, dies or becomes ready."""

    def __init__(self, narrator: Narrator, on_change: Callable[[], None]) -> None:
        self.narrator = narrator
        self.on_change = on_change
        self.wards: list[Ward] = []
        self.stop_requested = False

    def listen_for_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_requested = True

    def launch(self, specs: Sequence[Spec]) -> None:
        """Starts `specs` together without waiting for them."""
        for spec in specs:
            ward = Ward(Child(spec))
            self.wards.append(ward)
            self._launch(ward)
        self.on_change()

    def await_ready(self, *names: str) -> None:
        """Returns once these children, or all, are ready; raises `Failure` if one is not."""
        pending = [
            ward for ward in self.wards if not ward.is_ready and (not names or ward.child.spec.name in names)
        ]
        while pending:
            self._check_stop()
            for ward in list(pending):
                if self._has_arrived(ward):
                    pending.remove(ward)
                    self.narrator.done(ward.child.spec.name, time.monotonic() - ward.started)
            self.narrator.waiting(", ".join(ward.child.spec.name for ward in pending))
            time.sleep(TICK / 2)
        self.on_change()

    def run_together(self, specs: Sequence[Spec]) -> None:
        """Runs tasks side by side to their ends; raises `Failure` with the end of a task's log when it fails."""
        running = [Ward(Child(spec)) for spec in specs]
        try:
            for task in running:
                self._launch(task)
            while running:
                self._check_stop()
                self._check_engines()
                self.narrator.waiting(running[0].child.spec.name, running[0].child.spec.log)
                for task in [task for task in running if not task.child.is_alive()]:
                    self._finish(task)
                    running.remove(task)
                time.sleep(TICK)
        finally:
            for task in running:
                task.child.stop()

    def _finish(self, task: Ward) -> None:
        name = task.child.spec.name
        if task.child.process and task.child.process.returncode:
            raise task.child.failure(f"{name} failed ({task.child.exit_text()})")
        self.narrator.done(name, time.monotonic() - task.started)

    def watch(self) -> None:
        """Keeps the house alive until it is asked to stop; raises `Failure` when a child cannot be kept alive."""
        while not self.stop_requested:
            for ward in self.wards:
                self._tend(ward)
            time.sleep(TICK)

    def stop(self) -> None:
        for ward in reversed(self.wards):
            if ward.child.is_alive():
                self.narrator.waiting(f"stopping {ward.child.spec.name}")
            ward.child.stop()

    def running(self) -> list[RunningChild]:
        return [
            RunningChild(
                name=ward.child.spec.name,
                pid=ward.child.pid,
                ports=dict(ward.child.spec.ports),
                log=str(ward.child.spec.log),
                restarts=ward.restarts,
            )
            for ward in self.wards
        ]

    def _check_stop(self) -> None:
        if self.stop_requested:
            raise StopRequested

    def _check_engines(self) -> None:
        for ward in self.wards:
            if not ward.child.is_alive():
                raise ward.child.failure(
                    f"{ward.child.spec.name} ended unexpectedly ({ward.child.exit_text()})"
                )

    def _launch(self, ward: Ward) -> None:
        ward.started, ward.due, ward.is_ready = time.monotonic(), None, False
        try:
            ward.child.start()
        except OSError as error:
            raise Failure(f"{ward.child.spec.name} could not be started: {error}.") from error

    def _has_arrived(self, ward: Ward) -> bool:
        spec = ward.child.spec
        if spec.is_ready():
            ward.is_ready = True
            return True
        if not ward.child.is_alive():
            raise ward.child.failure(f"{spec.name} ended while it was starting ({ward.child.exit_text()})")
        if time.monotonic() - ward.started > spec.patience:
            raise ward.child.failure(f"{spec.name} was not ready after {spec.patience:.0f} seconds")
        return False

    def _tend(self, ward: Ward) -> None:
        now = time.monotonic()
        name = ward.child.spec.name
        if ward.due is not None:
            if now >= ward.due:
                ward.restarts += 1
                self._launch(ward)
                self.on_change()
        elif not ward.child.is_alive():
            self._plan_restart(ward, now)
        elif not ward.is_ready and ward.child.spec.is_ready():
            ward.is_ready = True
            self.narrator.event(f"{name} is back after {now - ward.started:.1f} s")
            self.on_change()
        elif not ward.is_ready and now - ward.started > ward.child.spec.patience:
            self.narrator.event(f"{name} is not ready after {ward.child.spec.patience:.0f} s and is ended")
            ward.child.kill()

    def _plan_restart(self, ward: Ward, now: float) -> None:
        if ward.is_ready:
            ward.deaths = 0
        if ward.deaths == len(BACKOFF):
            raise ward.child.failure(
                f"{ward.child.spec.name} keeps dying ({ward.child.exit_text()}, {ward.deaths} restarts did not help)"
            )
        pause = BACKOFF[ward.deaths]
        ward.deaths += 1
        ward.due = now + pause
        self.narrator.event(
            f"{ward.child.spec.name} ended ({ward.child.exit_text()}); it is started again in {pause:g} s "
            f"(attempt {ward.deaths} of {len(BACKOFF)})"
        )
        self.on_change()
