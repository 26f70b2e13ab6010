"""Timers: a job's rows are its queue, taken with SKIP LOCKED, so any number of processes may run it."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import structlog

from luxe.kernel import context
from luxe.kernel.db import Database
from luxe.kernel.ids import new_id
from luxe.kernel.manifest import Job
from luxe.kernel.telemetry import first_span

log = structlog.get_logger()


async def run_for_ever(job: Job, service: Any, database: Database) -> None:
    """Runs `job` at its interval, at once again while it reports more to do. A failure is logged and tried again."""
    every = job.every.total_seconds()
    await asyncio.sleep(random.uniform(0, min(every, 1)))  # noqa: S311 - spreads processes, keeps no secret
    while True:
        more = False
        try:
            more = await run_once(job, service, database)
        except Exception as error:  # a job must outlive whatever one run of it met
            log.error("job_failed", job=job.name, schema=database.schema, exc_info=error)
        if not more:
            await asyncio.sleep(every)


async def run_once(job: Job, service: Any, database: Database) -> bool:
    with context.entered(context.Context(request_id=new_id("job"))), first_span(f"job {job.name}"):
        async with database.transaction():
            return await job.run(service)
