"""What every outside party's process shares: its socket, its signals and its end."""

import argparse
import asyncio
import ctypes
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import uvloop
from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.server.embed import Server

HOST = "127.0.0.1"
BACKLOG = 512
PR_SET_PDEATHSIG = 1
SHUTDOWN_GRACE = 3.0


class WebServer(Server):
    """Granian on a socket that we bound ourselves.

    Left alone, Granian binds with SO_REUSEPORT: a second process would share a taken port
    in silence, and port 0 could not be reported.
    """

    def __init__(self, app: Any, listener: socket.socket):
        super().__init__(app, interface=Interfaces.ASGINL, websockets=False, log_enabled=False)
        self._listener = listener

    def _init_shared_socket(self) -> None:
        self._shd = SocketHolder(self._listener.fileno(), False, BACKLOG)  # pyright: ignore[reportCallIssue]
        self._ssp = None


def arguments(program: str, *, ports: tuple[str, ...]) -> argparse.ArgumentParser:
    """A parser with the given port options (0 = any free port), `--data` and `--parent-death`."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    for port in ports:
        parser.add_argument(port, type=int, required=True, help="loopback port; 0 takes any free one")
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps this party's state")
    parser.add_argument("--parent-death", action="store_true", help="stop when the starting process dies")
    return parser


def listen(port: int) -> socket.socket:
    """A bound, listening loopback socket; ends the process with a clear message if the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        sys.exit(f"cannot listen on {HOST}:{port}: {error.strerror}")
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def prepare_folder(folder: Path) -> Path:
    """Creates the data folder; ends the process with a clear message if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"cannot use data folder {folder}: {error.strerror}")
    if not os.access(folder, os.W_OK):
        sys.exit(f"cannot use data folder {folder}: not writable")
    return folder


def die_with_parent() -> None:
    """Asks the kernel for SIGTERM when the thread that started this process ends."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the starting process is gone")


def report(error: Exception, scope: Any) -> None:
    """For Litestar's `after_exception`: prints where an unexpected error came from, without its values."""
    if getattr(error, "status_code", 500) >= 500:
        traceback.print_tb(error.__traceback__)
        print(f"{type(error).__name__} in {scope['path']}", file=sys.stderr, flush=True)


def announce(**ports: int) -> None:
    print(json.dumps({"ready": True, **ports}), flush=True)


async def until_signal() -> None:
    """Returns at the first SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


async def serve(app: Any, listener: socket.socket, until: Callable[[], Awaitable[None]]) -> None:
    """Serves `app` on `listener` until `until` returns; a server that ends by itself is an error."""
    server = WebServer(app, listener)
    serving = asyncio.create_task(server.serve())
    waiting = asyncio.ensure_future(until())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        waiting.cancel()
        await serving
        raise RuntimeError("the web server stopped by itself")
    server.stop()
    await asyncio.wait({serving}, timeout=SHUTDOWN_GRACE)


def run(main: Coroutine[Any, Any, None], *, parent_death: bool) -> None:
    if parent_death:
        die_with_parent()
    uvloop.run(main)
