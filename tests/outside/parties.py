"""Starts the real simulators, and a merchant that listens for their webhooks."""

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx

KEY = "sk_test_outside"
SECRET = "whsec_test_outside"
ENVIRONMENT = {
    "LUXE_PSP_KEY": KEY,
    "LUXE_PSP_WEBHOOK_SECRET": SECRET,
    "LUXE_CARRIER_KEY": KEY,
    "LUXE_CARRIER_WEBHOOK_SECRET": SECRET,
}
SOURCE = Path(__file__).resolve().parents[2] / "src"
T = TypeVar("T")


def command(module: str, *options: str) -> tuple[list[str], dict[str, str]]:
    environment = os.environ | ENVIRONMENT | {"PYTHONPATH": str(SOURCE)}
    return [sys.executable, "-m", module, *options], environment


class Party:
    """A simulator's process; `ready` is the line that it printed."""

    def __init__(self, module: str, *options: str):
        line, environment = command(module, *options)
        self.process = subprocess.Popen(
            line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        if not first:
            raise AssertionError(self.process.communicate()[1])
        self.ready = json.loads(first)
        self.url = f"http://127.0.0.1:{self.ready['port']}"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def stop(self) -> int:
        """Asks it to end; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=10)
        return self.process.returncode


def start_psp(data: Path, *options: str) -> Party:
    defaults = ("--port", "0", "--data", str(data), "--processing-delay", "0.3", "--parent-death")
    return Party("luxe_outside.psp", *defaults, *options)


def start_carrier(data: Path, *options: str) -> Party:
    defaults = ("--port", "0", "--data", str(data), "--parent-death")
    return Party("luxe_outside.carrier", *defaults, *options)


def start_mail(data: Path) -> Party:
    ports = ("--smtp-port", "0", "--http-port", "0")
    return Party("luxe_outside.mail", *ports, "--data", str(data), "--parent-death")


class Hook:
    """One webhook as it arrived."""

    def __init__(self, body: bytes, signature: str, accepted: bool):
        self.body, self.signature, self.accepted = body, signature, accepted
        self.event: dict[str, Any] = json.loads(body)
        self.at = time.time()

    def genuine(self) -> bool:
        """What a careful merchant checks: the signature over time and body, and that the time is now."""
        fields = dict(field.split("=", 1) for field in self.signature.split(","))
        signed = fields["t"].encode() + b"." + self.body
        expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, fields["v1"]) and abs(time.time() - int(fields["t"])) < 300


class Listener:
    """The merchant's webhook address; refuses the next `failing` calls and everything forged."""

    def __init__(self) -> None:
        self.hooks: list[Hook] = []
        self.failing = 0
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = listener.receive(body, self.headers["Psp-Signature"])
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Silence: the tests print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def receive(self, body: bytes, signature: str) -> int:
        failing = self.failing > 0
        self.failing -= failing
        hook = Hook(body, signature, accepted=not failing)
        if not hook.genuine():
            hook.accepted = False
        self.hooks.append(hook)
        return 503 if failing else 204 if hook.accepted else 400

    def types(self, intent: str) -> list[str]:
        """The accepted events of an intent in the order of their arrival."""
        return [hook.event["type"] for hook in self.of(intent) if hook.accepted]

    def of(self, intent: str) -> list[Hook]:
        return [hook for hook in self.hooks if hook.event["data"]["id"] == intent]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Merchant:
    """A merchant's client of the provider's API."""

    def __init__(self, psp: Party, listener: Listener):
        self.listener, self.root = listener, psp.url
        self.http = httpx.Client(
            base_url=f"{psp.url}/psp", headers={"Authorization": f"Bearer {KEY}"}, timeout=10
        )

    def post(self, path: str, body: Any = None, key: str | None = None, **options: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        return self.http.post(path, json=body, headers=headers, **options)

    def order(self, **changes: Any) -> dict[str, Any]:
        return {
            "amount": 980_000,
            "currency": "CNY",
            "reference": "ord_1",
            "return_url": "https://house.example/back?order=1",
            "webhook_url": self.listener.url,
            "description": "Silver membership",
            "locale": "en",
        } | changes

    def create(self, **changes: Any) -> str:
        answer = self.post("/v1/intents", self.order(**changes))
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def authorise(self, intent: str, card: Any = "4242424242424242") -> httpx.Response:
        return self.post(f"/v1/intents/{intent}/authorise", {"card": card})

    def authorised(self, **changes: Any) -> str:
        intent = self.create(**changes)
        assert self.authorise(intent).status_code == 200
        return intent

    def capture(self, intent: str, amount: int | None = None, key: str | None = None) -> httpx.Response:
        body = {} if amount is None else {"amount": amount}
        return self.post(f"/v1/intents/{intent}/capture", body, key)

    def refund(self, intent: str, amount: int, reference: str = "rma_1") -> httpx.Response:
        return self.post(f"/v1/intents/{intent}/refunds", {"amount": amount, "reference": reference})

    def get(self, intent: str) -> dict[str, Any]:
        return self.http.get(f"/v1/intents/{intent}").json()

    def status(self, intent: str) -> str:
        return self.get(intent)["status"]

    def effects(self, intent: str) -> list[tuple[str, int]]:
        journal = self.http.get("/control/journal", params={"intent": intent}).json()["data"]
        return [(row["effect"], row["amount"]) for row in journal]

    def fault(self, **order: Any) -> None:
        assert self.http.post("/control/faults", json=order).status_code == 200


def eventually(look: Callable[[], T], wanted: T, seconds: float = 5.0) -> None:
    """Waits until `look()` equals `wanted`; fails with what it saw last."""
    deadline = time.monotonic() + seconds
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"wanted {wanted!r}, saw {seen!r}"
        time.sleep(0.02)
