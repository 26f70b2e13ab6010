"""The use cases of media."""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Row

from luxe.kernel import clock
from luxe.kernel.cache import SingleFlight
from luxe.kernel.errors import NotFound
from luxe.kernel.house import House
from luxe.kernel.ids import is_id, new_id
from luxe.services.media.contract import FORMATS, WIDTHS, Asset, File
from luxe.services.media.domain import content as contents
from luxe.services.media.domain import pictures, placeholder
from luxe.services.media.store import folder, rows

_MEDIA_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg", "glb": "model/gltf-binary"}
_RENDITIONS = {f"{width}.{format_}": (width, format_) for width in WIDTHS for format_ in FORMATS}
_REMEMBERED = timedelta(minutes=10)
_AT_ONCE = 2


class _Stored(msgspec.Struct, frozen=True):
    """What serving needs to know of an asset."""

    id: str
    kind: str
    sha256: str
    extension: str


def _asset(row: Row[Any]) -> Asset:
    return Asset(
        id=row.id,
        kind=row.kind,
        url=f"/media/{row.id}",
        width=row.width,
        height=row.height,
        colour=row.colour,
        bytes=row.bytes,
    )


class Media:
    """Implements the Port. Pictures are decoded and encoded in two threads at most, so that memory stays bounded."""

    def __init__(self, house: House) -> None:
        self.db = house.database("media")
        self.folder = folder.Folder(house.settings.data_dir / "media")
        self._stored = house.cache("media.assets")
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="media")
        self._flight = SingleFlight()
        self._placeholder: Asset | None = None

    async def ingest(self, *, content: bytes, name: str) -> Asset:
        source = hashlib.sha256(content).hexdigest()
        async with self.db.transaction() as tx:
            found = await rows.by_source(tx, source)
        if found is not None:
            await self._ensure_original(found, content)
            return _asset(found)
        examined = await self._in_pool(contents.examine, content)
        sha256 = hashlib.sha256(examined.content).hexdigest()
        path = self.folder.original(sha256, examined.extension)
        await asyncio.to_thread(folder.write, path, examined.content, durable=True)
        row = {
            "id": new_id("asset"),
            "source_sha256": source,
            "sha256": sha256,
            "kind": examined.kind,
            "extension": examined.extension,
            "width": examined.width,
            "height": examined.height,
            "colour": examined.colour,
            "bytes": len(examined.content),
            "name": name[:300],
            "at": clock.now(),
        }
        async with self.db.transaction() as tx:
            if await rows.add(tx, row):
                self.db.audit("media.ingested", row["id"], sha256=sha256, bytes=row["bytes"])
            found = await rows.by_source(tx, source)
        assert found is not None
        return _asset(found)

    async def placeholder(self) -> Asset:
        if self._placeholder is None:
            drawn = await self._in_pool(placeholder.draw)
            self._placeholder = await self.ingest(content=drawn, name="placeholder.webp")
        return self._placeholder

    async def assets(self, *, asset_ids: list[str]) -> list[Asset]:
        found = await rows.by_ids(self.db.tx, asset_ids)
        return [_asset(found[asset_id]) for asset_id in asset_ids if asset_id in found]

    async def file(self, *, asset_id: str, name: str) -> File:
        stored = await self._find(asset_id)
        if stored.kind == "model":
            if name != "model.glb":
                raise _unknown()
            return await self._original(stored)
        if name not in _RENDITIONS:
            raise _unknown()
        width, extension = _RENDITIONS[name]
        path = self.folder.rendition(asset_id, width, extension)

        async def derive() -> bytes:
            return await self._derive(stored, width, extension, path)

        content = await asyncio.to_thread(folder.read, path)
        if content is None:
            content = await self._flight.run(f"{asset_id}/{name}", derive)
        return File(
            content=content,
            media_type=_MEDIA_TYPES[extension],
            etag=f"{stored.sha256[:24]}-{width}-{extension}",
        )

    async def _find(self, asset_id: str) -> _Stored:
        if not is_id(asset_id, "asset"):
            raise _unknown()

        async def look() -> bytes:
            async with self.db.reading() as tx:
                row = (await rows.by_ids(tx, [asset_id])).get(asset_id)
            if row is None:
                raise _unknown()
            return msgspec.msgpack.encode(_Stored(row.id, row.kind, row.sha256, row.extension))

        return msgspec.msgpack.decode(
            await self._stored.get_or_compute(asset_id, _REMEMBERED, look), type=_Stored
        )

    async def _original(self, stored: _Stored) -> File:
        content = await asyncio.to_thread(folder.read, self.folder.original(stored.sha256, stored.extension))
        if content is None:
            raise _unknown()
        return File(content=content, media_type=_MEDIA_TYPES[stored.extension], etag=stored.sha256[:32])

    async def _derive(self, stored: _Stored, width: int, format_: str, path: Path) -> bytes:
        original = await asyncio.to_thread(folder.read, self.folder.original(stored.sha256, stored.extension))
        if original is None:
            raise _unknown()
        content = await self._in_pool(pictures.rendition, original, width, format_)
        await asyncio.to_thread(folder.write, path, content, durable=False)
        return content

    async def _ensure_original(self, row: Row[Any], content: bytes) -> None:
        """Puts back a file that was lost from the folder; the row alone would serve nothing."""
        path = self.folder.original(row.sha256, row.extension)
        if not await asyncio.to_thread(path.exists):
            examined = await self._in_pool(contents.examine, content)
            await asyncio.to_thread(folder.write, path, examined.content, durable=True)

    async def _in_pool(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)


def _unknown() -> NotFound:
    return NotFound("no such picture or model", code="asset_unknown")
