"""The world of one schedule: processes that crash, freeze and have wrong clocks, a network and a database that lose things.

Everything that may go wrong is drawn from the seed. `journal` tells what happened, for whoever has to understand it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

import msgspec

from luxe.kernel import errors
from luxe.kernel.facts import Fact
from luxe.kernel.ports import CALL_SECONDS
from luxe.kernel.saga import Engine
from luxe.kernel.settings import Settings
from tests.simulation.loop import Process, SeededLoop, process_here
from tests.simulation.memory_runs import MemoryRuns, written_here

T = TypeVar("T")

BEGINNING = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATEST = 40.0
"""Seconds after which nothing that was sent is carried out any more: longer than the database lets a statement run."""


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """How likely each thing is each time that it could happen."""

    unreached: float = 0.0
    answer_lost: float = 0.0
    late: float = 0.0
    twice: float = 0.0
    crash: float = 0.0
    freeze: float = 0.0
    database_lost: float = 0.0
    commit_unheard: float = 0.0
    news_lost: float = 0.0
    news_twice: float = 0.0


CALM = Weather()


def weather_of(rng: Random) -> Weather:
    """A third of all schedules has one kind of trouble and much of it, the rest a mixture, from little to a lot."""
    names = Weather.__struct_fields__
    if rng.random() < 0.33:
        return Weather(**{rng.choice(names): rng.choice((0.1, 0.25, 0.4))})
    strength = rng.choice((0.01, 0.03, 0.08))
    return Weather(**{name: strength * rng.random() * 2 for name in names})


class Peer(Process):
    """A process that drives runs. `services` are its own objects of each saga."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.services: dict[str, Any] = {}
        self.requests: set[asyncio.Task[Any]] = set()

    @property
    def engines(self) -> list[Engine]:
        return [service.engine for service in self.services.values()]


class Lost(Exception):
    """The process that was asked is gone; whoever asked cannot know what it did before."""


class World:
    def __init__(self, seed: int, loop: SeededLoop) -> None:
        self.rng = Random(seed)
        self.loop = loop
        self.weather = weather_of(self.rng)
        self.apart = self.rng.random() < 0.6
        self.journal: list[tuple[float, str]] = []
        self.peers: list[Peer] = []
        self.database_back_at = 0.0
        self.background: set[asyncio.Task[Any]] = set()
        self.facts: list[Fact] = []
        self.runs: dict[str, MemoryRuns] = {}
        self.on_fact: Callable[[Fact], None] = lambda fact: None
        self.crashes = 0
        self.failures: list[BaseException] = []

    def now(self) -> datetime:
        """By the clock of the process that asks."""
        process = process_here.get()
        return BEGINNING + timedelta(seconds=self.loop.time() + (process.skew if process else 0.0))

    def tell(self, what: str) -> None:
        process = process_here.get()
        self.journal.append((self.loop.time(), f"{process.name if process else 'world'}: {what}"))

    def chance(self, probability: float) -> bool:
        return probability > 0 and self.rng.random() < probability

    async def pause(self) -> None:
        """Mostly nothing, sometimes long enough for anybody else to come first."""
        kind = self.rng.random()
        await asyncio.sleep(0 if kind < 0.5 else self.rng.random() * (0.05 if kind < 0.97 else 8.0))

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Work of no process that crashes."""
        task = self.loop.create_task(work)
        self.background.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)

    def emit(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.on_fact(fact)

    # Processes

    async def may_crash(self, where: str) -> None:
        """The process that comes here may be lost, or stand still for a while, like one that is swapped out."""
        process = process_here.get()
        if not isinstance(process, Peer):
            return
        if self.chance(self.weather.crash):
            self.tell(f"crashes {where}")
            self.kill(process)
            await asyncio.sleep(0)
        elif self.chance(self.weather.freeze) and not process.frozen:
            seconds = self.rng.choice((5, 28, 33, 70))
            self.tell(f"stands still for {seconds} s {where}")
            process.frozen = True
            outside = copy_context()
            outside.run(process_here.set, None)
            self.loop.call_later(seconds, self.loop.thaw, process, context=outside)
            await asyncio.sleep(0)

    def kill(self, process: Peer) -> None:
        self.crashes += 1
        process.alive = False
        if process.frozen:
            self.loop.thaw(process)
        for engine in process.engines:
            for task in _in_order(engine._tasks):
                task.cancel()
        for task in _in_order(process.requests):
            task.cancel()

    async def ask(self, work: Callable[[Peer], Awaitable[T]]) -> T:
        """A request to any process that is alive. Raises `Lost` if that one dies meanwhile."""
        alive = [each for each in self.peers if each.alive]
        if not alive:
            raise Lost
        peer = self.rng.choice(alive)
        task = self.loop.create_task(_request(peer, work), context=_inside(peer))
        peer.requests.add(task)
        task.add_done_callback(peer.requests.discard)
        done, _ = await asyncio.wait([task])
        if task.cancelled():
            raise Lost
        return next(iter(done)).result()

    async def insist(self, work: Callable[[Peer], Awaitable[T]]) -> T:
        """Asks again, whatever was lost, until there is an answer. Refusals are answers."""
        while True:
            try:
                return await self.ask(work)
            except errors.Refusal as refusal:
                if refusal.status < 500:
                    raise
            except (Lost, OSError):
                pass
            await asyncio.sleep(0.2 + self.rng.random() * 3)

    # The network

    async def call(self, name: str, target: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        """One call of a port: within the process, or of another one."""
        await self.may_crash(f"before {name}")
        await self.pause()
        if self.apart:
            answer = await self._call_apart(name, target, arguments)
        else:
            answer = await self._serve(name, target, arguments)
        await self.may_crash(f"after {name}")
        await self.pause()
        return answer

    async def _call_apart(self, name: str, target: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        weather = self.weather
        if self.chance(weather.unreached):
            self.tell(f"does not reach {name}")
            raise errors.Unavailable("it does not answer")
        late = self.rng.random() * LATEST if self.chance(weather.late) else 0.0
        unheard = self.chance(weather.answer_lost)
        if self.chance(weather.twice):
            self._outside(self._serve(name, target, arguments, self.rng.random() * LATEST, quietly=True))
        answer = self._outside(self._serve(name, target, arguments, late))
        done, _ = await asyncio.wait([answer], timeout=CALL_SECONDS)
        if not done or unheard:
            self.tell(f"hears nothing of {name}")
            raise errors.DeadlineExceeded("no answer in time")
        return answer.result()

    def _outside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        outside = copy_context()
        outside.run(process_here.set, None)
        task = self.loop.create_task(work, context=outside)
        self.background.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[Any]) -> None:
        self.background.discard(task)
        if not task.cancelled():
            task.exception()

    async def _serve(
        self,
        name: str,
        target: Callable[..., Any],
        arguments: dict[str, Any],
        late: float = 0.0,
        quietly: bool = False,
    ) -> Any:
        """The call where it is carried out: one transaction, or several for what talks to the outside."""
        if late:
            await asyncio.sleep(late)
        await self.statement()
        try:
            answer = target(**arguments)
            if asyncio.iscoroutine(answer):
                answer = await answer
        except errors.Refusal as refusal:
            self.tell(f"{name} refuses: {refusal.code}")
            if quietly:
                return None
            raise
        self.tell(f"{name}{' late' if late else ''}{' again' if quietly else ''}")
        if self.chance(self.weather.commit_unheard):
            raise OSError("the connection went away with the commit's answer")
        return answer

    # The database

    async def statement(self) -> None:
        """Before anything is written or read: the database may be away for some seconds."""
        await self.pause()
        if self.chance(self.weather.database_lost):
            seconds = self.rng.choice((0.5, 4, 20))
            self.tell(f"the database is gone for {seconds} s")
            self.database_back_at = self.loop.time() + seconds
        if self.loop.time() < self.database_back_at:
            raise OSError("the database is not there")

    # The end

    def calm_down(self) -> None:
        self.tell("the faults stop")
        self.weather = CALM
        for peer in self.peers:
            peer.skew = 0.0


def _inside(process: Process) -> Any:
    inside = copy_context()
    inside.run(process_here.set, process)
    return inside


async def _request(peer: Peer, work: Callable[[Peer], Awaitable[T]]) -> T:
    return await work(peer)


class _Unit:
    def __init__(self) -> None:
        self.after_commit: list[Callable[[], None]] = []
        self.written: list[Callable[[], None]] = []


class MemoryDatabase:
    """A saga's database as one process sees it."""

    def __init__(self, world: World, schema: str) -> None:
        self._world = world
        self.schema = schema
        self.metadata = None
        self.store = world.runs.setdefault(schema, MemoryRuns())
        self._unit: ContextVar[_Unit | None] = ContextVar(f"unit_{schema}", default=None)

    @property
    def tx(self) -> MemoryRuns:
        return self.store

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryRuns]:
        """Nobody sees half of one: whoever opens one writes at its very end."""
        if self._unit.get() is not None:
            yield self.store
            return
        await self._world.may_crash("before a transaction")
        await self._world.statement()
        unit = _Unit()
        token = self._unit.set(unit)
        writing = written_here.set(unit.written)
        try:
            yield self.store
        except BaseException:
            for take_back in reversed(unit.written):
                take_back()
            raise
        finally:
            written_here.reset(writing)
            self._unit.reset(token)
        await self._heard("a commit")
        for callback in unit.after_commit:
            callback()

    def alone(self) -> AbstractAsyncContextManager[MemoryRuns]:
        return self.reading()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[MemoryRuns]:
        if self._unit.get() is not None:
            yield self.store
            return
        await self._world.may_crash("before a statement")
        await self._world.statement()
        yield self.store
        await self._heard("a statement")

    def after_commit(self, callback: Callable[[], None]) -> None:
        unit = self._unit.get()
        assert unit is not None
        unit.after_commit.append(callback)

    def audit(self, action: str, object_id: str, **details: Any) -> None:
        pass

    async def _heard(self, what: str) -> None:
        await self._world.may_crash(f"after {what}")
        if self._world.chance(self._world.weather.commit_unheard):
            raise OSError("the connection went away with the answer")
        await self._world.pause()


SETTINGS = Settings(data="", database_url="", nats_url="", secret="s", public_url="http://localhost:8400")


class SimHouse:
    """What a service of one process reaches: its runs, and the other services over the network of this world."""

    def __init__(self, world: World, services: dict[type, Any]) -> None:
        self._world = world
        self._services = services
        self._databases: dict[str, MemoryDatabase] = {}
        self.settings = SETTINGS

    def database(self, schema: str) -> MemoryDatabase:
        if schema not in self._databases:
            self._databases[schema] = MemoryDatabase(self._world, schema)
        return self._databases[schema]

    def port(self, port: type) -> Any:
        return _SimPort(self._world, port.__module__.split(".")[-2], self._services[port])


class _SimPort:
    def __init__(self, world: World, name: str, service: Any) -> None:
        self._world = world
        self._name = name
        self._service = service

    def __getattr__(self, verb: str) -> Callable[..., Awaitable[Any]]:
        target = getattr(self._service, verb)

        async def call(**arguments: Any) -> Any:
            return await self._world.call(f"{self._name}.{verb}", target, arguments)

        return call


def _in_order(tasks: Iterable[asyncio.Task[Any]]) -> list[asyncio.Task[Any]]:
    """As they began: a set's own order is another in each play."""
    return sorted(tasks, key=lambda task: int(task.get_name().rpartition("-")[2]))
