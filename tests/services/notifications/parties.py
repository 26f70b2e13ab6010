"""Outside parties of this suite: the mail sink as a test reads it, and a webhook receiver on a real socket."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import msgspec

from tests.outside.parties import Party


class Sink:
    """The mailbox of the mail sink's process."""

    def __init__(self, party: Party) -> None:
        self.smtp_port: int = party.ready["smtp_port"]
        self._http = httpx.Client(base_url=f"{party.url}/mail", timeout=10)

    def fault(self, **order: int) -> None:
        assert self._http.post("/control/faults", json=order).status_code < 300

    def clear(self) -> None:
        self.fault(refuse=0, drop_after_data=0, delay_ms=0)
        assert self._http.delete("/api/messages").status_code < 300

    def to(self, address: str) -> list[dict[str, Any]]:
        """Whole messages to an address, oldest first."""
        listed = self._http.get("/api/messages", params={"to": address}).json()["data"]
        return [self._http.get(f"/api/messages/{each['id']}").json() for each in reversed(listed)]

    def raw(self, message: dict[str, Any]) -> str:
        return self._http.get(f"/messages/{message['id']}/raw").text

    def close(self) -> None:
        self._http.close()


class Call(msgspec.Struct, frozen=True):
    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """What a careful receiver checks: the signature over time and body, and that the time is now."""
        fields = dict(field.split("=", 1) for field in self.headers["luxe-signature"].split(","))
        signed = fields["t"].encode() + b"." + self.body
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, fields["v1"]) and abs(time.time() - int(fields["t"])) < 300


class Receiver:
    """Answers with the statuses in `answers`, in turn, and then with 204."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.calls: list[Call] = []
        self.answers: list[int] = []
        self.hold = threading.Event()
        self.hold.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = receiver.answers.pop(0) if receiver.answers else 204
                receiver.calls.append(Call(self.path, headers, body, status))
                receiver.hold.wait(20)
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", f"{receiver.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def handle(self) -> None:
                """A client that hangs up over our certificate is its own affair."""
                with contextlib.suppress(ssl.SSLError, ConnectionError):
                    super().handle()

            def log_message(self, format: str, *args: Any) -> None:
                """Silence: the tests print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def types(self) -> list[str]:
        """The types of events that were taken, in order."""
        return [call.event["type"] for call in self.calls if call.status < 300]

    def close(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
