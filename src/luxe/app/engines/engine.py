"""What the embedded engines have in common: a folder, a free port, a process that is ready or explains itself."""

import socket
from abc import ABC, abstractmethod
from pathlib import Path

from luxe.app.child import Child, Spec
from luxe.app.vault import Vault


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int, request: bytes, expected: bytes) -> bool:
    """Whether a server on loopback answers `request` with bytes that begin with `expected`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(request)
            return connection.recv(64).startswith(expected)
    except OSError:
        return False


def tcp_answers(port: int) -> bool:
    """Whether somebody listens on this port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def http_answers(port: int, path: str) -> bool:
    """Whether a GET of `path` on loopback is answered with 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    return answers(port, request.encode(), b"HTTP/1.1 200")


class Engine(ABC):
    """One embedded server. Tests use `start` and `stop`; the supervisor runs `spec` itself."""

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        self.vault = Vault(self.data)
        self.port = free_port()
        self.child: Child | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address that clients connect to, password included."""

    @abstractmethod
    def prepare(self) -> None:
        """Makes the folder and files the server needs; running it again changes nothing."""

    @abstractmethod
    def spec(self) -> Spec: ...

    def start(self) -> str:
        """Returns the address once the server answers; raises `Failure` when it does not."""
        self.prepare()
        self.child = Child(self.spec())
        self.child.start()
        try:
            self.child.await_ready()
        except BaseException:
            self.child.stop()
            raise
        return self.url

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"
