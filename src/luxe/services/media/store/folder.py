"""The bytes: originals by hash, renditions by asset. Files appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


class Folder:
    """`root/originals/ab/<sha256>.<extension>` and `root/renditions/<asset>/<width>.<format>`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def original(self, sha256: str, extension: str) -> Path:
        return self._root / "originals" / sha256[:2] / f"{sha256}.{extension}"

    def rendition(self, asset_id: str, width: int, format_: str) -> Path:
        return self._root / "renditions" / asset_id / f"{width}.{format_}"


def write(path: Path, content: bytes, *, durable: bool) -> None:
    """Temporary file, fsync if it must survive a crash, rename: nobody sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    if durable:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
