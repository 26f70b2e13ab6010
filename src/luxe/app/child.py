"""One process of the house: how it is started, known to be ready, and stopped."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from luxe.app.failure import Failure
from luxe.app.leash import launch

LOG_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What it takes to run one process. `is_ready` is asked again and again while it starts and must be quick."""

    name: str
    argv: Sequence[str]
    log: Path
    is_ready: Callable[[], bool]
    ports: Mapping[str, int] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    patience: float = 30.0
    grace: float = 10.0


class Child:
    """A running instance of a `Spec`; it may be started again after it has died."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.is_alive() and self.process else None

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def exit_text(self) -> str:
        """How it ended, in words: `signal KILL` or `code 1`."""
        code = self.process.poll() if self.process else None
        if code is None:
            return "still running"
        return f"signal {signal.Signals(-code).name.removeprefix('SIG')}" if code < 0 else f"code {code}"

    def start(self) -> None:
        set_aside_large(self.spec.log)
        self.process = launch(
            self.spec.argv,
            log=self.spec.log,
            env=self.spec.env,
            user=self.spec.user,
            death_signal=self.spec.death_signal,
        )

    def await_ready(self) -> None:
        """Returns once it is ready; raises `Failure`, with the end of its log, if it dies or takes too long."""
        deadline = time.monotonic() + self.spec.patience
        while not self.spec.is_ready():
            if not self.is_alive():
                raise self.failure(f"{self.spec.name} ended while it was starting ({self.exit_text()})")
            if time.monotonic() > deadline:
                raise self.failure(f"{self.spec.name} was not ready after {self.spec.patience:.0f} seconds")
            time.sleep(0.02)

    def failure(self, problem: str) -> Failure:
        return Failure(f"{problem}.", *log_tail(self.spec.log), f"The whole log: {self.spec.log}")

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.spec.stop_signal)

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()

    def stop(self) -> None:
        """Asks it to stop, waits, and kills it when its grace is over."""
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(self.spec.grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def log_tail(log: Path, lines: int = 4) -> list[str]:
    try:
        return log.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return []


def set_aside_large(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
