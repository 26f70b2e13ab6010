"""Holds a second against one hot row that is counted down, in the same run; and whether sold units slow them.

Each of several processes is a serving process of its own, with its own connections, and all of them want the same SKU.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.report import Row
from luxe.kernel.db import Database, make_engine
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.ports import bind_local
from luxe.kernel.settings import Settings
from luxe.services.inventory.contract import HoldLine, Port
from luxe.services.inventory.service import Inventory
from luxe.services.inventory.tables import metadata
from tests.harness import Running, running

PROCESSES, WORKERS = 2, 16
SECONDS = 2.0
ROUNDS = 3
VARIANT = "var_bench"
FEW, MANY = 1_000, 200_000
_AT_ONCE = 25_000
_HOT = "CREATE TABLE inventory.bench_hot (id int PRIMARY KEY, left_over bigint NOT NULL)"
_SOLD = """
    INSERT INTO inventory.units (id, variant_id, location, serial, received_at, run, order_id)
    SELECT 'unit_sold_' || n, :variant, 'main', 'SOLD-' || n, now() - interval '1 year', 'run_sold_' || n, 'ord_' || n
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n"""


def run() -> list[Row]:
    return asyncio.run(_run())


async def _run() -> list[Row]:
    async with running("inventory", pool_size=WORKERS) as house:
        engine = make_engine(house.settings.database_url)
        async with engine.begin() as connection:
            await connection.execute(text(_HOT))
            await connection.execute(text("INSERT INTO inventory.bench_hot VALUES (1, 1000000000)"))
            await connection.execute(text("GRANT SELECT, UPDATE ON inventory.bench_hot TO luxe_inventory"))
        await _sold(engine, 1, FEW)
        url = house.database("inventory").engine.url.render_as_string(hide_password=False)
        ratios, holds, hot = [], [], []
        for _ in range(ROUNDS):
            await _refill(house)
            hot.append(await _rate("hot", url))
            holds.append(await _rate("hold", url))
            ratios.append(holds[-1] / hot[-1])
        await _sold(engine, FEW + 1, MANY)
        full = []
        for _ in range(ROUNDS):
            await _refill(house)
            full.append(await _rate("hold", url))
        races = [await _race(house, "last_20", 20, 64), await _race(house, "last_100", 100, 32, each=4)]
        await engine.dispose()
    who = f"{PROCESSES} processes of {WORKERS} connections"
    few, many = statistics.median(holds), statistics.median(full)
    return [
        Row(f"one hot row counted down, transactions a second, {who}", f"{statistics.median(hot):,.0f}/s"),
        Row(f"holds of one SKU a second, {who}, {FEW:,} units sold before", f"{few:,.0f}/s"),
        Row(
            f"holds / hot row, median of {ROUNDS} pairs",
            f"{statistics.median(ratios):.2f} ({', '.join(f'{each:.2f}' for each in ratios)})",
            "≥ 2",
        ),
        Row(f"holds of one SKU a second, {MANY:,} units sold before", f"{many:,.0f}/s"),
        Row(f"the same with {MANY:,} sold / with {FEW:,} sold", f"{many / few:.2f}", "1 is flat"),
        *races,
    ]


async def _sold(engine: AsyncEngine, first: int, last: int) -> None:
    for start in range(first, last + 1, _AT_ONCE):
        values = {"variant": VARIANT, "first": start, "last": min(last, start + _AT_ONCE - 1)}
        async with engine.begin() as connection:
            await connection.execute(text(_SOLD), values)


async def _refill(house: Running) -> None:
    """Ten thousand free units, whatever was held before."""
    async with house.database("inventory").engine.connect() as connection:
        await connection.execute(
            text("DELETE FROM inventory.units WHERE variant_id = :variant AND order_id IS NULL"),
            {"variant": VARIANT},
        )
        await connection.commit()
    for number in range(2):
        await house.port(Port).receive(
            variant_id=VARIANT, quantity=10_000, reason="bench", key=f"{time.perf_counter()}-{number}"
        )


async def _rate(what: str, url: str) -> float:
    """How many a second all processes did together."""
    command = [sys.executable, "-m", "bench.stock", what, url]
    children = [
        await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE) for _ in range(PROCESSES)
    ]
    said = [(await child.communicate())[0] for child in children]
    return sum(float(each) for each in said)


async def _race(house: Running, variant: str, units: int, buyers: int, each: int = 1) -> Row:
    """All buyers at a barrier; each tries again while the last units are merely locked."""
    inventory = house.port(Port)
    await inventory.receive(variant_id=variant, quantity=units, reason="bench", key=variant)
    barrier = asyncio.Barrier(buyers)

    async def buy(number: int) -> int:
        await barrier.wait()
        bought = 0
        while bought < each:
            run = f"{variant}_{number}_{bought}"
            try:
                await inventory.hold(run=run, lines=[HoldLine(variant_id=variant, quantity=1)], seconds=60)
            except Refusal as refusal:
                if refusal.code == "sold_out":
                    break
                await asyncio.sleep(0.002)
                continue
            await inventory.commit(run=run, order_id=f"ord_{run}")
            bought += 1
        return bought

    sold = sum(await asyncio.gather(*(buy(number) for number in range(buyers))))
    (left,) = await inventory.availability(variant_ids=[variant])
    return Row(
        f"{buyers} buyers at a barrier, {units} units, {each} wanted by each",
        f"{sold} sold, {left.on_hand} left by the counter",
        f"{units} sold, 0 left",
    )


async def _work(what: str, url: str) -> float:
    database = Database("inventory", metadata, url, pool_size=WORKERS)
    until = 0.0
    done = 0

    async def hot(_number: int) -> None:
        async with database.transaction() as tx:
            await tx.execute(
                text(
                    "UPDATE inventory.bench_hot SET left_over = left_over - 1 WHERE id = 1 AND left_over > 0"
                )
            )

    ports = House(Settings(data="", database_url=url, nats_url="", secret="", pool_size=WORKERS))
    ports.add_database(database)
    inventory = bind_local(Port, Inventory(ports), database)
    numbers = itertools.count()

    async def hold(_number: int) -> None:
        await inventory.hold(
            run=f"{os.getpid()}-{next(numbers)}",
            lines=[HoldLine(variant_id=VARIANT, quantity=1)],
            seconds=600,
        )

    one = hold if what == "hold" else hot

    async def worker(number: int) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await one(number)
            done += 1

    for number in range(WORKERS):
        await one(number)
    until = time.perf_counter() + SECONDS
    began = time.perf_counter()
    await asyncio.gather(*(worker(number) for number in range(WORKERS)))
    took = time.perf_counter() - began
    await database.close()
    return done / took


if __name__ == "__main__":
    print(asyncio.run(_work(sys.argv[1], sys.argv[2])))
