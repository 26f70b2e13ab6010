"""Looks at the runs of a running house, and resumes and ends them, through the ports of its sagas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx

from luxe.app.registry import manifests
from luxe.kernel import context, saga_runs
from luxe.kernel.errors import NotFound
from luxe.kernel.ids import new_id
from luxe.kernel.ports import bind_http, internal_token
from luxe.kernel.saga_runs import RunLine, RunPage, RunsPort, RunStory

R = TypeVar("R")


def saga_names() -> list[str]:
    return [each.name for each in manifests() if each.port is not None and hasattr(each.port, "runs")]


class Sagas:
    """The sagas of a house by name."""

    def __init__(self, ports: Mapping[str, RunsPort]) -> None:
        self._ports = ports

    async def runs(self, state: str, saga: str, cursor: str, limit: int) -> RunPage:
        """Of one saga, or of all if `saga` is empty. Newest first."""
        ports = [port for name, port in self._ports.items() if saga in ("", name)]
        pages = await asyncio.gather(*(port.runs(state=state, cursor=cursor, limit=limit) for port in ports))
        return saga_runs.merged(pages, limit)

    async def story(self, run: str) -> RunStory:
        return (await self._found(run))[1]

    async def resume(self, run: str) -> RunLine:
        return await (await self._found(run))[0].resume(run=run)

    async def end(self, run: str, reason: str, undo: bool) -> RunLine:
        return await (await self._found(run))[0].end(run=run, reason=reason, undo=undo)

    async def _found(self, run: str) -> tuple[RunsPort, RunStory]:
        """Raises `NotFound` (`run_unknown`) if no saga knows the run."""
        for port in self._ports.values():
            try:
                return port, await port.run(run=run)
            except NotFound:
                continue
        raise NotFound("no saga has such a run", code="run_unknown")


@asynccontextmanager
async def reached(addresses: Mapping[str, str], secret: str, actor: str) -> AsyncIterator[Sagas]:
    """The sagas at the addresses of their processes, by name; what is done there is done in the name of `actor`."""
    token = internal_token(secret)
    async with httpx.AsyncClient() as client:
        ports = {
            each.name: bind_http(each.port, addresses[each.name], token, client)
            for each in manifests()
            if each.name in addresses and each.port is not None
        }
        with context.entered(context.Context(request_id=new_id("req"), actor=actor)):
            yield Sagas(ports)
