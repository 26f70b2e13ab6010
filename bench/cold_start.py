"""A cold `./luxe up` in a fresh clone with empty caches, and the second start: where the time goes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from bench.report import Row
from luxe.app.engines.engine import free_port
from tests.journeys.opened import OpenHouse, eventually

ROOT = Path(__file__).parent.parent


def run() -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="luxe-cold-"))
    clone = folder / "luxe"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LUXE_")}
    environment |= {
        "UV_CACHE_DIR": str(folder / "uv"),
        "npm_config_cache": str(folder / "npm"),
        "PIP_NO_CACHE_DIR": "1",
    }
    try:
        cold, log = _up(clone, folder / "data", environment)
        again, _ = _up(clone, folder / "data", environment)
        return [
            Row(
                "cold ./luxe up to the first page, empty caches",
                f"{cold:.0f} s",
                "≤ 120 s (Vendure ~215, Saleor ~426)",
            ),
            *(Row(f"  of which {name}", seconds) for name, seconds in _stages(log)),
            Row("second start to the first page", f"{again:.1f} s", "≤ 8 s"),
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _up(clone: Path, data: Path, environment: dict[str, str]) -> tuple[float, str]:
    port = free_port()
    began = time.perf_counter()
    command = ["./luxe", "up", "--data", str(data), "--port", str(port), "--detach"]
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    house = OpenHouse(data)
    eventually(lambda: httpx.get(house.url).status_code == 200, "the first page")
    took = time.perf_counter() - began
    log = done.stdout + done.stderr + (data / "logs" / "console.log").read_text()
    subprocess.run(["./luxe", "down", "--data", str(data)], cwd=clone, env=environment, capture_output=True)
    return took, log


def _stages(log: str) -> list[tuple[str, str]]:
    """Steps that took a second or more, as the bootstrapper and the supervisor said them."""
    found = re.findall(r"^\W*([a-zA-Z][^\n]*?)\s+\(?(\d+(?:\.\d+)?) ?s\)?$", log, re.MULTILINE)
    return [(name.strip(" .…·"), f"{float(seconds):.1f} s") for name, seconds in found if float(seconds) >= 1]
