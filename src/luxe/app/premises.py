"""Where one house lives on this machine, and whether it can: its data folder, its lock, its port, its disk."""

import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from luxe.app.failure import Failure

ROOT = Path(os.environ.get("LUXE_ROOT") or Path(__file__).parents[3])
HOME = Path(os.environ.get("LUXE_HOME") or ROOT / ".luxe")
DEFAULT_DATA = HOME / "data"
DEFAULT_PORT = 8400
NEEDED_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Options:
    """What `luxe up` was asked for."""

    data: Path = DEFAULT_DATA
    port: int = DEFAULT_PORT
    listen: str = "127.0.0.1"
    many: bool = False
    seed: bool = True
    wallets: bool = False

    @property
    def public_url(self) -> str:
        """The one origin of everything a browser touches; passkeys need a name, so not 127.0.0.1."""
        return os.environ.get("LUXE_PUBLIC_URL") or f"http://localhost:{self.port}"


def prepare_folder(data: Path) -> None:
    """Makes `data`; raises `Failure` when it cannot be written to or its disk is full."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "logs").mkdir(exist_ok=True)
    except OSError as error:
        raise _unusable(data, error) from error
    free = shutil.disk_usage(data).free
    if free < NEEDED_BYTES:
        raise Failure(
            f"The disk that holds {data} is full: {free // 2**20} MB are free, {NEEDED_BYTES // 2**20} are needed.",
            "Free some space, or choose another folder with --data DIR. Nothing was started or changed.",
        )
    try:
        probe = data / ".probe"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise _unusable(data, error) from error


def _unusable(data: Path, error: OSError) -> Failure:
    return Failure(
        f"The data folder {data} cannot be written to ({error.strerror}).",
        "Change its owner or permissions, or choose another folder with --data DIR.",
    )


@contextmanager
def claimed(data: Path) -> Iterator[None]:
    """Holds the data folder for this process alone; raises `Failure` while another house has it."""
    with open(os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        if not _lock(file.fileno()):
            raise Failure(
                f"A house is already running on {data} (process {file.read().strip() or 'unknown'}).",
                "Look at it with `luxe status`, end it with `luxe down`, or open another with --data DIR --port N.",
            )
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _lock(file: int) -> bool:
    """Tries for a moment: `is_claimed` of another process may hold the file for an instant."""
    for _ in range(10):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(0.02)
    return False


def is_claimed(data: Path) -> bool:
    """Whether a supervisor runs on `data`."""
    try:
        with (data / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def check_port(listen: str, port: int) -> None:
    """Raises `Failure` when `port` cannot be listened on, naming who has it if that can be seen."""
    with socket.socket(socket.AF_INET6 if ":" in listen else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen, port))
            probe.listen(1)
        except PermissionError as error:
            raise Failure(
                f"Port {port} may only be used by root.", "Choose one above 1023 with --port N."
            ) from error
        except OSError as error:
            raise Failure(
                f"Port {port} on {listen} cannot be used: {_holder(port) or error.strerror}.",
                f"End what uses it, or choose another port, for instance --port {port + 1}.",
            ) from error


def _holder(port: int) -> str:
    try:
        pids = {
            entry.pid
            for entry in psutil.net_connections("tcp")
            if entry.status == psutil.CONN_LISTEN and entry.laddr and entry.laddr.port == port and entry.pid
        }
        names = [f"{psutil.Process(pid).name()} (process {pid})" for pid in pids]
    except psutil.Error:
        return ""
    return f"it is taken by {', '.join(names)}" if names else ""
