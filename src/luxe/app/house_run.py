"""One life of a house: from the claimed folder to the last child stopped."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal

from luxe.app import runfile
from luxe.app.blueprint import Blueprint, Task
from luxe.app.narrator import Narrator
from luxe.app.supervisor import StopRequested, Supervisor


class HouseRun:
    """Runs `blueprint` in this process, which becomes the supervisor."""

    def __init__(self, blueprint: Blueprint, narrator: Narrator) -> None:
        self.blueprint = blueprint
        self.narrator = narrator
        self.state: Literal["starting", "ready", "stopping"] = "starting"
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self.supervisor = Supervisor(narrator, self.report)

    def run(self, when_ready: Callable[[], None]) -> None:
        """Starts everything, calls `when_ready`, and returns after an orderly stop.

        Raises `Failure` when something cannot be started or kept alive; all children are stopped by then.
        """
        options = self.blueprint.options
        self.supervisor.listen_for_signals()
        try:
            self._start()
            self.state = "ready"
            self.report()
            self.narrator.quiet()
            when_ready()
            self.supervisor.watch()
        except StopRequested:
            pass
        finally:
            self.state = "stopping"
            self.report()
            self.supervisor.stop()
            self.narrator.quiet()
            runfile.remove(options.data)

    def report(self) -> None:
        """Writes `run.json` as things stand."""
        options, blueprint = self.blueprint.options, self.blueprint
        runfile.write(
            options.data,
            runfile.Run(
                state=self.state,
                pid=os.getpid(),
                started=self.started,
                shape="many" if options.many else "one",
                data=str(blueprint.data),
                listen=options.listen,
                port=options.port,
                public_url=options.public_url,
                urls=blueprint.urls,
                env=blueprint.env,
                children=self.supervisor.running(),
            ),
        )

    def _start(self) -> None:
        supervisor, blueprint = self.supervisor, self.blueprint
        self.narrator.waiting("preparing the engines")
        engines = blueprint.engines()
        supervisor.launch([*engines, *blueprint.outside()])
        supervisor.await_ready(*(spec.name for spec in engines))
        due = [task for task in blueprint.tasks() if not task.stamp.is_current()]
        self._run([task for task in due if not task.comes_last])
        last = [task for task in due if task.comes_last]
        if last:
            supervisor.await_ready()
            self._run(last)
        supervisor.launch([*blueprint.servers(), blueprint.gate()])
        supervisor.await_ready()

    def _run(self, tasks: Sequence[Task]) -> None:
        self.supervisor.run_together([task.spec for task in tasks])
        for task in tasks:
            task.stamp.renew()
