"""The catalogue page of 24 pieces as JSON, against the same bytes from a bare handler, both behind the same Envoy.

The peer stands behind a second Envoy with the same generated configuration, whose units all lead to the bare handler.
Runs alternate, so that a noisy neighbour hits both. Load generator, Envoy, server and engines share the cores.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from bench.load import Measured, drive
from bench.report import Row
from luxe.app.engines.engine import free_port, tcp_answers
from luxe.app.engines.envoy import Envoy
from luxe.app.gateway import Upstreams
from luxe.app.registry import unit_names
from tests.journeys.buyer import api_key
from tests.journeys.opened import OpenHouse, eventually

PATH = "/v1/products?limit=24"
ROUNDS = 5
SECONDS = 4.0


def run(house: OpenHouse) -> list[Row]:
    key = api_key(house, "member", ["catalog:read"])
    headers = {"authorization": f"Bearer {key}"}
    page = httpx.get(house.url + PATH, headers=headers)
    page.raise_for_status()
    assert len(page.json()["items"]) == 24
    folder = Path(tempfile.mkdtemp(prefix="luxe-bench-"))
    (folder / "page.json").write_bytes(page.content)
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "bench.bare", str(port), str(folder / "page.json")])
    envoy = _peer_gateway(house, folder, port)
    try:
        eventually(lambda: tcp_answers(port), "the bare handler")
        envoy.start()
        ours, bare = asyncio.run(_alternate(house.run["port"], envoy.port, headers))
    finally:
        envoy.stop()
        server.terminate()
        server.wait()
        shutil.rmtree(folder)
    ratio = statistics.median(mine.rate / theirs.rate for mine, theirs in zip(ours, bare, strict=True))
    return [
        Row("catalogue page of 24 as JSON, warm, behind Envoy", _shown(ours)),
        Row("the same bytes from a bare Granian handler behind the same Envoy", _shown(bare)),
        Row("ratio (median of alternating rounds)", f"{ratio:.2f}", "≥ 0.50"),
    ]


async def _alternate(ours: int, bare: int, headers: dict[str, str]) -> tuple[list[Measured], list[Measured]]:
    """Rounds of our port and the peer's, by turns."""
    mine, theirs = [], []
    for _ in range(ROUNDS):
        mine.append(await drive(ours, PATH, headers, SECONDS))
        theirs.append(await drive(bare, PATH, headers, SECONDS))
    return mine, theirs


def _peer_gateway(house: OpenHouse, folder: Path, port: int) -> Envoy:
    envoy = Envoy(folder, "127.0.0.1", free_port(), house.url)
    shutil.copytree(house.data / "gateway", envoy.folder)
    ports: dict[str, int] = {"psp": port, "mail": port, "bare": port, "health": port}
    envoy.configure(Upstreams(units=dict.fromkeys(unit_names(), "bare"), ports=ports))
    return envoy


def _shown(rounds: list[Measured]) -> str:
    rate = statistics.median(each.rate for each in rounds)
    p50 = statistics.median(each.p50 for each in rounds)
    p95 = statistics.median(each.p95 for each in rounds)
    return f"{rate:,.0f}/s, p50 {p50:.1f} ms, p95 {p95:.1f} ms, {rounds[0].bytes:,} bytes"
