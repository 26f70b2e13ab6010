"""Opens a whole house for tests, in either shape, and knows where everything of it is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import Connection, create_engine, text

from luxe.app.engines.engine import free_port
from tests.scratch import scratch

T = TypeVar("T")
PATIENCE = 90.0


def eventually(look: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """The first answer that is not None or false; fails with `what` when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"never seen: {what}")
        time.sleep(0.1)


class OpenHouse:
    """A running house. `run` is its `run.json`."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._psp = httpx.Client(timeout=30, verify=False)  # noqa: S501 - plain HTTP on loopback

    @property
    def run(self) -> dict[str, Any]:
        return json.loads((self.data / "run.json").read_text())

    @property
    def url(self) -> str:
        return self.run["public_url"]

    @property
    def logins(self) -> dict[str, dict[str, str]]:
        return {login["who"]: login for login in json.loads((self.data / "demo-logins.json").read_text())}

    def pid(self, child: str) -> int:
        return next(each["pid"] for each in self.run["children"] if each["name"] == child)

    def kill(self, child: str) -> None:
        """kill -9, and waits until the supervisor has another one running."""
        before = self.pid(child)
        os.kill(before, signal.SIGKILL)
        eventually(lambda: self.pid(child) not in (before, None), f"a new {child}")

    def await_web(self) -> None:
        def answers() -> bool:
            try:
                return httpx.get(f"{self.url}/", timeout=5).status_code == 200
            except httpx.TransportError:
                return False

        eventually(answers, "the first page")

    def psp(self, method: str, path: str, **content: Any) -> Any:
        """A call of the PSP simulator's private API; `path` begins after `/psp`."""
        base = self.run["env"]["LUXE_PSP_URL"]
        headers = {"authorization": f"Bearer {self.run['env']['LUXE_PSP_KEY']}"}
        answer = self._psp.request(method, base + path, headers=headers, **content)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Newest first."""
        answer = httpx.get(f"{self.url}/mail/api/messages", params={"to": to}, timeout=10).json()
        return answer["data"] if isinstance(answer, dict) else answer

    def mail(self, to: str, subject_part: str) -> dict[str, Any]:
        """The newest letter to an address whose subject has these words, waiting for it."""

        def look() -> dict[str, Any] | None:
            return next(
                (each for each in self.mails(to) if subject_part.lower() in each["subject"].lower()), None
            )

        found = eventually(
            look, f"a letter to {to} about {subject_part}; seen: {[m['subject'] for m in self.mails(to)]}"
        )
        return httpx.get(f"{self.url}/mail/api/messages/{found['id']}", timeout=10).json()

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """What an SQL statement finds, as the house's administrator."""
        with self._connection() as connection:
            return list(connection.execute(text(statement), values))

    def change(self, statement: str, **values: Any) -> None:
        """Puts something into the database that a test cannot bring about otherwise."""
        with self._connection() as connection:
            connection.execute(text(statement), values)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        url = self.run["env"]["LUXE_DATABASE_URL"].replace("postgresql+asyncpg", "postgresql+psycopg")
        engine = create_engine(url)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


@contextmanager
def opened(
    *options: str,
    keep: Collection[str] = (),
    settings: Mapping[str, str] | None = None,
    on_disk: bool = False,
) -> Iterator[OpenHouse]:
    """`luxe up` on a fresh folder and a free port, seeded; ended, and its folder removed, when the block ends.

    Settings of the environment are not passed on, but for those named in `keep`; `settings` are. The house's folder lies in
    memory where there is room, unless it shall be `on_disk`.
    """
    data = Path(tempfile.mkdtemp(prefix="luxe-house-")) if on_disk else scratch("house")
    argv = [sys.executable, "-P", "-m", "luxe.app"]
    environment = {
        name: value for name, value in os.environ.items() if name in keep or not name.startswith("LUXE_")
    }
    environment |= settings or {}
    up = [*argv, "up", "--data", str(data), "--port", str(free_port()), "--detach", *options]
    done = subprocess.run(up, env=environment, capture_output=True, text=True)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield OpenHouse(data)
    finally:
        subprocess.run([*argv, "down", "--data", str(data)], env=environment, capture_output=True)
        shutil.rmtree(data, ignore_errors=True)
