"""From the source of a picture, an address or a file name, to an asset of the house; the placeholder where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from luxe.app.products.addresses import Fetcher, Unreachable
from luxe.kernel.errors import Refusal
from luxe.services.media import contract as media_contract

_AT_ONCE = 8


class Pictures:
    """`known` assets by source are not fetched again."""

    def __init__(
        self, media: media_contract.Port, fetcher: Fetcher, folder: Path | None, known: Mapping[str, str]
    ) -> None:
        self._media = media
        self._fetcher = fetcher
        self._folder = folder.resolve() if folder else None
        self.assets: dict[str, str] = dict(known)
        self.failures: dict[str, str] = {}

    async def gather(self, sources: Iterable[str], tick: Callable[[], None]) -> None:
        """Fills `assets` for all sources, and `failures` with the reason where only the placeholder could be had."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def take(source: str) -> None:
            async with gate:
                self.assets[source] = await self._asset(source)
                tick()

        await asyncio.gather(*(take(source) for source in sources))

    async def _asset(self, source: str) -> str:
        if source in self.assets:
            return self.assets[source]
        try:
            content = await self._content(source)
            return (await self._media.ingest(content=content, name=source.rpartition("/")[2])).id
        except Unreachable as error:
            self.failures[source] = str(error)
        except Refusal as refusal:
            self.failures[source] = refusal.detail or refusal.code
        return (await self._media.placeholder()).id

    async def _content(self, source: str) -> bytes:
        is_address = source.startswith(("http://", "https://"))
        if self._folder is not None:
            name = unquote(urlsplit(source).path.rpartition("/")[2]) if is_address else source
            path = (self._folder / name).resolve()
            if name and path.is_relative_to(self._folder) and path.is_file():
                return await asyncio.to_thread(path.read_bytes)
        if not is_address:
            raise Unreachable(
                "no such file in the folder of pictures" if self._folder else "a file name, but no --images"
            )
        return await self._fetcher.fetch(source)
