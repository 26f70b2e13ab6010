"""Checkout through the real HTTP path with the PSP simulator, against plain database transactions in the same run."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from typing import Any

import asyncpg
import httpx

from bench.report import Row
from tests.journeys.buyer import Buyer, api_key, stocked
from tests.journeys.invariants import violations
from tests.journeys.opened import OpenHouse

ORDERS_ALONE = 40
BUYERS = 8
SECONDS = 20.0
_PLAIN_SECONDS = 5.0


def statements(house: OpenHouse) -> int:
    """SQL statements that the serving process has sent so far."""
    port = next(each["ports"]["http"] for each in house.run["children"] if each["name"] == "house")
    lines = httpx.get(f"http://127.0.0.1:{port}/metrics").text.splitlines()
    return sum(
        int(float(line.rpartition(" ")[2])) for line in lines if line.startswith("luxe_sql_statements_total")
    )


def idle_rate(house: OpenHouse) -> float:
    """Statements a second that the house sends when nobody is there."""
    before = statements(house)
    time.sleep(10)
    return (statements(house) - before) / 10


def plain_rate(house: OpenHouse) -> float:
    """Transactions a second of BEGIN, one insert, one update of a row of its own, COMMIT, at as many connections."""
    url = house.run["env"]["LUXE_DATABASE_URL"].replace("postgresql+asyncpg", "postgresql")
    return asyncio.run(_plain(url))


async def _plain(url: str) -> float:
    setup = await asyncpg.connect(url)
    await setup.execute(
        "CREATE TABLE IF NOT EXISTS public.bench_plain (id bigserial PRIMARY KEY, state text)"
    )
    done = 0

    async def work(until: float) -> None:
        nonlocal done
        connection = await asyncpg.connect(url)
        while time.perf_counter() < until:
            async with connection.transaction():
                row = await connection.fetchval(
                    "INSERT INTO public.bench_plain (state) VALUES ('new') RETURNING id"
                )
                await connection.execute("UPDATE public.bench_plain SET state = 'done' WHERE id = $1", row)
            done += 1
        await connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(work(began + _PLAIN_SECONDS) for _ in range(BUYERS)))
    took = time.perf_counter() - began
    await setup.execute("DROP TABLE public.bench_plain")
    await setup.close()
    return done / took


def crowd(house: OpenHouse, piece: tuple[str, dict[str, Any]]) -> tuple[list[float], float]:
    """Latencies of whole purchases, and the seconds they took together."""
    key = api_key(house, "member", ["orders:read", "orders:write"])
    times: list[float] = []
    began = time.perf_counter()

    def buy() -> None:
        buyer = Buyer(house, key)
        while time.perf_counter() < began + SECONDS:
            started = time.perf_counter()
            assert buyer.buy(*piece)["state"] == "done"
            times.append(time.perf_counter() - started)

    threads = [threading.Thread(target=buy) for _ in range(BUYERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(times), time.perf_counter() - began


def run(house: OpenHouse) -> list[Row]:
    piece = stocked(house, units=9_000)
    buyer = Buyer(house, api_key(house, "member", ["orders:read", "orders:write"]))
    for _ in range(5):
        buyer.buy(*piece)
    idle = idle_rate(house)
    before, began = statements(house), time.perf_counter()
    alone = []
    for _ in range(ORDERS_ALONE):
        started = time.perf_counter()
        assert buyer.buy(*piece)["state"] == "done"
        alone.append(time.perf_counter() - started)
    time.sleep(3)
    took = time.perf_counter() - began
    each = (statements(house) - before - idle * took) / ORDERS_ALONE
    plain = plain_rate(house)
    times, seconds = crowd(house, piece)
    broken = violations(house)
    assert broken == {}, broken
    rate = len(times) / seconds
    return [
        Row(
            "SQL statements an order, one buyer: all processes and reactions; without BEGIN, COMMIT and idle timers",
            f"{each:.1f}",
            "≤ 40 (Vendure 392, Saleor 487)",
        ),
        Row(
            "a purchase, one buyer",
            f"p50 {statistics.median(alone) * 1000:.0f} ms, p95 {sorted(alone)[int(len(alone) * 0.95)] * 1000:.0f} ms",
        ),
        Row(
            f"orders a second, {BUYERS} buyers",
            f"{rate:.1f}/s, p50 {times[len(times) // 2] * 1000:.0f} ms, p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms",
            "Vendure 5.3/s, Saleor 0.7/s on such a box",
        ),
        Row(f"plain transactions a second (insert + update), {BUYERS} connections", f"{plain:,.0f}/s"),
        Row("orders / plain transactions", f"{rate / plain:.3f}"),
    ]
