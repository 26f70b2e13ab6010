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
PATIENCE = 3
"""Seconds until somebody else comes in where nobody gets on."""
LEASES = 180
"""Seconds that a buyer waits for one answer: a run may fall into the hands of one killed process after another."""
FULL = 12
"""As many there is room for, those that are held up included."""
WINDOWS = ("inventory", "loyalty", "payments", "orders", "checkout")
"""Whose transaction is open: stock is held or sold, points are settled, an intent moves, an order is written or paid, a
run's step is stored."""


class Crowd:
    """Buyers who buy until told to stop; `done` are purchases that came to their end.

    A process that is killed leaves its runs to nobody until their lease is over, which takes half a minute, and one whose news
    the provider loses waits longer; soon that holds up all who are there. So others come in as long as nobody gets on,
    and stay until the next fault: it finds writes under way, beside runs that those before have left lying.
    """

    def __init__(self, house: OpenHouse, key: str, piece: tuple[str, dict[str, Any]]) -> None:
        self.done: list[dict[str, Any]] = []
        self.errors: list[BaseException] = []
        self._house, self._key, self._piece = house, key, piece
        self._stop, self._leave, self._news = threading.Event(), threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        for _ in range(BUYERS):
            self._enter(self._stop)

    def send_in(self) -> None:
        """One more if there is room, until the next fault is over."""
        if sum(thread.is_alive() for thread in self._threads) < FULL:
            self._enter(self._leave)

    def _enter(self, leave: threading.Event) -> None:
        self._threads.append(
            threading.Thread(target=self._buy, args=(Buyer(self._house, self._key, LEASES), leave))
        )
        self._threads[-1].start()

    def _buy(self, buyer: Buyer, leave: threading.Event) -> None:
        while not (leave.is_set() or self._stop.is_set()):
            try:
                seen = buyer.buy(*self._piece)
            except BaseException as error:
                self.errors.append(error)
                return
            else:
                self.done.append(seen)
            finally:
                self._news.set()

    def await_purchase(self, what: str) -> None:
        """Returns once somebody has bought; fails with the error at the first buyer who gave up."""
        self._leave.set()
        self._leave = threading.Event()
        before, deadline = len(self.done), time.monotonic() + 150
        while True:
            self._news.clear()
            for error in self.errors:
                raise AssertionError(f"a buyer gave up before {what}") from error
            if len(self.done) > before:
                return
            assert time.monotonic() < deadline, f"never seen: {what}"
            if not self._news.wait(PATIENCE):
                self.send_in()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=180)
        assert not any(thread.is_alive() for thread in self._threads)


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


def await_open_transaction(house: OpenHouse, window: str, crowd: Crowd, seconds: float = 60) -> int:
    """Looks without a pause until a transaction of that service is under way; how many are."""
    url = house.run["env"]["LUXE_DATABASE_URL"].replace("postgresql+asyncpg", "postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    looking = text("SELECT count(*) FROM pg_stat_activity WHERE usename = :role AND backend_xid IS NOT NULL")
    began = time.monotonic()
    others = began + PATIENCE
    try:
        with engine.connect() as connection:
            while time.monotonic() < began + seconds:
                found = connection.execute(looking, {"role": f"luxe_{window}"}).scalar_one()
                if found:
                    return found
                if time.monotonic() > others:
                    crowd.send_in()
                    others += PATIENCE
    except SQLAlchemyError as error:
        raise AssertionError("the database went away before it was stopped") from error
    finally:
        engine.dispose()
    raise AssertionError(f"no transaction of {window} was ever seen")
