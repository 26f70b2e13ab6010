"""The index on disk. A pointer file names the folder in use; a new index is built beside it and swapped in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import structlog
from tantivy import Document, Index, Searcher

from luxe.kernel.ids import new_id
from luxe.services.search.domain.pieces import IndexedPiece
from luxe.services.search.store.schema import VERSION, document, register, schema

log = structlog.get_logger()

_HEAP = 32_000_000
_BULK_HEAP = 96_000_000


class Shelf:
    """One process's view of the index. Blocking: call `write` and `build` in a thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._name = ""
        self._index: Index | None = None

    def searcher(self) -> Searcher | None:
        """A snapshot of the index in use; None if there is none that can be opened and is of this version."""
        index = self._open()
        return index.searcher() if index is not None else None

    def refresh(self) -> None:
        """Sees what another writer has committed."""
        if self._index is not None:
            self._index.reload()

    def write(self, gone: Iterable[str], pieces: Iterable[IndexedPiece]) -> None:
        """Replaces pieces by id; durable and visible on return."""
        index = self._open()
        if index is None:
            raise RuntimeError("there is no index to write to")
        with index.writer(_HEAP, 1) as writer:
            for product_id in gone:
                writer.delete_documents_by_term("id", product_id)
            for piece in pieces:
                writer.delete_documents_by_term("id", piece.id)
                writer.add_document(document(piece))
        index.reload()

    def build(self, documents: Iterable[Document]) -> None:
        """A whole index in a new folder, then the pointer is moved to it."""
        name = f"v{VERSION}-{new_id('index')}"
        folder = self._root / name
        folder.mkdir(parents=True)
        index = register(Index(schema(), str(folder)))
        with index.writer(_BULK_HEAP, 1) as writer:
            for each in documents:
                writer.add_document(each)
        self._point_to(name)
        for other in self._root.iterdir():
            if other.is_dir() and other.name != name:
                shutil.rmtree(other, ignore_errors=True)

    def _open(self) -> Index | None:
        name = self._pointed()
        if not name.startswith(f"v{VERSION}-"):
            self._index, self._name = None, ""
            return None
        if name != self._name:
            try:
                self._index = register(Index.open(str(self._root / name)))
                self._name = name
            except (ValueError, OSError) as error:
                log.warning("index_unreadable", index=name, error=str(error))
                self._index, self._name = None, ""
        return self._index

    def _pointed(self) -> str:
        try:
            return (self._root / "current").read_text().strip()
        except FileNotFoundError:
            return ""

    def _point_to(self, name: str) -> None:
        fresh = self._root / f"current.{name}"
        with fresh.open("w") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._root / "current")
        handle = os.open(self._root, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
