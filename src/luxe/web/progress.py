"""Following a saga from a page: a status as JSON, a stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import msgspec
from litestar.response import ServerSentEvent, ServerSentEventMessage

STREAM_SECONDS = 120
SETTLES_WITHIN = 4.0
"""Seconds that a page waits for the payment page to be ready, or for a run that was given up to be undone."""
_EVERY = 0.3


def event_stream(look: Callable[[], Awaitable[Mapping[str, str | None]]]) -> ServerSentEvent:
    """Sends each change as a numbered event until one has a `location`; the browser reconnects if the time runs out.

    Every event is the whole state, so a reconnecting browser needs no replay of those it missed.
    """

    async def events() -> AsyncIterator[ServerSentEventMessage]:
        last, number = None, 0
        for _ in range(int(STREAM_SECONDS / _EVERY)):
            news = await look()
            if news != last:
                last, number = news, number + 1
                yield ServerSentEventMessage(data=msgspec.json.encode(news).decode(), id=str(number))
            if news.get("location"):
                return
            await asyncio.sleep(_EVERY)

    return ServerSentEvent(events())
