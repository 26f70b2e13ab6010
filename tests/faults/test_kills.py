"""kill -9 of each process of the house, and immediate stops of PostgreSQL, with purchases in flight."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.buyer import SCOPES, Buyer, api_key, stocked
from tests.journeys.invariants import violations
from tests.journeys.opened import OpenHouse, eventually, opened

BUYERS = 4
UNITS = 400


@pytest.fixture(scope="module")
def house() -> Iterator[OpenHouse]:
    with opened() as house:
        yield house


@pytest.fixture(scope="module")
def piece(house: OpenHouse) -> tuple[str, dict[str, Any]]:
    return stocked(house, UNITS)


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


@pytest.mark.parametrize("victim", ["house", "postgres", "nats", "psp", "gateway", "mail"])
def test_nothing_is_lost_or_doubled_when_a_process_is_killed(
    house: OpenHouse, piece: tuple[str, dict[str, Any]], victim: str
) -> None:
    key = api_key(house, "member", [scope for scope in SCOPES if not scope.startswith("inventory")])
    crowd = Crowd(house, key, piece)
    try:
        crowd.await_done(BUYERS, "some purchases before the fault")
        for _ in range(2):
            eventually(lambda: crowd.flying > 0, "purchases in flight")
            flying, before = crowd.flying, len(crowd.done)
            house.kill(victim)
            assert flying > 0
            house.await_web()
            crowd.await_done(before + 2 * BUYERS, "purchases after the fault")
    finally:
        crowd.stop()
    assert crowd.errors == []
    acknowledged = [seen["order_id"] for seen in crowd.done if seen["state"] == "done"]
    assert len(acknowledged) == len(crowd.done), [seen for seen in crowd.done if seen["state"] != "done"]
    assert len(set(acknowledged)) == len(acknowledged)
    paid = {row.id for row in house.rows("SELECT id FROM orders.orders WHERE state = 'paid'")}
    assert set(acknowledged) <= paid
    settled = time.monotonic() + 60
    while (broken := violations(house)) and time.monotonic() < settled:
        time.sleep(0.5)
    assert broken == {}
