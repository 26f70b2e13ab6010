"""`luxe saga` and `luxe verify` on a real house: runs that stand somewhere are put into its database."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from luxe.app import runfile
from luxe.app.cli import saga
from luxe.app.engines.engine import free_port
from luxe.kernel.db import make_engine
from luxe.kernel.ids import new_id
from tests.app.conftest import folder
from tests.app.planting import Planting
from tests.app.test_verbs import luxe
from tests.journeys.opened import eventually

REFUSED = {
    "code": "sold_out",
    "status": 409,
    "title": "Sold out",
    "detail": "no",
    "type": "urn:luxe:sold_out",
}
INPUT = {
    "account_id": "acc_lin", "lines": [{"variant_id": "var_ring", "quantity": 1}], "currency": "CNY", "points": 0,
    "address": {"name": "Lin", "line1": "1", "city": "Shanghai", "country": "CN", "phone": "+8613812345678"},
    "deliver_on": "2099-01-01", "expected": {"minor": 100, "currency": "CNY"}, "locale": "en",
}  # fmt: skip
"""Of a checkout that never came to anything outside, so that its steps have nothing to undo."""


@contextmanager
def opened(*options: str) -> Iterator[Path]:
    with folder() as data:
        up = luxe("up", "--data", str(data), "--port", str(free_port()), "--no-seed", "--detach", *options)
        assert up.returncode == 0, up.stdout + up.stderr
        try:
            yield data
        finally:
            luxe("down", "--data", str(data))


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with opened() as data:
        yield data


def standing(data: Path, **values: Any) -> str:
    """A checkout run that stands as `values` say."""
    run = new_id("run")

    async def plant() -> None:
        told = runfile.read(data)
        assert told is not None
        engine = make_engine(told.env["LUXE_DATABASE_URL"])
        async with engine.begin() as connection:
            planting = Planting(connection)
            later = {"wake_at": planting.ago(days=-1)}
            await planting.add(
                "checkout.runs", id=run, key=run, owner="acc_lin", input=INPUT, **later | values
            )
            await planting.add(
                "checkout.run_log", run_id=run, step="hold", outcome="retries", note="OSError('gone')"
            )
        await engine.dispose()

    asyncio.run(plant())
    return run


def shown(data: Path, *arguments: str) -> Any:
    """What the command prints, in this process: most of the time of one of its own would go to imports."""
    printed = io.StringIO()
    with redirect_stdout(printed), pytest.raises(SystemExit) as ended:
        saga.main(["saga", *arguments, "--data", str(data), "--json"])
    assert not ended.value.code
    return json.loads(printed.getvalue())


def come_to(data: Path, run: str, state: str) -> dict[str, Any]:
    return eventually(
        lambda: next(iter([s for s in [shown(data, "show", run)] if s["line"]["state"] == state]), None),
        f"{run} {state}",
    )


def test_runs_are_listed_newest_first_page_by_page(data: Path) -> None:
    runs = [standing(data, state="stuck", cursor=3, attempts=8) for _ in range(3)][::-1]
    first = shown(data, "list", "--state", "stuck", "--limit", "2")
    assert [line["run"] for line in first["items"]] == runs[:2]
    second = shown(data, "list", "--state", "stuck", "--limit", "2", "--cursor", first["next"])
    assert [line["run"] for line in second["items"]][:1] == runs[2:]
    assert shown(data, "list", "--state", "stuck", "--saga", "join")["items"] == []
    told = luxe("saga", "list", "--state", "stuck", "--data", str(data)).stdout.splitlines()[0]
    assert told.split()[:6] == [runs[0], "checkout", "stuck", "capture,", "8", "attempts"]


def test_everything_a_person_needs_of_a_run_is_shown(data: Path) -> None:
    run = standing(data, state="stuck", cursor=3, attempts=8, results={"place": "ord_1"}, request_id="req_1")
    story = shown(data, "show", run)
    assert story["line"] | {"changed_at": "", "started_at": ""} == {
        "run": run, "saga": "checkout", "state": "stuck", "step": "capture", "owner": "acc_lin", "subject": "ord_1",
        "attempts": 8, "problem_code": "", "problem": "OSError('gone')", "started_at": "", "changed_at": "",
    }  # fmt: skip
    assert (story["pivot"], story["input"], story["request_id"]) == ("capture", INPUT, "req_1")
    assert [(moment["step"], moment["outcome"]) for moment in story["history"]] == [("hold", "retries")]
    assert (story["may_resume"], story["may_undo"], story["may_close"]) == (True, True, True)
    assert (
        "may         retry, end --undo, end --close" in luxe("saga", "show", run, "--data", str(data)).stdout
    )


def test_a_stuck_run_goes_on(data: Path) -> None:
    run = standing(data, state="stuck", cursor=0, problem=REFUSED)
    assert shown(data, "retry", run)["state"] == "undoing"
    story = come_to(data, run, "refused")
    assert [each["outcome"] for each in story["history"]] == ["retries", "resumed", "undone"]
    assert story["history"][1]["actor"].startswith("command:")


def test_a_waiting_run_is_undone_and_ended(data: Path) -> None:
    run = standing(data, state="running", cursor=0)
    ended = shown(data, "end", run, "--undo", "--reason", "asked for by telephone")
    assert ended["state"] == "running"
    story = come_to(data, run, "ended")
    assert (story["line"]["problem_code"], story["signals"]["end"]["reason"]) == (
        "ended_by_hand",
        "asked for by telephone",
    )
    assert shown(data, "end", run, "--undo", "--reason", "again")["state"] == "ended"
    assert shown(data, "show", run)["history"] == story["history"]


def test_a_run_past_its_pivot_is_closed_as_it_stands(data: Path) -> None:
    run = standing(data, state="stuck", cursor=4, results={"place": "ord_1"})
    done = luxe("saga", "end", run, "--undo", "--reason", "it must", "--data", str(data))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0] == "luxe: This run cannot be undone any more (past_pivot)."
    assert shown(data, "end", run, "--close", "--reason", "settled by hand")["state"] == "ended"
    assert shown(data, "show", run)["results"] == {"place": "ord_1"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("show", "run_unknown"), "No saga has such a run (run_unknown)."),
        (("show",), "`luxe saga show` takes the id of a run."),
        (("list", "run_1"), "`luxe saga list` takes no run."),
        (("end", "run_unknown"), "Say how the run is to end."),
        (("list", "--state", "asleep"), "No run is 'asleep'."),
        (("list", "--saga", "sleep"), "There is no saga 'sleep'."),
    ],
)
def test_what_cannot_be_done_is_said(data: Path, arguments: tuple[str, ...], problem: str) -> None:
    done = luxe("saga", *arguments, "--data", str(data))
    assert (done.returncode, done.stdout, done.stderr.splitlines()[0]) == (1, "", f"luxe: {problem}")


def test_a_house_that_does_not_run_has_no_runs_to_show(tmp_path: Path) -> None:
    done = luxe("saga", "list", "--data", str(tmp_path))
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, f"luxe: No house is running on {tmp_path}.")


def test_verify_passes_over_what_is_under_way_and_names_what_is_broken(data: Path) -> None:
    run = standing(data, state="stuck", cursor=4)
    sound = luxe("verify", "--data", str(data))
    assert (sound.returncode, sound.stderr) == (0, ""), sound.stdout
    assert sound.stdout.splitlines()[-1].endswith("invariants hold.")

    at_rest = luxe("verify", "--at-rest", "--json", "--data", str(data))
    report = json.loads(at_rest.stdout)
    found = {
        each["name"]: [row["id"] for row in each["rows"]] for each in report["findings"] if each["broken"]
    }
    assert (at_rest.returncode, list(found)) == (1, ["no run is under way or stuck"])
    assert run in found["no run is under way or stuck"]

    told = luxe("verify", "--at-rest", "--data", str(data))
    assert told.returncode == 1
    assert f"      id {run}, run {run}, saga checkout, state stuck" in told.stdout.splitlines()


def test_runs_are_reached_in_whichever_process_serves_their_saga() -> None:
    with opened("--many") as data:
        run = standing(data, state="stuck", cursor=0, problem=REFUSED)
        assert [line["run"] for line in shown(data, "list")["items"]] == [run]
        assert shown(data, "end", run, "--close", "--reason", "settled by hand")["state"] == "ended"
