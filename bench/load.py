"""A small closed-loop HTTP/1.1 load generator: some connections, each sends its next request when the last is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import msgspec


class Measured(msgspec.Struct, frozen=True):
    """`rate` in answers a second; latencies in milliseconds; `bytes` of one answer's body as sent."""

    rate: float
    p50: float
    p95: float
    answers: int
    bytes: int


async def _read(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Status and body length of one answer, with a Content-Length or chunked."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in lines[1:-2])
    }
    status = int(lines[0].split(b" ")[1])
    if (length := headers.get(b"content-length")) is not None:
        body = await reader.readexactly(int(length))
        return status, len(body)
    total = 0
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        await reader.readexactly(size + 2)
        total += size
    await reader.readexactly(2)
    return status, total


async def _client(port: int, request: bytes, deadline: float, times: list[float], sizes: set[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while time.perf_counter() < deadline:
            started = time.perf_counter()
            writer.write(request)
            status, size = await _read(reader)
            times.append(time.perf_counter() - started)
            sizes.add(size)
            if status != 200:
                raise AssertionError(f"answered {status}")
    finally:
        writer.close()


async def drive(
    port: int, path: str, headers: Mapping[str, str], seconds: float, connections: int = 16
) -> Measured:
    """GETs `path` for some seconds after a warm-up of one second. Any answer but 200 ends the run."""
    lines = [f"GET {path} HTTP/1.1", f"host: localhost:{port}", *(f"{k}: {v}" for k, v in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    sizes: set[int] = set()
    warm: list[float] = []
    await asyncio.gather(
        *(_client(port, request, time.perf_counter() + 1, warm, sizes) for _ in range(connections))
    )
    times: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(_client(port, request, began + seconds, times, sizes) for _ in range(connections)))
    took = time.perf_counter() - began
    times.sort()
    return Measured(
        rate=len(times) / took,
        p50=times[len(times) // 2] * 1000,
        p95=times[int(len(times) * 0.95)] * 1000,
        answers=len(times),
        bytes=max(sizes),
    )
