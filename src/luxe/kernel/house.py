"""What a service may reach: its database, the other services' ports, the settings, a cache, the announcements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import httpx

from luxe.kernel.auth import NOBODY, Authenticator, Principal
from luxe.kernel.cache import Cache, LocalCache, RedisCache
from luxe.kernel.db import Database
from luxe.kernel.settings import Settings

P = TypeVar("P")


class AtHand(NamedTuple):
    """An encoded JSON answer and its entity tag."""

    body: bytes
    tag: str


Express = Callable[[Principal, bytes], AtHand | None]
"""Given who asks and the raw query string, the answer if it is at hand; None lets the route answer."""


class House:
    """Made once for each process by the app, and handed to every service it serves."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.http = httpx.AsyncClient(limits=httpx.Limits(max_connections=200, max_keepalive_connections=50))
        self.authenticator = Authenticator(_nobody)
        self._databases: dict[str, Database] = {}
        self._ports: dict[type, Any] = {}
        self._caches: dict[str, Cache] = {}
        self.kept: dict[type, Any] = {}
        self.document: dict[str, Any] = {}
        self.express: dict[str, Express] = {}
        self._listeners: dict[str, list[Callable[[str], None]]] = {}
        self.announce_elsewhere: Callable[[str, str], None] = lambda topic, text: None

    def add_database(self, database: Database) -> None:
        self._databases[database.schema] = database

    def database(self, schema: str) -> Database:
        return self._databases[schema]

    @property
    def databases(self) -> list[Database]:
        return list(self._databases.values())

    def bind(self, port: type, bound: Any) -> None:
        self._ports[port] = bound

    def port(self, port: type[P]) -> P:
        """The bound port; bound late, so that services can be built in any order."""
        return cast(P, _Late(self._ports, port))

    def cache(self, name: str, size: int = 10_000) -> Cache:
        if name not in self._caches:
            url = self.settings.redis_url
            self._caches[name] = RedisCache(url, f"luxe:{name}") if url else LocalCache(size)
        return self._caches[name]

    def announce(self, topic: str, text: str) -> None:
        """Tells every process of the house at once, without a promise that all hear it (for caches)."""
        self.hear(topic, text)
        self.announce_elsewhere(topic, text)

    def hear(self, topic: str, text: str) -> None:
        for listener in self._listeners.get(topic, ()):
            listener(text)

    def on_announcement(self, topic: str, listener: Callable[[str], None]) -> None:
        self._listeners.setdefault(topic, []).append(listener)

    async def close(self) -> None:
        await self.http.aclose()
        for cache in self._caches.values():
            await cache.close()
        for database in self._databases.values():
            await database.close()


class _Late:
    def __init__(self, ports: dict[type, Any], port: type) -> None:
        self._ports = ports
        self._port = port

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ports[self._port], name)


async def _nobody(_: str) -> Principal:
    return NOBODY
