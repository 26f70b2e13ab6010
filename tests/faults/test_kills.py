"""kill -9 of each process of the house, and immediate stops of PostgreSQL with writes in flight, in both shapes."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from luxe.app.verify import Report, Unverifiable, verify
from luxe.kernel.settings import load
from tests.faults.crowd import WINDOWS, Crowd, await_open_transaction, unreliable_provider
from tests.journeys.buyer import SCOPES, api_key, stocked
from tests.journeys.invariants import violations
from tests.journeys.opened import OpenHouse, eventually, opened

UNITS = 5_000
STOP = "an immediate stop of PostgreSQL"
AROUND = ("nats", "psp", "gateway", "mail")
ROUNDS = {
    "one": (
        "house",
        STOP,
        "house",
        STOP,
        *AROUND,
        "house",
        STOP,
        "house",
        "postgres",
        "psp",
        STOP,
        "house",
        "nats",
        STOP,
    ),
    "many": (
        "trade",
        STOP,
        "web",
        "trade",
        STOP,
        "rest",
        STOP,
        "trade",
        *AROUND,
        STOP,
        "postgres",
        "rest",
        "trade",
        STOP,
    ),
}
KILLS, STOPS = 25, 10
"""Of each shape, at least: fifty kills and twenty stops in all."""


@pytest.fixture(params=["one", "many"])
def shape(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def house(shape: str) -> Iterator[OpenHouse]:
    with opened(*(["--many"] if shape == "many" else []), on_disk=True) as house:
        yield house


def rounds(shape: str, times: int) -> Iterator[str]:
    """The victims in turn, until there were enough of both sorts."""
    kills = stops = 0
    for victim in itertools.cycle(ROUNDS[shape]):
        if kills >= KILLS * times and stops >= STOPS * times:
            return
        if victim == STOP and stops < STOPS * times:
            stops += 1
            yield victim
        elif victim != STOP and kills < KILLS * times:
            kills += 1
            yield victim


def stop_immediately(house: OpenHouse) -> None:
    """SIGQUIT to the postmaster, as `pg_ctl stop -m immediate` does it: no checkpoint, recovery at the next start."""
    before = house.pid("postgres")
    os.kill(before, signal.SIGQUIT)
    eventually(lambda: house.pid("postgres") not in (before, None), "a new postgres")


def strike(house: OpenHouse, victim: str, window: str, crowd: Crowd) -> int:
    """Kills or stops `victim` while a transaction of `window` is open; how many were."""
    under_way = await_open_transaction(house, window, crowd)
    if victim == STOP:
        stop_immediately(house)
    else:
        house.kill(victim)
    return under_way


def broken_while_busy(house: OpenHouse) -> dict[str, int]:
    """What `luxe verify` finds in a house that works, once its databases answer again."""

    def look() -> Report | None:
        try:
            return asyncio.run(verify(load(house.run["env"]), at_rest=False))
        except Unverifiable:
            return None

    return {each.name: each.broken for each in eventually(look, "databases that can be verified").broken}


def test_nothing_is_lost_or_doubled_whatever_dies(
    house: OpenHouse, shape: str, request: pytest.FixtureRequest
) -> None:
    key = api_key(house, "member", [scope for scope in SCOPES if not scope.startswith("inventory")])
    piece: tuple[str, dict[str, Any]] = stocked(house, UNITS)
    crowd = Crowd(house, key, piece)
    windows = {is_stop: itertools.cycle(WINDOWS) for is_stop in (True, False)}
    struck: list[tuple[str, str, int]] = []
    try:
        with unreliable_provider(house, seed=len(shape)) as troubles:
            crowd.await_purchase("a purchase before the first fault")
            for victim in rounds(shape, int(request.config.getoption("times", 1) or 1)):
                window = next(windows[victim == STOP])
                struck.append((victim, window, strike(house, victim, window, crowd)))
                house.await_web()
                crowd.await_purchase(f"a purchase after {victim}")
                assert broken_while_busy(house) == {}, struck[-1]
            assert len(troubles) >= len(struck) / 4
    finally:
        crowd.stop()
    _assert_in_every_window(struck)
    _assert_all_is_kept(house, crowd)


def _assert_in_every_window(struck: list[tuple[str, str, int]]) -> None:
    """A fault that hit nothing proves nothing."""
    kills = [each for each in struck if each[0] != STOP]
    stops = [each for each in struck if each[0] == STOP]
    assert len(kills) >= KILLS
    assert len(stops) >= STOPS
    assert all(under_way > 0 for _, _, under_way in struck)
    assert {window for _, window, _ in kills} == set(WINDOWS)
    assert {window for _, window, _ in stops} == set(WINDOWS)
    print(
        f"{len(kills)} kills and {len(stops)} immediate stops, {sum(each[2] for each in struck)} open transactions"
    )


def _assert_all_is_kept(house: OpenHouse, crowd: Crowd) -> None:
    assert crowd.errors == []
    acknowledged = [seen["order_id"] for seen in crowd.done if seen["state"] == "done"]
    others = [seen for seen in crowd.done if seen["state"] != "done"]
    assert {seen["state"] for seen in others} <= {"refused", "stuck"}, others
    assert len(others) <= len(crowd.done) / 10, "a provider that fails may cost a sale now and then"
    for seen in others:
        if seen["state"] == "stuck":
            _let_go_on(house, seen["run"])
    assert len(set(acknowledged)) == len(acknowledged)
    paid = {row.id for row in house.rows("SELECT id FROM orders.orders WHERE state = 'paid'")}
    assert set(acknowledged) <= paid
    settled = time.monotonic() + 60
    while (broken := violations(house)) and time.monotonic() < settled:
        time.sleep(0.5)
    assert broken == {}
    print(f"{len(acknowledged)} orders acknowledged, none lost, none doubled")


def _let_go_on(house: OpenHouse, run: str) -> None:
    """What a person does with a run whose step failed for a minute on end: once faults have stopped it comes to its end."""
    retry = [sys.executable, "-P", "-m", "luxe.app", "saga", "retry", run, "--data", str(house.data)]
    subprocess.run(retry, check=True, capture_output=True)
    state = "SELECT state FROM checkout.runs WHERE id = :run"
    eventually(lambda: house.rows(state, run=run)[0].state == "done", f"{run} done")
