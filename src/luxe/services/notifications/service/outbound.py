"""Calls to addresses that strangers chose: only where they may go, no redirects, no keeping of connections."""

from __future__ import annotations

import asyncio
import socket
import ssl

import httpx

from luxe.services.notifications.domain import urls

SECONDS = 10.0


class NotAllowed(Exception):
    """A name resolves to where the house does not call."""


class Outbound:
    """The name is resolved once, and the call goes to the very address that was checked.

    A connection is never used again: one address may serve many names, and each must show its own certificate.
    """

    def __init__(self, loopback_allowed: bool, trust: ssl.SSLContext | None = None) -> None:
        self._loopback_allowed = loopback_allowed
        limits = httpx.Limits(max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(verify=trust or True, trust_env=False, limits=limits)

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """The answer's status, or 0 if there was none in ten seconds or the address may not be called."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._post(url, body, headers)
        except (httpx.TransportError, httpx.InvalidURL, OSError, UnicodeError, urls.UrlRefused, NotAllowed):
            return 0

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        urls.check(url, self._loopback_allowed)
        target = httpx.URL(url)
        host = target.raw_host.decode("ascii")
        address = await self._resolve(host, target.port or {"https": 443, "http": 80}[target.scheme])
        request = httpx.Request(
            "POST",
            target.copy_with(host=address),
            content=body,
            headers={**headers, "host": target.netloc.decode("ascii")},
            extensions={
                "sni_hostname": host,
                "timeout": httpx.Timeout(SECONDS).as_dict(),
            },
        )
        response = await self._transport.handle_async_request(request)
        await response.aclose()
        return response.status_code

    async def _resolve(self, host: str, port: int) -> str:
        """One of the host's addresses; refused if any of them is off limits. Raises `NotAllowed`."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(urls.may_connect(host, address) for address in addresses):
            raise NotAllowed(host)
        return next((each for each in addresses if ":" not in each), addresses[0])

    async def close(self) -> None:
        await self._transport.aclose()
