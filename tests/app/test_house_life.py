"""How a house starts, survives the death of its parts, and ends: real engines, stand-ins for what serves units."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import asyncpg
import pytest

from luxe.app import runfile
from luxe.app.engines.engine import free_port
from tests.app.stub_control import StubHouse, is_running, launch, opened, until

CHILDREN = ["postgres", "nats", "psp", "carrier", "mail", "house", "health", "gateway"]


def sql(house: StubHouse, statement: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(house.run.env["LUXE_DATABASE_URL"].replace("+asyncpg", ""))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_an_open_house_says_what_runs_and_serves_pages_through_the_gateway(house: StubHouse) -> None:
    run = house.run

    assert [child.name for child in run.children] == CHILDREN
    assert (run.state, run.shape, run.port, run.pid) == ("ready", "one", house.port, house.process.pid)
    assert run.public_url == f"http://localhost:{house.port}"
    assert all(is_running(pid) for pid in house.pids().values())
    assert house.get("/some/page") | {"told": ...} == {
        "pid": house.pid("house"),
        "units": ["all"],
        "path": "/some/page",
        "told": ...,
    }


def test_the_serving_process_is_told_where_everything_is(house: StubHouse) -> None:
    told = house.get()["told"]

    assert {name: told[name] for name in house.run.env} == house.run.env
    assert told["LUXE_LISTEN_PORT"] == str(house.child("house").ports["http"])
    assert told["LUXE_SERVICES_AT"] == "{}"
    assert len(told["LUXE_SECRET"]) == 64


def test_passwords_are_for_the_owner_alone(house: StubHouse) -> None:
    modes = {
        name: oct((house.data / name).stat().st_mode & 0o777)
        for name in ("secrets.json", "run.json", "nats/nats.conf")
    }

    assert modes == dict.fromkeys(modes, "0o600")


def test_the_health_of_the_processes_is_served_as_json_and_follows_them(house: StubHouse) -> None:
    def statuses() -> dict[str, str]:
        return {name: each["status"] for name, each in house.get("/v1/health/services")["statuses"].items()}

    assert statuses() == {"": "SERVING", "house": "SERVING"}
    os.kill(house.pid("house"), signal.SIGSTOP)
    try:
        until(
            lambda: statuses() == {"": "NOT_SERVING", "house": "NOT_SERVING"}, "the halted process is noticed"
        )
    finally:
        os.kill(house.pid("house"), signal.SIGCONT)


@pytest.mark.parametrize("name", ["postgres", "nats", "house", "gateway", "psp"])
def test_a_killed_child_is_started_again_at_its_place(house: StubHouse, name: str) -> None:
    before = house.child(name)
    os.kill(house.pid(name), signal.SIGKILL)

    def is_back() -> bool:
        now = house.child(name)
        return now.pid not in (None, before.pid)

    until(is_back, f"{name} is started again")
    until(
        lambda: f"{name} is back after" in (house.data / "logs" / "supervisor.log").read_text(),
        "and is ready",
    )
    now = house.child(name)
    assert (now.ports, now.restarts) == (before.ports, before.restarts + 1)
    assert (
        f"{name} ended (signal KILL); it is started again in 0.2 s (attempt 1 of 5)"
        in (house.data / "logs" / "supervisor.log").read_text()
    )
    assert house.get()["pid"] == house.pid("house")
    assert sql(house, "SELECT 1") == 1


def test_a_second_house_on_the_same_data_is_refused(house: StubHouse) -> None:
    code, output = launch(house.data, free_port()).end()

    assert code == 1
    assert f"A house is already running on {house.data} (process {house.process.pid})." in output
    assert all(is_running(pid) for pid in house.pids().values())


def test_a_taken_port_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, output = launch(tmp_path, port).end()

    assert code == 1
    assert f"Port {port} on 127.0.0.1 cannot be used: it is taken by" in output
    assert f"(process {os.getpid()})" in output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "logs"]


def test_two_houses_run_side_by_side(house: StubHouse, tmp_path: Path) -> None:
    with opened(tmp_path, free_port()) as other:
        sql(house, "CREATE TABLE only_here (x int)")

        assert set(house.pids().values()) & set(other.pids().values()) == set()
        assert house.get()["pid"] == house.pid("house")
        assert other.get()["pid"] == other.pid("house")
        assert sql(other, "SELECT to_regclass('only_here')") is None


def test_an_interrupt_stops_every_child_and_a_restart_keeps_the_data(tmp_path: Path) -> None:
    with opened(tmp_path, free_port()) as first:
        pids = first.pids()
        sql(first, "CREATE TABLE kept AS SELECT 42 AS answer")
        first.signal(signal.SIGINT)
        code, output = first.end()

        assert code == 0
        assert output.endswith("Closed. The data is kept.\n")
        assert [name for name, pid in pids.items() if is_running(pid)] == []
        assert runfile.read(tmp_path) is None

    with opened(tmp_path, first.port) as second:
        assert sql(second, "SELECT answer FROM kept") == 42


def test_a_killed_supervisor_leaves_no_process_and_no_loss(tmp_path: Path) -> None:
    with opened(tmp_path, free_port()) as first:
        pids = first.pids()
        sql(first, "CREATE TABLE kept AS SELECT 42 AS answer")
        first.signal(signal.SIGKILL)
        first.end()

        until(lambda: not [pid for pid in pids.values() if is_running(pid)], "no orphan", seconds=10)

    with opened(tmp_path, first.port) as second:
        assert sql(second, "SELECT answer FROM kept") == 42


def test_a_house_killed_and_opened_in_the_same_moment_opens(tmp_path: Path) -> None:
    with opened(tmp_path, free_port()) as first:
        sql(first, "CREATE TABLE kept AS SELECT 42 AS answer")
        first.signal(signal.SIGKILL)
        with opened(tmp_path, free_port()) as second:
            assert sql(second, "SELECT answer FROM kept") == 42
        first.end()


def test_a_child_that_keeps_dying_ends_the_house_with_its_reason(tmp_path: Path) -> None:
    with opened(tmp_path, free_port()) as house:
        pids = house.pids()
        for _ in range(6):
            os.kill(house.pid("house"), signal.SIGKILL)
            restarts = house.child("house").restarts

            def is_next_or_over(restarts: int = restarts) -> bool:
                run = runfile.read(tmp_path)
                if run is None:
                    return True
                [child] = [child for child in run.children if child.name == "house"]
                return child.restarts > restarts and child.pid is not None

            until(is_next_or_over, "the next attempt")
        code, output = house.end()

    assert code == 1
    assert "house keeps dying (signal KILL, 5 restarts did not help)." in output
    assert [name for name, pid in pids.items() if is_running(pid)] == []


def test_in_many_each_process_serves_its_units_and_knows_the_others(tmp_path: Path) -> None:
    with opened(tmp_path, free_port(), "--many") as house:
        told = house.get()
        trade = house.child("trade").ports["http"]
        rest = house.child("rest").ports["http"]

        assert [name for name in house.pids() if name in ("web", "trade", "rest")] == ["web", "trade", "rest"]
        assert told["units"] == ["web"]
        assert f'"inventory": "http://127.0.0.1:{trade}"' in told["told"]["LUXE_SERVICES_AT"]
        assert f'"catalog": "http://127.0.0.1:{rest}"' in told["told"]["LUXE_SERVICES_AT"]
        assert '"web"' not in told["told"]["LUXE_SERVICES_AT"]
