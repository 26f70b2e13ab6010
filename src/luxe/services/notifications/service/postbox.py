"""Connections to the mail server, kept open a moment for the letters that follow."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage

import aiosmtplib

SMTP_SECONDS = 10.0
KEPT_SECONDS = 5.0


class Postbox:
    """As many connections as letters are handed over at once. One that failed is not used again."""

    def __init__(self, host: str, port: int, local_hostname: str) -> None:
        self._host = host
        self._port = port
        self._local_hostname = local_hostname
        self._kept: dict[aiosmtplib.SMTP, asyncio.TimerHandle] = {}

    async def hand_over(self, message: EmailMessage) -> None:
        """Returns when the server has taken the letter. Raises what aiosmtplib and sockets do."""
        server = await self._reached() or await self._connected()
        try:
            await server.send_message(message)
        except BaseException:
            server.close()
            raise
        self._kept[server] = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._drop, server)

    def close(self) -> None:
        for server in list(self._kept):
            self._drop(server)

    async def _reached(self) -> aiosmtplib.SMTP | None:
        """A kept connection whose server still answers, before anything is entrusted to it."""
        while self._kept:
            server, timer = self._kept.popitem()
            timer.cancel()
            try:
                await server.rset()
            except (aiosmtplib.SMTPException, OSError):
                server.close()
            except BaseException:
                server.close()
                raise
            else:
                return server
        return None

    async def _connected(self) -> aiosmtplib.SMTP:
        server = aiosmtplib.SMTP(
            hostname=self._host, port=self._port, timeout=SMTP_SECONDS, local_hostname=self._local_hostname
        )
        try:
            await server.connect()
        except BaseException:
            server.close()
            raise
        return server

    def _drop(self, server: aiosmtplib.SMTP) -> None:
        self._kept.pop(server).cancel()
        server.close()
