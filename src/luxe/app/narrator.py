"""Tells the person at the terminal what the house is doing; the same lines go to `data/logs/supervisor.log`."""

import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from luxe.app.child import log_tail, set_aside_large


class Narrator:
    """On a terminal the current work has a spinner and its seconds; elsewhere each finished step is a line."""

    def __init__(self, console: Console, log: Path) -> None:
        self.console = console
        self.log = log
        self._status: Status | None = None
        self._work = ""
        self._since = 0.0
        set_aside_large(log)

    def waiting(self, work: str, log: Path | None = None) -> None:
        """Shows `work` as under way, with the last line of `log` beside it; cheap enough to call in a loop."""
        if not self.console.is_terminal or not work:
            return
        if work != self._work:
            self._work, self._since = work, time.monotonic()
        newest = "".join(log_tail(log, 1))[:70] if log else ""
        text = f"{work} … {time.monotonic() - self._since:.0f} s  [dim]{escape(newest)}[/dim]"
        if self._status is None:
            self._status = self.console.status(text)
            self._status.start()
        else:
            self._status.update(text)

    def done(self, work: str, seconds: float) -> None:
        self.console.print(f"  [green]✓[/green] {work:<44} {seconds:5.1f} s", highlight=False)
        self._write(f"{work}: {seconds:.1f} s")

    def event(self, text: str) -> None:
        """Something that happened by itself and that a log reader will look for."""
        self.quiet()
        self.console.print(
            f"  [yellow]![/yellow] {datetime.now(UTC):%H:%M:%S} {escape(text)}", highlight=False
        )
        self._write(text)

    def quiet(self) -> None:
        """Takes the spinner away, before other output or a longer silence."""
        if self._status:
            self._status.stop()
            self._status = None
        self._work = ""

    def _write(self, text: str) -> None:
        with self.log.open("a") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {text}\n")
