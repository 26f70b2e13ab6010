"""Fetching what an address of a CSV points to, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from luxe.app.products import addresses
from luxe.app.products.addresses import Fetcher, Unreachable, is_public

ANSWERS = {
    "/picture": b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\npicture",
    "/moved": b"HTTP/1.1 302 Found\r\nlocation: /picture\r\ncontent-length: 0\r\n\r\n",
    "/circle": b"HTTP/1.1 302 Found\r\nlocation: /circle\r\ncontent-length: 0\r\n\r\n",
    "/missing": b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
    "/large": b"HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n" + b"x" * 101,
    "/nonsense": b"no HTTP at all\r\n\r\n",
}


@asynccontextmanager
async def server() -> AsyncIterator[tuple[str, list[str]]]:
    """Its address, and the Host headers it was sent."""
    hosts: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        hosts.extend(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
        writer.write(ANSWERS.get(head.split()[1], ANSWERS["/missing"]))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"http://localhost:{port}", hosts


@asynccontextmanager
async def fetcher(*, allow_local: bool) -> AsyncIterator[Fetcher]:
    made = Fetcher(allow_local=allow_local)
    try:
        yield made
    finally:
        await made.close()


async def test_redirects_are_followed_and_the_name_is_sent() -> None:
    async with server() as (address, hosts), fetcher(allow_local=True) as local:
        assert await local.fetch(f"{address}/moved") == b"picture"
        assert set(hosts) == {address.removeprefix("http://")}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/missing", "answered 404"),
        ("/circle", "too many redirects"),
        ("/large", "larger than 100 bytes"),
        ("/nonsense", ""),
    ],
)
async def test_what_cannot_be_had_says_why(path: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MAX_BYTES", 100)
    async with server() as (address, _), fetcher(allow_local=True) as local:
        with pytest.raises(Unreachable) as refused:
            await local.fetch(address + path)
        assert reason in str(refused.value)


async def test_private_addresses_are_never_connected_to() -> None:
    async with server() as (address, hosts), fetcher(allow_local=False) as outside:
        port = address.rpartition(":")[2]
        for host in (
            "localhost",
            "127.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "2130706433",
            "0",
            "169.254.169.254",
        ):
            with pytest.raises(Unreachable) as refused:
                await outside.fetch(f"http://{host}:{port}/picture")
            assert "private network" in str(refused.value)
        assert hosts == []


@pytest.mark.parametrize(
    "address", ["ftp://x/y", "file:///etc/passwd", "http://", "http://[", "http://x:99999/", "//x"]
)
async def test_what_is_no_web_address_is_refused(address: str) -> None:
    async with fetcher(allow_local=False) as outside:
        with pytest.raises(Unreachable):
            await outside.fetch(address)


def test_public_and_private() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2606:4700::1111")
    for private in (
        "10.0.0.1",
        "100.64.0.1",
        "192.168.1.1",
        "fd00::1",
        "fe80::1%eth0",
        "224.0.0.1",
        "2002:7f00:1::",
    ):
        assert not is_public(private)
