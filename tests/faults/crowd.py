"""Members who buy without a pause, and a payment provider that loses, doubles, delays and reorders meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from tests.journeys.buyer import Buyer
from tests.journeys.opened import OpenHouse, eventually

BUYERS = 5
WINDOWS = ("inventory", "loyalty", "payments", "orders", "checkout")
"""Whose transaction is open: stock is held or sold, points are settled, an intent moves, an order is written or paid, a
run's step is stored."""


class Crowd:
    """Buyers who buy until told to stop; `done` are runs whose order was acknowledged."""

    def __init__(self, house: OpenHouse, key: str, piece: tuple[str, dict[str, Any]]) -> None:
        self.done: list[dict[str, Any]] = []
        self.errors: list[BaseException] = []
        self.flying = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._buy, args=(Buyer(house, key), piece)) for _ in range(BUYERS)
        ]
        for thread in self._threads:
            thread.start()

    def _buy(self, buyer: Buyer, piece: tuple[str, dict[str, Any]]) -> None:
        while not self._stop.is_set():
            with self._lock:
                self.flying += 1
            try:
                seen = buyer.buy(*piece)
            except BaseException as error:
                self.errors.append(error)
                return
            finally:
                with self._lock:
                    self.flying -= 1
            self.done.append(seen)

    def await_done(self, count: int, what: str) -> None:
        """Returns once so many have bought; fails with the error at the first buyer who gave up."""
        eventually(lambda: self.errors or len(self.done) >= count, what, seconds=150)
        assert self.errors == []

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=180)


@contextmanager
def unreliable_provider(house: OpenHouse, seed: int) -> Iterator[list[str]]:
    """Some of the provider's events are lost, doubled, late or out of order, and some of its answers never come."""
    rng, over, ordered = Random(seed), threading.Event(), []

    def disturb() -> None:
        while not over.wait(1.5):
            webhook = {
                "lose": rng.choice((0, 0, 1)),
                "duplicate": rng.choice((0, 1, 3)),
                "delay_ms": rng.choice((0, 0, 300, 1_500)),
                "reorder": rng.random() < 0.3,
            }
            operation = rng.choice(("create", "capture", "get"))
            mode = rng.choice(("timeout_after", "timeout_before", "error_500"))
            api = {"operation": operation, "mode": mode, "count": 1, "hold_ms": 1_500}
            try:
                house.psp("POST", "/control/faults", json={"webhook": webhook, "api": api})
                ordered.append(f"{operation} {mode}")
            except (httpx.HTTPError, OSError):  # the provider is being started again
                continue

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        yield ordered
    finally:
        over.set()
        thread.join()
        eventually(lambda: house.psp("DELETE", "/control/faults") is not None, "a provider without faults")


def await_open_transaction(house: OpenHouse, window: str, seconds: float = 60) -> int:
    """Looks without a pause until a transaction of that service is under way; how many are."""
    url = house.run["env"]["LUXE_DATABASE_URL"].replace("postgresql+asyncpg", "postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    looking = text("SELECT count(*) FROM pg_stat_activity WHERE usename = :role AND backend_xid IS NOT NULL")
    deadline = time.monotonic() + seconds
    try:
        with engine.connect() as connection:
            while time.monotonic() < deadline:
                found = connection.execute(looking, {"role": f"luxe_{window}"}).scalar_one()
                if found:
                    return found
    except SQLAlchemyError as error:
        raise AssertionError("the database went away before it was stopped") from error
    finally:
        engine.dispose()
    raise AssertionError(f"no transaction of {window} was ever seen")
