"""The store of runs that schedules use answers as PostgreSQL does: the same random questions, in the same order, to both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel import clock, saga_end, saga_outcomes, saga_store
from luxe.kernel.db import Database
from luxe.kernel.errors import Refusal
from luxe.kernel.saga import Flow, Step
from luxe.kernel.saga_store import END, RunRow, saga_metadata
from tests.harness import BARE, drop_database, fresh_database
from tests.simulation import memory_runs
from tests.simulation.memory_runs import MemoryRuns

BEGINNING = datetime(2026, 3, 1, tzinfo=UTC)
LEASE = timedelta(seconds=30)
PEERS = ("peer_1", "peer_2", "peer_3")
QUESTIONS = 400


class Wanted(msgspec.Struct):
    what: str


async def _nothing(_: Any) -> None:
    return None


FLOW = Flow(
    "post",
    Wanted,
    [Step("pack", _nothing, _nothing), Step("pay", _nothing, pivot=True), Step("send", _nothing)],
)


@pytest.fixture
async def connection() -> AsyncIterator[AsyncConnection]:
    url = await fresh_database(BARE)
    database = Database("post", saga_metadata("post"), url)
    async with database.engine.begin() as begun:
        await begun.execute(text("CREATE SCHEMA post"))
        await begun.run_sync(database.metadata.create_all)
    async with database.engine.connect() as connected:
        yield await connected.execution_options(isolation_level="AUTOCOMMIT")
    await database.close()
    clock.replace_clock(None)
    await drop_database(url)


class Both:
    """Asks the two stores the same, and compares the answers."""

    def __init__(self, connection: AsyncConnection, rng: Random) -> None:
        self.connection, self.memory, self.rng = connection, MemoryRuns(), rng
        self.metadata = saga_metadata("post")
        self.now = BEGINNING
        self.number = 0
        self.seen: list[RunRow] = []

    async def ask(self, real: Any, double: Any, *arguments: Any, **named: Any) -> Any:
        clock.replace_clock(lambda: self.now)
        theirs = await _answer(real(self.connection, *arguments, **named))
        ours = await _answer(double(self.memory, *arguments, **named))
        assert ours == theirs, (real.__name__, arguments, named)
        for row in theirs if isinstance(theirs, list) else [theirs]:
            if isinstance(row, RunRow):
                self.seen.append(row)
        return theirs

    async def compare(self) -> None:
        runs = saga_store.runs_of(self.metadata)
        rows = (await self.connection.execute(runs.select())).mappings().all()
        assert {row["id"]: RunRow(**row) for row in rows} == self.memory.rows
        log = self.metadata.tables["post.run_log"]
        lines = (await self.connection.execute(log.select().order_by(log.c.seq))).mappings().all()
        told = [
            (line["run_id"], line["step"], line["outcome"], line["at"], line["actor"], line["note"])
            for line in lines
        ]
        assert told == [
            (line.run_id, line.step, line.outcome, line.at, line.actor, line.note) for line in self.memory.log
        ]

    def run(self) -> str:
        return self.rng.choice([*self.memory.rows, "run_unknown"])

    async def step(self) -> None:
        """One question, drawn at random."""
        rng, peer = self.rng, self.rng.choice(PEERS)
        self.now += timedelta(seconds=rng.choice((0, 1, 7, 31)), microseconds=rng.randrange(1, 1_000))
        what = rng.choice(
            (
                "insert",
                "signal",
                "signal",
                "claim",
                "claim_due",
                "save",
                "save",
                "save",
                "unstick",
                "end",
                "back",
                "find",
            )
        )
        await getattr(self, f"_{what}")(peer)

    async def _insert(self, peer: str) -> None:
        self.number += 1
        key = self.rng.choice((f"key {self.number}", "key 1"))
        await self.ask(
            saga_store.insert_run,
            memory_runs.insert_run,
            self.metadata,
            run_id=f"run_{self.number}",
            key=key,
            owner="acc_1",
            input={"what": "vase"},
            lease=(peer, self.now + LEASE),
            request_id="req_1",
        )

    async def _signal(self, peer: str) -> None:
        name, payload = self.rng.choice((("paid", True), ("left", {"why": "late"}), ("paid", 2)))
        await self.ask(
            saga_store.signal,
            memory_runs.signal,
            self.metadata,
            self.run(),
            name,
            payload,
            peer,
            self.now,
            self.now + LEASE,
        )

    async def _claim(self, peer: str) -> None:
        await self.ask(
            saga_store.claim, memory_runs.claim, self.metadata, self.run(), peer, self.now, self.now + LEASE
        )

    async def _claim_due(self, peer: str) -> None:
        """The order in which due runs are handed out is nobody's business."""
        clock.replace_clock(lambda: self.now)
        asked = self.metadata, peer, self.now, self.now + LEASE
        theirs = await saga_store.claim_due(self.connection, *asked, limit=20)
        ours = await memory_runs.claim_due(self.memory, *asked, limit=20)
        assert sorted(ours, key=lambda row: row.id) == sorted(theirs, key=lambda row: row.id)
        self.seen += theirs

    async def _save(self, peer: str) -> None:
        """Of a row that may be long out of date, by a peer that may have no business with it."""
        if not self.seen:
            return
        rng = self.rng
        row = rng.choice(self.seen[-6:])
        row = msgspec.structs.replace(
            row, unsaved=rng.choice(((), (("pack", "p"),), (("pack", 1), ("pay", None))))
        )
        owner = rng.choice((row.lease_owner or peer, row.lease_owner or peer, peer))
        change: dict[str, Any] = {"state": rng.choice(("running", "undoing", "stuck", "done", "refused"))}
        optional = {
            "cursor": rng.randrange(3),
            "result": (rng.choice(("pack", "pay")), {"n": rng.randrange(9)}),
            "problem": {"code": "sold_out", "status": 409},
            "attempts": rng.randrange(9),
            "wake_at": self.now + timedelta(seconds=rng.randrange(100)),
            "release": True,
            "note": "why",
        }
        change |= {name: value for name, value in optional.items() if rng.random() < 0.5}
        await self.ask(
            saga_outcomes.save,
            memory_runs.save,
            self.metadata,
            row,
            owner,
            "pack",
            rng.choice(("done", "retries")),
            self.now,
            self.now + LEASE,
            **change,
        )

    async def _unstick(self, peer: str) -> None:
        await self.ask(saga_outcomes.unstick, memory_runs.unstick, self.metadata, self.run(), "acc_op")

    async def _end(self, peer: str) -> None:
        async def real(tx: Any, *arguments: Any) -> Any:
            return await saga_end.ask(tx, FLOW, *arguments)

        async def double(tx: Any, *arguments: Any) -> Any:
            return await memory_runs.ask(tx, FLOW, *arguments)

        reason = self.rng.choice(("it must stop", " ", "x" * 900))
        await self.ask(real, double, self.metadata, self.run(), reason, self.rng.random() < 0.5)

    async def _back(self, peer: str) -> None:
        if self.rng.random() < 0.2:
            await self.ask(saga_store.give_back, memory_runs.give_back, self.metadata, peer)

    async def _find(self, peer: str) -> None:
        await self.ask(saga_store.find, memory_runs.find, self.metadata, self.run())
        await self.ask(saga_store.find_by_key, memory_runs.find_by_key, self.metadata, "acc_1", "key 1")
        await self.ask(saga_store.in_state, memory_runs.in_state, self.metadata, "stuck", 2)


async def _answer(question: Any) -> Any:
    try:
        return await question
    except Refusal as refusal:
        return refusal.problem()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_runs_in_memory_are_kept_as_postgresql_keeps_them(
    connection: AsyncConnection, seed: int
) -> None:
    both = Both(connection, Random(seed))
    for _ in range(QUESTIONS):
        await both.step()
    await both.compare()
    assert {line.outcome for line in both.memory.log} >= {"done", "retries", "resumed", "asked"}
    assert any(END in row.signals for row in both.memory.rows.values())


async def test_a_driven_run_is_claimed_by_nobody_else(connection: AsyncConnection) -> None:
    both = Both(connection, Random(1))
    await both._insert("peer_1")
    for peer in PEERS:
        await both._claim_due(peer)
        assert {row.lease_owner for row in both.memory.rows.values()} == {"peer_1"}
    both.now += LEASE + timedelta(seconds=1)
    await both._claim_due("peer_2")
    assert {row.lease_owner for row in both.memory.rows.values()} == {"peer_2"}
