"""What runs beside the services of a process ends with it."""

from __future__ import annotations

import asyncio

from tests.harness import running


async def test_a_task_that_forgets_its_first_cancellation_ends_all_the_same() -> None:
    """As one does in whose `asyncio.wait_for` an answer comes in the same moment."""
    cancelled = 0

    async def forgetful() -> None:
        nonlocal cancelled
        while cancelled < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled += 1

    async with running("bag") as house:
        house.composition._spawn(forgetful())
        await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await house.composition._end_tasks(again_after=0.02)
        assert (cancelled, house.composition._tasks) == (2, [])
