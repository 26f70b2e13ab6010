"""The bootstrapper: what it says on a machine that lacks something, and that it gets out of the way on one that does not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from luxe.app.premises import ROOT

TOOLS = (
    "cat",
    "chmod",
    "cksum",
    "date",
    "dirname",
    "flock",
    "grep",
    "id",
    "mkdir",
    "readlink",
    "sed",
    "sleep",
    "tail",
)


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with a shell's tools and nothing else; `bin` is where a test adds programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found:
            (programs / tool).symlink_to(found)
    return {"PATH": str(programs), "HOME": str(tmp_path), "LUXE_HOME": str(tmp_path / "home")}


def luxe(machine: dict[str, str], *arguments: str, script: Path = ROOT / "luxe", cwd: Path = ROOT):
    command = ["/bin/sh", str(script), *arguments]
    return subprocess.run(
        command, env=machine, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def add(machine: dict[str, str], name: str, script: str) -> None:
    path = Path(machine["PATH"]) / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_no_python_is_said_with_what_to_install(machine: dict[str, str]) -> None:
    done = luxe(machine, "status")

    assert done.returncode == 1
    assert "luxe: no Python 3.11 or newer was found." in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_a_python_that_is_too_old_is_not_used(machine: dict[str, str]) -> None:
    add(machine, "python3", f'exec {sys.executable} -c "raise SystemExit(1)"')

    done = luxe(machine, "status")

    assert done.returncode == 1
    assert "luxe: no Python 3.11 or newer was found." in done.stderr


def test_a_python_without_venv_is_named(machine: dict[str, str]) -> None:
    add(machine, "python3", f'case "$2" in *venv*) exit 1;; esac; exec {sys.executable} "$@"')

    done = luxe(machine, "status")

    assert done.returncode == 1
    assert f"luxe: {machine['PATH']}/python3 has no venv module." in done.stderr
    assert "apt-get install python3-venv" in done.stderr


def test_a_folder_that_cannot_be_written_is_named(machine: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")

    done = luxe(machine, "status")

    assert done.returncode == 1
    assert f"luxe: {tmp_path}/home cannot be written to." in done.stderr


def test_no_network_is_said_with_the_last_words_of_the_log(machine: dict[str, str]) -> None:
    add(machine, "python3", f'exec {sys.executable} "$@"')
    unreachable = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": "/dev/null"}

    done = luxe(machine | unreachable, "status")

    assert done.returncode == 1
    assert "luxe: The package installer could not be installed." in done.stderr
    assert "The package index could not be reached: check the network or the proxy settings," in done.stderr
    assert "      | " in done.stderr


def ready(machine: dict[str, str]) -> dict[str, str]:
    """A home that is stamped as up to date and whose python only says how it was called."""
    programs = Path(machine["LUXE_HOME"]) / "env" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").write_text('#!/bin/sh\necho "$LUXE_ROOT | $LUXE_HOME | $*"\n')
    (programs / "python").chmod(0o755)
    locks = [(ROOT / "requirements" / name).read_bytes() for name in ("bootstrap.txt", "runtime.txt")]
    stamp = subprocess.run(["cksum"], input=b"".join(locks), capture_output=True, check=True).stdout
    (programs.parent / ".stamp-runtime").write_bytes(stamp)
    return machine


def test_a_prepared_machine_goes_straight_to_the_command(machine: dict[str, str], tmp_path: Path) -> None:
    done = luxe(ready(machine), "status", "--data", "a folder")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{ROOT} | {tmp_path}/home | -P -m luxe.app status --data a folder\n"


def test_it_finds_itself_through_a_link_and_from_anywhere(machine: dict[str, str], tmp_path: Path) -> None:
    link = tmp_path / "here" / "luxe"
    link.parent.mkdir()
    link.symlink_to(os.path.relpath(ROOT / "luxe", link.parent))

    done = luxe(ready(machine) | {"LUXE_HOME": "home"}, "status", script=link, cwd=tmp_path)

    assert done.stdout == f"{ROOT} | {tmp_path}/home | -P -m luxe.app status\n"
