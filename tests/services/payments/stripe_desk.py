"""Stripe as the package `localstripe` plays it, in a process of its own, with what that lacks put before it.

localstripe holds the payments and moves their money: PaymentIntents, charges, refunds. It has no Checkout Sessions, forgets
idempotency keys, and tells neither `amount_received` nor what a balance transaction was for. `Front` adds these, and loses
answers when told to. Neither has disputes, several captures of one payment, or a bound on refunds: those are left to vectors.
"""

from __future__ import annotations

import atexit
import hashlib
import hmac
import json
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from luxe.app.engines.engine import free_port
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent
from luxe.services.payments.service.provider import Provider
from luxe.services.payments.service.stripe import adapter
from tests.services.payments.desks import AMOUNTS, Desk

KEY, SECRET = "sk_test_of_the_house", "whsec_of_the_house"
VISA, DECLINED = "pm_card_visa", "pm_card_chargeCustomerFail"
PATHS = {"create": "/checkout/sessions", "capture": "/capture", "void": "/cancel", "refund": "/refunds"}


@cache
def stand_in() -> str:
    """The address of the one localstripe of these tests."""
    port = free_port()
    line = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(process.kill)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{url}/v1/charges", headers={"authorization": f"Bearer {KEY}"})
        except httpx.TransportError:
            assert time.monotonic() < deadline, "localstripe does not answer"
            time.sleep(0.05)
        else:
            return url


class Front:
    """What localstripe lacks. `lose` is the next call to lose: how its path ends, and whether it happens first."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.lose: tuple[str, bool] | None = None
        self._stripe = httpx.Client(
            base_url=stand_in(), headers={"authorization": f"Bearer {KEY}"}, timeout=20
        )
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(*front.get(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
                key = self.headers["Idempotency-Key"]
                self._answer(*front.post(urlsplit(self.path).path, dict(parse_qsl(body)), key))

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Silence: the tests print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def get(self, path: str) -> tuple[int, bytes]:
        parts = urlsplit(path)
        if parts.path.startswith("/v1/checkout/sessions/"):
            return self._described(parts.path.rsplit("/", 1)[1])
        answer = self._stripe.get(path)
        return answer.status_code, answer.content

    def post(self, path: str, form: dict[str, str], key: str) -> tuple[int, bytes]:
        lost, happens = self.lose or ("", False)
        mine = bool(lost) and path.endswith(lost)
        if mine:
            self.lose = None
        if mine and not happens:
            return 504, b"{}"
        if key not in self.answers:
            self.answers[key] = self._act(path, form)
        return (504, b"{}") if mine else self.answers[key]

    def payment(self, session: str) -> str:
        return self.sessions[session]["payment_intent"]

    def pay(self, session: str, method: str) -> None:
        """The payer's attempt; localstripe answers a decline with 402."""
        path = f"/v1/payment_intents/{self.payment(session)}"
        self._stripe.post(path, data={"payment_method": method}).raise_for_status()
        paid = self._stripe.post(f"{path}/confirm", data={})
        assert paid.status_code in (200, 402), paid.text
        if paid.is_success:
            self.sessions[session] |= {"status": "complete", "url": None}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._stripe.close()

    def _act(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        if path == "/v1/checkout/sessions":
            return self._open(form)
        if path.endswith("/expire"):
            session = path.split("/")[-2]
            self._stripe.post(f"/v1/payment_intents/{self.payment(session)}/cancel", data={})
            self.sessions[session] |= {"status": "expired", "url": None}
            return self._described(session)
        answer = self._stripe.post(path, data=form)
        return answer.status_code, answer.content

    def _open(self, form: dict[str, str]) -> tuple[int, bytes]:
        amount, currency = (
            form[f"line_items[0][price_data][{name}]"] for name in ("unit_amount", "currency")
        )
        held = {
            "amount": amount,
            "currency": currency,
            "capture_method": form["payment_intent_data[capture_method]"],
            "metadata[intent]": form["payment_intent_data[metadata][intent]"],
        }
        payment = self._stripe.post("/v1/payment_intents", data=held).raise_for_status().json()
        name = "cs_" + payment["id"].removeprefix("pi_")
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "status": "open",
            "url": f"{self.url}/pay/{name}",
            "client_reference_id": form["client_reference_id"],
            "metadata": {"intent": form["metadata[intent]"]},
            "amount_total": int(amount),
            "currency": currency,
            "payment_intent": payment["id"],
        }
        return self._described(name)

    def _described(self, name: str) -> tuple[int, bytes]:
        if name not in self.sessions:
            return 404, b'{"error": {"type": "invalid_request_error", "code": "resource_missing"}}'
        session = dict(self.sessions[name])
        path = f"/v1/payment_intents/{session['payment_intent']}?expand[]=latest_charge"
        payment = self._stripe.get(path).json()
        charge = payment["latest_charge"]
        payment["amount_received"] = charge["amount"] if charge and charge["captured"] else 0
        session["payment_intent"] = payment
        return 200, json.dumps(session).encode()


class StripeDesk:
    lacks: frozenset[str] = frozenset(
        {
            "search by our reference", "capture in part", "call to capture a part", "bounded refunds", "dispute",
            "statement",
        }
    )  # fmt: skip
    amounts: tuple[Money, ...] = AMOUNTS
    declined: tuple[str, str] = ("requires_method", "card_declined")
    """Stripe lets a payer who was declined try again on the page."""

    def __init__(self, front: Front, client: httpx.AsyncClient) -> None:
        self.front = front
        self._client = client
        self.provider = self._at(front.url)

    def _at(self, url: str) -> Provider:
        return adapter(self._client, {"key": KEY, "webhook_secret": SECRET, "url": url})

    async def pay(self, intent: Intent) -> None:
        self.front.pay(intent.psp_id, VISA)

    async def fail_to_pay(self, intent: Intent) -> None:
        self.front.pay(intent.psp_id, DECLINED)

    async def lose_answer(self, operation: str, *, happened: bool) -> None:
        self.front.lose = (PATHS[operation], happened)

    async def contest(self, intent: Intent) -> str:
        raise AssertionError("localstripe has no disputes")

    def event(self, intent: Intent, status: str) -> str:
        held = {"object": "checkout.session", "id": intent.psp_id, "client_reference_id": intent.id}
        return json.dumps({"id": "evt_1", "type": "checkout.session.completed", "data": {"object": held}})

    def sent(self, body: str, at: int) -> tuple[str, str]:
        digest = hmac.new(SECRET.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
        return body, f"t={at},v1={digest}"

    def gone(self) -> Provider:
        return self._at("http://127.0.0.1:9")


@asynccontextmanager
async def localstripe(_: Path) -> AsyncIterator[Desk]:
    front = Front()
    async with httpx.AsyncClient() as client:
        yield StripeDesk(front, client)
    front.close()
