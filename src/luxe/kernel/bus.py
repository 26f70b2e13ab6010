"""The way of a fact: outbox row → JetStream → reaction, at least once on the way and once in effect."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy, StorageType, StreamConfig
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from luxe.kernel import clock, context
from luxe.kernel.db import Database
from luxe.kernel.facts import Envelope, fact_type
from luxe.kernel.manifest import Reaction
from luxe.kernel.telemetry import FACTS, span

STREAM = "FACTS"
ANNOUNCEMENTS = "announce"
BATCH = 200
IDLE = timedelta(seconds=5)
"""A commit wakes the relay; rows that a process left behind when it died are found by this timer."""
MAX_DELIVERIES = 20

log = structlog.get_logger()


def subject_of(type_: str) -> str:
    return f"facts.{type_}"


class Bus:
    """One connection to NATS for a process. Reconnects for ever; facts wait in their outboxes meanwhile."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.client: Client = Client()
        self.jetstream: JetStreamContext = self.client.jetstream()

    async def start(self) -> None:
        self.client = await nats.connect(self._url, max_reconnect_attempts=-1, reconnect_time_wait=0.5)
        self.jetstream = self.client.jetstream(timeout=5)
        await self.jetstream.add_stream(
            StreamConfig(
                name=STREAM,
                subjects=["facts.>"],
                storage=StorageType.FILE,
                retention=RetentionPolicy.LIMITS,
                max_age=timedelta(days=30).total_seconds(),
                duplicate_window=timedelta(minutes=10).total_seconds(),
            )
        )

    async def close(self) -> None:
        await self.client.close()

    async def publish(self, envelope: Envelope) -> None:
        """Returns once JetStream has stored it. The id makes a second sending harmless."""
        await self.jetstream.publish(
            subject_of(envelope.type),
            msgspec.json.encode(envelope),
            headers={
                "Nats-Msg-Id": envelope.id,
                "ce-id": envelope.id,
                "ce-type": envelope.type,
                "ce-subject": envelope.object_id,
                "ce-time": envelope.at.isoformat(),
                "ce-specversion": "1.0",
                "ce-source": f"/luxe/{envelope.type.split('.')[0]}",
            },
        )
        FACTS.labels("sent", envelope.type).inc()


class Relay:
    """Carries one schema's outbox to the bus, oldest first. Peers take turns: the rows are locked while they travel."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        outbox = database.metadata.tables[f"{database.schema}.outbox"]
        oldest = select(outbox.c.seq).order_by(outbox.c.seq).limit(BATCH).with_for_update()
        self._oldest = delete(outbox).where(outbox.c.seq.in_(oldest)).returning(outbox)
        self._wake = asyncio.Event()
        database.on_facts = self._wake.set

    async def run(self) -> None:
        while True:
            self._wake.clear()
            try:
                more = await self.carry() == BATCH
            except Exception as error:  # whatever a driver raises as its server dies, facts must flow again
                log.warning("relay_waits", schema=self._database.schema, error=repr(error))
                await asyncio.sleep(1)
                continue
            if not more:
                try:
                    async with asyncio.timeout(IDLE.total_seconds()):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    async def carry(self) -> int:
        """Deletes one batch and sends it before that is committed; returns its size."""
        async with self._database.transaction() as tx:
            gone = await tx.execute(self._oldest)
            rows = sorted(gone.all(), key=lambda row: row.seq)
            for row in rows:
                await self._bus.publish(
                    Envelope(
                        id=row.id,
                        type=row.type,
                        object_id=row.object_id,
                        at=row.at,
                        actor=row.actor,
                        request_id=row.request_id,
                        data=row.data,
                    )
                )
            return len(rows)


class Listener:
    """Feeds one service's reactions. An inbox row in the reaction's own transaction makes a second delivery harmless."""

    def __init__(self, database: Database, bus: Bus, service: Any, reactions: Sequence[Reaction]) -> None:
        self._database = database
        self._bus = bus
        self._service = service
        inbox = database.metadata.tables[f"{database.schema}.inbox"]
        self._hear = insert(inbox).on_conflict_do_nothing().returning(inbox.c.fact_id)
        self._by_type: dict[str, list[Reaction]] = {}
        for reaction in reactions:
            self._by_type.setdefault(fact_type(reaction.fact), []).append(reaction)

    async def run(self) -> None:
        while True:
            try:
                subscription = await self._bus.jetstream.pull_subscribe_bind(
                    await self._ensure_consumer(), stream=STREAM
                )
                while True:
                    try:
                        messages = await subscription.fetch(50, timeout=5)
                    except TimeoutError:
                        continue
                    for message in messages:
                        await self._take(message)
            except Exception as error:  # whatever a driver raises as its server dies, facts must flow again
                log.warning("listener_waits", schema=self._database.schema, error=repr(error))
                await asyncio.sleep(1)

    async def _ensure_consumer(self) -> str:
        durable = f"{self._database.schema}-reactions"
        await self._bus.jetstream.add_consumer(
            STREAM,
            ConsumerConfig(
                durable_name=durable,
                filter_subjects=sorted(subject_of(type_) for type_ in self._by_type),
                ack_policy=AckPolicy.EXPLICIT,
                deliver_policy=DeliverPolicy.ALL,
                ack_wait=30,
                max_deliver=MAX_DELIVERIES,
                max_ack_pending=1_000,
            ),
        )
        return durable

    async def _take(self, message: Msg) -> None:
        envelope = msgspec.json.decode(message.data, type=Envelope)
        try:
            await self.handle(envelope)
        except (
            Exception
        ) as error:  # the reaction is ours, so any failure of it is retried and then left visible
            deliveries = message.metadata.num_delivered
            level = log.error if deliveries >= MAX_DELIVERIES else log.warning
            level(
                "reaction_failed", fact=envelope.id, type=envelope.type, deliveries=deliveries, exc_info=error
            )
            await message.nak(delay=min(60, 2**deliveries / 4))
        else:
            await message.ack()

    async def handle(self, envelope: Envelope) -> None:
        fact = envelope.fact()
        here = context.Context(request_id=envelope.request_id, actor=envelope.actor)
        for reaction in self._by_type.get(envelope.type, ()):
            with context.entered(here), span(reaction.name):
                if reaction.concerns is not None and not await reaction.concerns(self._service, fact):
                    continue
                async with self._database.transaction() as tx:
                    first = await tx.execute(
                        self._hear, {"fact_id": envelope.id, "reaction": reaction.name, "at": clock.now()}
                    )
                    if first.first() is not None:
                        await reaction.handle(self._service, fact)
        FACTS.labels("handled", envelope.type).inc()
