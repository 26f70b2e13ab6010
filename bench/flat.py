"""Whether a purchase takes as long in a house that has sold a million orders as in one that has sold a thousand."""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

from bench.checkout import crowd
from bench.growth import Template
from bench.report import Row
from tests.journeys.buyer import Buyer, api_key, stocked
from tests.journeys.opened import OpenHouse

FEW = 1_000
MANY = int(os.environ.get("BENCH_ORDERS", "1000000"))
ALONE = 40
ROUNDS = 3


def run(house: OpenHouse) -> list[Row]:
    piece = stocked(house, units=9_000)
    buyer = Buyer(house, api_key(house, "member", ["orders:read", "orders:write"]))
    first = buyer.buy(*piece)
    template = Template(house, first["order_id"])
    template.copy(1, FEW)
    few = _measured(house, buyer, piece)
    began = time.perf_counter()
    rows = template.copy(FEW + 1, MANY)
    took = time.perf_counter() - began
    many = _measured(house, buyer, piece)
    return [
        Row(f"a purchase, one buyer, {FEW:,} orders before", f"p50 {few[0] * 1000:.0f} ms"),
        Row(f"a purchase, one buyer, {MANY:,} orders before", f"p50 {many[0] * 1000:.0f} ms"),
        Row("the second / the first", f"{many[0] / few[0]:.2f}", "1 is flat"),
        Row(f"orders a second, {FEW:,} orders before, median of {ROUNDS}", f"{few[1]:.1f}/s"),
        Row(f"orders a second, {MANY:,} orders before, median of {ROUNDS}", f"{many[1]:.1f}/s"),
        Row("the second / the first", f"{many[1] / few[1]:.2f}", "1 is flat"),
        Row("rows written to grow it so far", f"{rows:,} in {took:.0f} s"),
    ]


def _measured(house: OpenHouse, buyer: Buyer, piece: tuple[str, dict[str, Any]]) -> tuple[float, float]:
    """The median of a purchase alone, in seconds, and orders a second with several buyers."""
    for _ in range(10):
        buyer.buy(*piece)
    alone = []
    for _ in range(ALONE):
        began = time.perf_counter()
        assert buyer.buy(*piece)["state"] == "done"
        alone.append(time.perf_counter() - began)
    rates = []
    for _ in range(ROUNDS):
        times, seconds = crowd(house, piece)
        rates.append(len(times) / seconds)
    return statistics.median(alone), statistics.median(rates)
