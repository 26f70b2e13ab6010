"""Caches: TinyLFU in process, or Redis, behind one protocol. One caller computes; the others wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from redis.asyncio import Redis
from theine import Cache as TinyLfu

Compute = Callable[[], Awaitable[bytes]]


class Cache(Protocol):
    """Bytes by key. A cache may forget at any time; nobody may be wrong because it did."""

    async def get_or_compute(self, key: str, ttl: timedelta, compute: Compute) -> bytes:
        """The cached value, or what `compute` returns; computed once however many ask at once."""
        ...

    async def forget(self, *keys: str) -> None: ...

    async def close(self) -> None: ...


class SingleFlight:
    """Joins simultaneous computations of one key. A failure reaches all who wait and is not kept."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Future[bytes]] = {}

    async def run(self, key: str, compute: Compute) -> bytes:
        if (running := self._running.get(key)) is not None:
            return await asyncio.shield(running)
        task = asyncio.ensure_future(compute())
        self._running[key] = task
        task.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(task)


class LocalCache:
    """W-TinyLFU (Einziger, Friedman, Manes 2017) by the theine library; `size` counts entries."""

    def __init__(self, size: int = 10_000) -> None:
        self._entries: TinyLfu[str, bytes] = TinyLfu(size)
        self._flight = SingleFlight()

    def peek(self, key: str) -> bytes | None:
        value, found = self._entries.get(key)
        return value if found else None

    def put(self, key: str, value: bytes, ttl: timedelta) -> None:
        self._entries.set(key, value, ttl)

    async def get_or_compute(self, key: str, ttl: timedelta, compute: Compute) -> bytes:
        if (found := self.peek(key)) is not None:
            return found

        async def fill() -> bytes:
            value = await compute()
            self.put(key, value, ttl)
            return value

        return await self._flight.run(key, fill)

    def drop(self, key: str) -> None:
        self._entries.delete(key)

    async def forget(self, *keys: str) -> None:
        for key in keys:
            self.drop(key)

    async def clear(self) -> None:
        self._entries.clear()

    async def close(self) -> None:
        self._entries.close()


class RedisCache:
    """Redis or Valkey. Computation is joined within this process; across processes the last one wins."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = Redis.from_url(url)
        self._prefix = prefix
        self._flight = SingleFlight()

    async def get_or_compute(self, key: str, ttl: timedelta, compute: Compute) -> bytes:
        name = f"{self._prefix}:{key}"
        found = await self._redis.get(name)
        if isinstance(found, bytes):
            return found

        async def fill() -> bytes:
            value = await compute()
            await self._redis.set(name, value, px=int(ttl.total_seconds() * 1000))
            return value

        return await self._flight.run(key, fill)

    async def forget(self, *keys: str) -> None:
        if keys:
            await self._redis.delete(*(f"{self._prefix}:{key}" for key in keys))

    async def close(self) -> None:
        await self._redis.aclose()
