"""Checkout through the real HTTP path with the PSP simulator, against plain database transactions in the same run."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
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
    """Checkouts a second, each one plain transaction on as many connections and nothing else: no HTTP, no PSP, no letter."""
    url = house.run["env"]["LUXE_DATABASE_URL"].replace("postgresql+asyncpg", "postgresql")
    return asyncio.run(_plain(url))


_PLAIN_TABLES = """
    DROP SCHEMA IF EXISTS bench CASCADE;
    CREATE SCHEMA bench;
    CREATE TABLE bench.units (id bigserial PRIMARY KEY, variant text, order_id bigint);
    CREATE INDEX ON bench.units (variant) WHERE order_id IS NULL;
    CREATE TABLE bench.orders (id bigserial PRIMARY KEY, account text, state text, payable bigint, address jsonb);
    CREATE TABLE bench.lines (order_id bigint, variant text, unit bigint, price bigint);
    CREATE TABLE bench.entries (id bigserial PRIMARY KEY, order_id bigint, account text, points bigint);
    CREATE TABLE bench.outbox (id bigserial PRIMARY KEY, type text, data jsonb);
    INSERT INTO bench.units (variant) SELECT 'one' FROM generate_series(1, 100000)"""


async def _plain(url: str) -> float:
    setup = await asyncpg.connect(url)
    await setup.execute(_PLAIN_TABLES)
    done = 0

    async def work(until: float) -> None:
        nonlocal done
        connection = await asyncpg.connect(url)
        while time.perf_counter() < until:
            async with connection.transaction():
                await _plain_checkout(connection)
            done += 1
        await connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(work(began + _PLAIN_SECONDS) for _ in range(BUYERS)))
    took = time.perf_counter() - began
    await setup.execute("DROP SCHEMA bench CASCADE")
    await setup.close()
    return done / took


async def _plain_checkout(connection: asyncpg.Connection) -> None:
    """A unit taken, an order with its line written and paid, points booked twice, a fact told."""
    unit = await connection.fetchval(
        "SELECT id FROM bench.units WHERE variant = 'one' AND order_id IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    order = await connection.fetchval(
        "INSERT INTO bench.orders (account, state, payable, address) VALUES ('a', 'placed', $1, $2) RETURNING id",
        200_000,
        '{"city": "Shanghai"}',
    )
    await connection.execute("INSERT INTO bench.lines VALUES ($1, 'one', $2, 200000)", order, unit)
    await connection.execute("UPDATE bench.units SET order_id = $1 WHERE id = $2", order, unit)
    await connection.execute("UPDATE bench.orders SET state = 'paid' WHERE id = $1", order)
    await connection.executemany(
        "INSERT INTO bench.entries (order_id, account, points) VALUES ($1, $2, $3)",
        [(order, "house", -2_000), (order, "member", 2_000)],
    )
    await connection.execute("INSERT INTO bench.outbox (type, data) VALUES ('order.paid', '{}')")


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


def paced(house: OpenHouse, piece: tuple[str, dict[str, Any]], rate: float) -> list[float]:
    """Latencies of purchases that begin at this rate whatever becomes of those before, counted from when each was due."""
    key = api_key(house, "member", ["orders:read", "orders:write"])
    buyers = [Buyer(house, key) for _ in range(4 * BUYERS)]
    began = time.perf_counter() + 1

    def buy(due: float, buyer: Buyer) -> float:
        time.sleep(max(0.0, due - time.perf_counter()))
        assert buyer.buy(*piece)["state"] == "done"
        return time.perf_counter() - due

    with ThreadPoolExecutor(len(buyers)) as pool:
        dues = [began + number / rate for number in range(int(rate * SECONDS))]
        return sorted(pool.map(buy, dues, itertools.cycle(buyers)))


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
    rate = len(times) / seconds
    half = paced(house, piece, rate / 2)
    broken = violations(house)
    assert broken == {}, broken
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
            "≥ 60/s; Vendure 5.3/s, Saleor 0.7/s on such a box",
        ),
        Row(
            f"a purchase at half of that load, {rate / 2:.1f}/s begun whatever becomes of those before",
            f"p50 {half[len(half) // 2] * 1000:.0f} ms, p95 {half[int(len(half) * 0.95)] * 1000:.0f} ms",
            "p95 ≤ 300 ms at 30/s",
        ),
        Row(
            f"plain checkouts a second: one transaction of eight statements, no HTTP, no PSP, {BUYERS} connections",
            f"{plain:,.0f}/s",
        ),
        Row("orders / plain checkouts", f"{rate / plain:.3f}", "≥ 0.2"),
    ]
