"""Builds a house in this process: databases, the services it serves, ports to all others, and what runs beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

import structlog

from luxe.app.registry import manifest, unit_names
from luxe.kernel.auth import Authenticator, Principal
from luxe.kernel.bus import ANNOUNCEMENTS, Bus, Listener, Relay
from luxe.kernel.db import Database, service_url
from luxe.kernel.house import House
from luxe.kernel.http import port_endpoint
from luxe.kernel.ids import new_id
from luxe.kernel.jobs import run_for_ever
from luxe.kernel.manifest import Manifest
from luxe.kernel.ports import bind_http, bind_local, internal_token
from luxe.kernel.settings import Settings
from luxe.services.identity.contract import Port as IdentityPort

log = structlog.get_logger()


class Composition:
    """One process's part of the house. `services` by unit name; `handlers` for the HTTP app."""

    def __init__(
        self, settings: Settings, units: Sequence[str], stubs: Mapping[type, Any] | None = None
    ) -> None:
        self.settings = settings
        self.name = new_id("process")
        self.house = House(settings)
        self.bus = Bus(settings.nats_url)
        self.manifests: list[Manifest] = [manifest(unit) for unit in units]
        self.services: dict[str, Any] = {}
        self.listeners: list[Listener] = []
        self.relays: list[Relay] = []
        self.handlers: list[Any] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._open_databases()
        self._bind_elsewhere(set(units))
        self._build()
        for port, stub in (stubs or {}).items():
            self.house.bind(port, stub)
        self.house.authenticator = Authenticator(self._authenticate)
        self.house.on_announcement("auth.forget", self.house.authenticator.forget)

    def _open_databases(self) -> None:
        for each in self.manifests:
            if each.metadata is not None:
                url = service_url(self.settings, each.name)
                self.house.add_database(Database(each.name, each.metadata, url, self.settings.pool_size))

    def _bind_elsewhere(self, here: set[str]) -> None:
        token = internal_token(self.settings.secret)
        for unit, address in self.settings.elsewhere.items():
            if unit not in here and unit in unit_names() and (port := manifest(unit).port) is not None:
                self.house.bind(port, bind_http(port, address, token, self.house.http))

    def _build(self) -> None:
        for each in self.manifests:
            service = self.services[each.name] = each.build(self.house)
            self.handlers.extend(each.routers)
            database = self.house.database(each.name) if each.metadata is not None else None
            if each.port is not None:
                bound = bind_local(each.port, service, database)
                self.house.bind(each.port, bound)
                self.handlers.append(port_endpoint(each.port, bound))
            if database is not None:
                self.relays.append(Relay(database, self.bus))
                if each.reactions:
                    self.listeners.append(Listener(database, self.bus, service, each.reactions))

    async def _authenticate(self, token: str) -> Principal:
        return await self.house.port(IdentityPort).authenticate(token=token)

    async def start(self, background: bool = True) -> None:
        """Connects, and starts relays, reactions, jobs and saga sweeps unless told not to."""
        await self.bus.start()
        await self._join_announcements()
        for service in self.services.values():
            if (ready := getattr(service, "on_start", None)) is not None and asyncio.iscoroutinefunction(
                ready
            ):
                await ready()
        if background:
            self._start_background()

    def _start_background(self) -> None:
        for relay in self.relays:
            self._spawn(relay.run())
        for listener in self.listeners:
            self._spawn(listener.run())
        for each in self.manifests:
            service = self.services[each.name]
            for job in each.jobs:
                self._spawn(run_for_ever(job, service, self.house.database(each.name)))
            if (engine := getattr(service, "engine", None)) is not None:
                self._spawn(engine.sweep_for_ever())

    async def _join_announcements(self) -> None:
        async def heard(message: Any) -> None:
            sender, _, text = message.data.decode().partition("\n")
            if sender != self.name:
                self.house.hear(message.subject.removeprefix(f"{ANNOUNCEMENTS}."), text)

        await self.bus.client.subscribe(f"{ANNOUNCEMENTS}.>", cb=heard)

        def announce(topic: str, text: str) -> None:
            self._spawn(self.bus.client.publish(f"{ANNOUNCEMENTS}.{topic}", f"{self.name}\n{text}".encode()))

        self.house.announce_elsewhere = announce

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)

    async def _end_tasks(self, again_after: float = 5) -> None:
        """Asks until all have ended: before Python 3.12 `asyncio.wait_for`, and with it the clients of NATS and
        PostgreSQL, forgets a cancellation that comes in the moment of an answer."""
        while tasks := list(self._tasks):
            for task in tasks:
                task.cancel()
            await asyncio.wait([asyncio.gather(*tasks, return_exceptions=True)], timeout=again_after)

    async def stop(self) -> None:
        await self._end_tasks()
        for service in self.services.values():
            if (engine := getattr(service, "engine", None)) is not None:
                await engine.close()
            if (close := getattr(service, "close", None)) is not None:
                await close()
        await self.bus.close()
        await self.house.close()
