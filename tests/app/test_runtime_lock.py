"""A house on what the runtime lock brings and nothing else, made by the bootstrapper as on a machine of its own."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from luxe.app.engines.engine import free_port
from luxe.app.premises import ROOT

OF_A_NEW_ENVIRONMENT = {"pip", "setuptools"}
INSTALLED = "import importlib.metadata as m; print(*(each.name for each in m.distributions()), sep='\\n')"


@pytest.fixture
def tree() -> Iterator[Path]:
    """The sources as they are, but for the islands: those are built with the tree's own packages, not with ours."""
    with tempfile.TemporaryDirectory(prefix="luxe-tree-", ignore_cleanup_errors=True) as path:
        tree = Path(path)
        shutil.copy(ROOT / "luxe", tree / "luxe")
        for shared in ("requirements", "src", "gateway", "demo"):
            (tree / shared).symlink_to(ROOT / shared)
        yield tree


def luxe(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    machine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LUXE_", "PYTHON", "VIRTUAL_ENV"))
    }
    command = ["/bin/sh", str(tree / "luxe"), *arguments]
    return subprocess.run(command, cwd=tree, env=machine, capture_output=True, text=True)


def locked(name: str) -> set[str]:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text()
    return {
        _canonical(found) for found in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", lines, re.MULTILINE)
    }


def installed(tree: Path) -> set[str]:
    python = tree / ".luxe" / "env" / "bin" / "python"
    listed = subprocess.run(
        [python, "-P", "-c", INSTALLED], cwd="/", capture_output=True, text=True, check=True
    )
    return {_canonical(name) for name in listed.stdout.split()}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_a_house_opens_on_the_runtime_lock_alone(tree: Path) -> None:
    port, data = free_port(), tree / "data"
    try:
        opened = luxe(tree, "up", "--data", str(data), "--port", str(port), "--no-seed", "--detach")
        assert opened.returncode == 0, opened.stdout + opened.stderr
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            assert client.get("/", headers={"accept": "text/html"}, follow_redirects=True).status_code == 200
            assert client.get("/v1/products").status_code == 401
            statuses = client.get("/v1/health/services").json()["statuses"]
            assert {each["status"] for each in statuses.values()} == {"SERVING"}
    finally:
        closed = luxe(tree, "down", "--data", str(data))

    assert (closed.returncode, closed.stdout) == (0, "Closed. The data is kept.\n")
    only_for_developers = locked("dev") - locked("runtime") - locked("bootstrap") - OF_A_NEW_ENVIRONMENT
    assert "pytest" in only_for_developers
    assert installed(tree) & only_for_developers == set()
    assert locked("runtime") <= installed(tree)
