"""`luxe serve UNIT…`: some units of the house in one process, behind one HTTP listener."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Sequence
from typing import Any

import structlog
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

from luxe.app.house import Composition
from luxe.app.openapi import config as openapi_config
from luxe.app.openapi import document
from luxe.app.registry import unit_names
from luxe.kernel import telemetry
from luxe.kernel.http import make_app
from luxe.kernel.settings import Settings

log = structlog.get_logger()


class Process:
    """The units of one process, listening. `stop` finishes what is being answered first."""

    def __init__(
        self, settings: Settings, units: Sequence[str], stubs: dict[type, Any] | None = None
    ) -> None:
        self.composition = Composition(settings, units, stubs)
        self.app = make_app(self.composition.house, self.composition.handlers, openapi_config(settings))
        if "web" in units:
            self.composition.house.document = document(settings)
        self.server = Server(
            self.app,
            address=settings.listen_host,
            port=settings.listen_port,
            interface=Interfaces.ASGINL,
            log_enabled=False,
            websockets=False,
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self, background: bool = True) -> None:
        await self.composition.start(background)
        self._serving = asyncio.create_task(self.server.serve())

    async def wait(self) -> None:
        assert self._serving is not None
        await self._serving

    async def stop(self) -> None:
        self.server.stop()
        if self._serving is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._serving
        await self.composition.stop()


async def _serve(units: Sequence[str], settings: Settings) -> None:
    process = Process(settings, units)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await process.start()
    _keep_what_is_there()
    log.info("serving", units=list(units), port=settings.listen_port)
    waiting = asyncio.create_task(process.wait())
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait((waiting, stopped), return_when=asyncio.FIRST_COMPLETED)
    await process.stop()
    stopped.cancel()


def _keep_what_is_there() -> None:
    """What the start made stays: the collector need not look through all of it again, a third of a second each time."""
    gc.collect()
    gc.freeze()


def run(units: Sequence[str], settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. `all` stands for every unit."""
    wanted = list(unit_names()) if list(units) == ["all"] else list(units)
    telemetry.configure(settings.log_level, settings.process_name, settings.otlp_url)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(wanted, settings))
