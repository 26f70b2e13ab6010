"""A durable SQLite file with one writer: every write waits for its fsync, and writes share fsyncs."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]
MAX_BATCH = 256


class Database:
    """`write` promises durability once it returns; works run one after another, so each sees the last.

    Waiting works are committed together (group commit); each runs in a savepoint of its own, so that
    one that raises takes back only itself.
    """

    def __init__(self, path: Path, schema: str):
        self._path = path
        self._queue: queue.SimpleQueue[tuple[Work, asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        setup = self._connect()
        setup.executescript(schema)
        setup.close()
        self._reader = self._connect()
        self._thread = threading.Thread(target=self._run, name=f"writer:{path.name}", daemon=True)
        self._thread.start()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA busy_timeout = 5000")
        return connection

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work` in a transaction and returns its result once that is on disk."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put((work, future))
        return await future

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work` on committed state; to be called from the event loop's thread."""
        return work(self._reader)

    def close(self) -> None:
        """Finishes the waiting writes and closes the file."""
        self._queue.put(None)
        self._thread.join()
        self._reader.close()

    def _run(self) -> None:
        writer = self._connect()
        closing = False
        while not closing:
            batch = [self._queue.get()]
            while len(batch) < MAX_BATCH and not self._queue.empty():
                batch.append(self._queue.get())
            closing = None in batch
            jobs = [job for job in batch if job is not None]
            if jobs:
                self._loop.call_soon_threadsafe(_resolve, _commit(writer, jobs))
        writer.close()


Outcome = tuple[asyncio.Future[Any], Any, BaseException | None]


def _commit(writer: sqlite3.Connection, jobs: list[tuple[Work, asyncio.Future[Any]]]) -> list[Outcome]:
    try:
        writer.execute("BEGIN IMMEDIATE")
        outcomes = [_attempt(writer, work, future) for work, future in jobs]
        writer.execute("COMMIT")
    except sqlite3.Error as error:
        if writer.in_transaction:
            writer.execute("ROLLBACK")
        return [(future, None, error) for _, future in jobs]
    return outcomes


def _attempt(writer: sqlite3.Connection, work: Work, future: asyncio.Future[Any]) -> Outcome:
    writer.execute("SAVEPOINT work")
    try:
        result = work(writer)
    except Exception as error:
        writer.execute("ROLLBACK TO work")
        writer.execute("RELEASE work")
        return future, None, error
    writer.execute("RELEASE work")
    return future, result, None


def _resolve(outcomes: list[Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
