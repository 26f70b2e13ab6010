"""The `luxe` command on a real house: nothing is stood in for, only the demo is left out."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from luxe.app import runfile
from luxe.app.engines.engine import free_port
from tests.app.conftest import folder
from tests.app.stub_control import is_running


def luxe(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "luxe.app", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=None, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def real() -> Iterator[tuple[Path, int]]:
    with folder() as data:
        port = free_port()
        opened = luxe("up", "--data", str(data), "--port", str(port), "--no-seed", "--detach")
        assert opened.returncode == 0, opened.stdout + opened.stderr
        assert f"http://localhost:{port}/office" in opened.stdout
        yield data, port
        luxe("down", "--data", str(data))


def test_a_house_serves_its_gate_and_its_health(real: tuple[Path, int]) -> None:
    _, port = real
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, timeout=30) as client:
        assert client.get("/", headers={"accept": "text/html"}).status_code == 200
        assert client.get("/v1/products").json()["code"] == "unauthenticated"
        assert client.get("/mail/").status_code == 200
        assert client.get("/v1/health/services").json()["statuses"]["house"] == {"status": "SERVING"}


def test_status_and_migrate_find_the_running_house(real: tuple[Path, int]) -> None:
    data, port = real
    status = luxe("status", "--data", str(data))
    migrated = luxe("migrate", "--data", str(data))

    assert (status.returncode, status.stdout.splitlines()[0].split(" · ")[:3]) == (
        0,
        [f"http://localhost:{port}", "ready", "shape one"],
    )
    assert (migrated.returncode, migrated.stdout) == (0, "every schema is at its newest revision\n")


def test_a_second_up_is_refused_in_the_background_too(real: tuple[Path, int]) -> None:
    data, _ = real
    again = luxe("up", "--data", str(data), "--port", str(free_port()), "--detach")

    assert again.returncode == 1
    assert again.stderr.startswith(f"luxe: A house is already running on {data} (process ")


def test_down_ends_it_and_the_next_up_repeats_none_of_the_first_ones_work(real: tuple[Path, int]) -> None:
    data, port = real
    run = runfile.read(data)
    assert run is not None

    down = luxe("down", "--data", str(data))

    assert (down.returncode, down.stdout) == (0, "Closed. The data is kept.\n")
    assert [child.name for child in run.children if child.pid and is_running(child.pid)] == []
    assert luxe("status", "--data", str(data)).returncode == 3
    assert luxe("down", "--data", str(data)).stdout == f"No house is running on {data}.\n"
    stamps = {path.name: path.stat().st_mtime_ns for path in (data / "stamps").iterdir()}
    assert sorted(stamps) == ["derive", "migrate"]

    assert luxe("up", "--data", str(data), "--port", str(port), "--no-seed", "--detach").returncode == 0

    after = {path.name: path.stat().st_mtime_ns for path in (data / "stamps").iterdir()}
    assert {name: when == after[name] for name, when in stamps.items()}["migrate"]
    reopened = runfile.read(data)
    assert reopened is not None
    assert reopened.env["LUXE_SECRET"] == run.env["LUXE_SECRET"]


def test_an_unknown_verb_is_told_what_there_is() -> None:
    done = luxe("upp")

    assert done.returncode == 2
    assert done.stderr.strip() == "luxe: there is no verb 'upp'"
    assert "  up        start the house" in done.stdout


def test_an_unknown_suite_is_told_what_there_is() -> None:
    done = luxe("test", "nosuch")

    assert done.returncode == 1
    assert done.stderr.startswith("luxe: There is no suite 'nosuch'.\n  There are: app, ")


def test_openapi_and_protos_are_written_without_a_house(tmp_path: Path) -> None:
    done = luxe("openapi", "--output", str(tmp_path / "api.json"), "--protos", str(tmp_path / "protos"))

    assert (done.returncode, done.stderr) == (0, "")
    assert '"/v1/products"' in (tmp_path / "api.json").read_text()
    assert "service Inventory {" in (tmp_path / "protos" / "luxe" / "inventory" / "v1.proto").read_text()
