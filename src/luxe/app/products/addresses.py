"""Fetches pictures from the addresses of a CSV, which anybody may have written: never from inside the house's own network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urljoin, urlsplit

import httpx

MAX_BYTES = 20_000_000
MAX_REDIRECTS = 3
CONNECT_SECONDS = 4.0
TOTAL_SECONDS = 20.0


class Unreachable(Exception):
    """The picture could not be had; the message says why."""


class Fetcher:
    """The address that was checked is the address that is connected to, whatever the name says a moment later."""

    def __init__(self, *, allow_local: bool = False) -> None:
        self._allow_local = allow_local
        timeout = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False)

    async def fetch(self, address: str) -> bytes:
        """Raises `Unreachable`."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                for _ in range(MAX_REDIRECTS + 1):
                    answer = await self._get(address)
                    if isinstance(answer, bytes):
                        return answer
                    address = urljoin(address, answer)
        except TimeoutError as error:
            raise Unreachable("no answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        raise Unreachable("too many redirects")

    async def close(self) -> None:
        await self._client.aclose()

    async def _get(self, address: str) -> bytes | str:
        """The content, or where it has moved to."""
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError as error:
            raise Unreachable("not an address") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unreachable("not an http or https address")
        ip = await self._resolve(parts.hostname, port or (443 if parts.scheme == "https" else 80))
        url = httpx.URL(address).copy_with(host=ip)
        request = self._client.build_request(
            "GET", url, headers={"host": parts.netloc.rpartition("@")[2], "accept": "image/*"}
        )
        request.extensions["sni_hostname"] = parts.hostname
        answer = await self._client.send(request, stream=True)
        try:
            return await _content(answer)
        finally:
            await answer.aclose()

    async def _resolve(self, host: str, port: int) -> str:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise Unreachable(f"the name {host} is not known") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not self._allow_local and not all(is_public(each) for each in addresses):
            raise Unreachable(f"{host} is inside a private network")
        return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address is of the public internet, also when written as IPv6 around IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if inner is not None:
        return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


async def _content(answer: httpx.Response) -> bytes | str:
    if answer.is_redirect and "location" in answer.headers:
        return answer.headers["location"]
    if answer.status_code != 200:
        raise Unreachable(f"answered {answer.status_code}")
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise Unreachable(f"larger than {MAX_BYTES:,} bytes")
    return bytes(content)
