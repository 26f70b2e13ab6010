"""A saga of five steps on a stage: real runs in a real database, a world that notes every effect, and a turnable clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec

from luxe.kernel import clock, saga_store
from luxe.kernel.errors import Conflict
from luxe.kernel.house import House
from luxe.kernel.saga import LEASE, Engine, Flow, Run, Step, Wait
from luxe.kernel.saga_store import RunRow

STEPS = ("book", "pack", "pay", "send", "thank")
PIVOT = "pay"
AFTER_THE_LEASE = LEASE + timedelta(seconds=1)

Act = Callable[[Run[Any]], Awaitable[None]]


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    what: str = "vase"


class World:
    """What the steps do outside: each effect once per run and step. `before` and `after` let a test break a step."""

    def __init__(self) -> None:
        self.effects: dict[str, list[str]] = {}
        self.calls: list[tuple[str, str]] = []
        self.before: dict[str, Act] = {}
        self.after: dict[str, Act] = {}
        self.may_turn_back = True

    def of(self, run: str) -> list[str]:
        return self.effects.get(run, [])

    def step(self, name: str) -> Step:
        async def do(run: Run[Any]) -> str:
            self.calls.append(("do", name))
            if name in self.before:
                await self.before[name](run)
            done = self.effects.setdefault(run.id, [])
            if name not in done:
                done.append(name)
            if name in self.after:
                await self.after[name](run)
            return f"{name} {run.input.what}"

        async def undo(run: Run[Any]) -> None:
            self.calls.append(("undo", name))
            if f"undo {name}" in self.before:
                await self.before[f"undo {name}"](run)
            if name in self.effects.get(run.id, []):
                self.effects[run.id].remove(name)
            if f"undo {name}" in self.after:
                await self.after[f"undo {name}"](run)

        async def way_back(run: Run[Any]) -> None:
            self.calls.append(("way back", name))
            if "way back" in self.before:
                await self.before["way back"](run)
            if name in self.of(run.id):
                raise Conflict("it happened", code="past_pivot")

        pivot = name == PIVOT
        return Step(name, do, undo, pivot=pivot, way_back=way_back if pivot and self.may_turn_back else None)


def raising(error: BaseException, times: int = 1_000) -> Act:
    left = times

    async def act(_: Run[Any]) -> None:
        nonlocal left
        if left > 0:
            left -= 1
            raise error

    return act


class Stage:
    """One database, one world, and as many peers as a test wants."""

    def __init__(self, house: House, world: World) -> None:
        self.house = house
        self.world = world
        self.database = house.database("post")

    def peer(self, light: Collection[str] = ()) -> Engine:
        steps = [replace(self.world.step(name), light=name in light) for name in STEPS]
        return Engine(Flow("post", Parcel, steps), self.house)

    async def start(self, engine: Engine, key: str = "key", **input: Any) -> str:
        async with self.database.transaction():
            return (await engine.start(key=key, owner="acc_1", input=Parcel(**input))).id

    async def signal(self, engine: Engine, run: str, name: str, payload: Any = True) -> None:
        async with self.database.transaction():
            await engine.signal(run, name, payload)

    async def end(self, engine: Engine, run: str, undo: bool, reason: str = "it must stop") -> RunRow:
        async with self.database.transaction():
            return (await engine.end(run, reason, undo))[0]

    async def resume(self, engine: Engine, run: str) -> bool:
        async with self.database.transaction():
            return await engine.resume(run)

    async def row(self, run: str) -> RunRow:
        async with self.database.reading() as connection:
            found = await saga_store.find(connection, self.database.metadata, run)
        assert found is not None
        return found

    async def outcomes(self, run: str) -> list[tuple[str, str]]:
        async with self.database.reading() as connection:
            log = await saga_store.log_of(connection, self.database.metadata, run)
        return [(line["step"], line["outcome"]) for line in log]

    async def run_out(self, engine: Engine, run: str, limit: int = 40) -> RunRow:
        """Sweeps, a minute later each time, until the run has ended."""
        for minutes in range(limit):
            clock.replace_clock(clock.ahead(timedelta(minutes=minutes)))
            await engine.sweep()
            await idle(engine)
            row = await self.row(run)
            if row.state not in saga_store.LIVE:
                return row
        raise AssertionError("the run does not end")


async def idle(engine: Engine) -> None:
    while engine._tasks:
        await asyncio.wait(list(engine._tasks))


async def crash_in(stage: Stage, place: str, moment: str, light: Collection[str] = ()) -> str:
    """Runs until `place`, and loses the process there: nothing after that moment happens, nothing is saved."""
    reached = asyncio.Event()

    async def hang(_: Run[Any]) -> None:
        reached.set()
        await asyncio.Event().wait()

    breaks = stage.world.before if moment == "before" else stage.world.after
    breaks[place] = hang
    engine = stage.peer(light)
    run = await stage.start(engine)
    await asyncio.wait_for(reached.wait(), 10)
    await engine._stop()
    del breaks[place]
    return run


def waiting_for(name: str, minutes: int = 30) -> Act:
    async def act(run: Run[Any]) -> None:
        if name not in run.signals and clock.now() < run.started_at + timedelta(minutes=minutes):
            raise Wait(run.started_at + timedelta(minutes=minutes))

    return act
