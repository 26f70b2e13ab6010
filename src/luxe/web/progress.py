"""Following a saga from a page: a short wait on the server, a status as JSON, a stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

import msgspec
from litestar.response import ServerSentEvent, ServerSentEventMessage

STREAM_SECONDS = 120
_EVERY = 0.1


class Watched(Protocol):
    """What the views of both sagas have in common."""

    @property
    def state(self) -> str: ...

    @property
    def pay_at(self) -> str: ...


V = TypeVar("V", bound=Watched)


async def settled(look: Callable[[], Awaitable[V]], ended_only: bool = False, seconds: float = 4) -> V:
    """Looks until the run has ended or (unless `ended_only`) waits for payment, for a short time; returns the last look."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        view = await look()
        if view.state not in ("running", "undoing") or (view.pay_at and not ended_only):
            return view
        if asyncio.get_running_loop().time() >= deadline:
            return view
        await asyncio.sleep(_EVERY)


def event_stream(look: Callable[[], Awaitable[Mapping[str, str | None]]]) -> ServerSentEvent:
    """Sends each change as a numbered event until one has a `location`; the browser reconnects if the time runs out.

    Every event is the whole state, so a reconnecting browser needs no replay of those it missed.
    """

    async def events() -> AsyncIterator[ServerSentEventMessage]:
        last, number = None, 0
        for _ in range(int(STREAM_SECONDS / _EVERY / 3)):
            news = await look()
            if news != last:
                last, number = news, number + 1
                yield ServerSentEventMessage(data=msgspec.json.encode(news).decode(), id=str(number))
            if news.get("location"):
                return
            await asyncio.sleep(_EVERY * 3)

    return ServerSentEvent(events())
