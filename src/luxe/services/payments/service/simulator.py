"""The adapter to our own PSP simulator: its REST API and its signed webhooks."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any

import httpx
import msgspec

from luxe.kernel import errors
from luxe.kernel.money import Money
from luxe.kernel.settings import Settings
from luxe.kernel.telemetry import span
from luxe.services.payments.contract import Intent, IntentState
from luxe.services.payments.domain import Standing
from luxe.services.payments.service.provider import Heard, Order, ProviderRefused, WrongState

SECONDS = 8.0
TOLERANCE_SECONDS = 300


class _Method(msgspec.Struct):
    type: str
    brand: str | None = None
    last4: str | None = None


class _Intent(msgspec.Struct):
    id: str
    status: IntentState
    amount: int
    amount_captured: int
    amount_refunded: int
    currency: str
    reference: str
    hosted_url: str
    failure_code: str | None = None
    method: _Method | None = None


class _Found(msgspec.Struct):
    data: list[_Intent]


class _Event(msgspec.Struct):
    id: str
    type: str
    data: _Intent


class _Error(msgspec.Struct):
    code: str
    message: str = ""


class Simulator:
    def __init__(self, client: httpx.AsyncClient, settings: Settings) -> None:
        self._client = client
        self._root = f"{settings.psp_url.rstrip('/')}/v1/intents"
        self._bearer = {"authorization": f"Bearer {settings.psp_key}"}
        self._secret = settings.psp_webhook_secret.encode()

    async def create(self, order: Order) -> Standing:
        wanted = {
            "amount": order.intent.amount.minor,
            "currency": order.intent.amount.currency,
            "reference": order.intent.id,
            "return_url": order.return_url,
            "webhook_url": order.webhook_url,
            "description": order.description[:500],
            "locale": order.locale,
            "capture": "manual",
        }
        return await self._effect(order.intent, "create", "", wanted)

    async def find(self, intent: Intent) -> Standing | None:
        if intent.psp_id:
            answer = await self._call("find", "GET", f"/{intent.psp_id}")
            return _standing(msgspec.json.decode(answer, type=_Intent))
        answer = await self._call("find", "GET", "", params={"reference": intent.id})
        found = msgspec.json.decode(answer, type=_Found).data
        return _standing(found[0]) if found else None

    async def capture(self, intent: Intent) -> Standing:
        return await self._effect(
            intent, "capture", f"/{intent.psp_id}/capture", {"amount": intent.amount.minor}
        )

    async def void(self, intent: Intent) -> Standing:
        return await self._effect(intent, "void", f"/{intent.psp_id}/void", {})

    async def refund(self, intent: Intent) -> Standing:
        wanted = {"amount": intent.captured.minor, "reference": intent.id}
        return await self._effect(intent, "refund", f"/{intent.psp_id}/refunds", wanted)

    def read_event(self, body: str, signature: str, now: datetime) -> Heard:
        if not self._genuine(body, signature, now):
            raise errors.Forbidden(
                "this does not bear the provider's signature of now", code="signature_invalid"
            )
        try:
            event = msgspec.json.decode(body, type=_Event)
            return Heard(id=event.id, type=event.type, standing=_standing(event.data))
        except (msgspec.DecodeError, ValueError) as error:
            raise errors.BadRequest(f"not an event: {error}", code="event_malformed") from error

    def _genuine(self, body: str, signature: str, now: datetime) -> bool:
        fields = [field.strip().partition("=") for field in signature.split(",")]
        at = next((value for name, _, value in fields if name == "t"), "")
        if not self._secret or not (at.isascii() and at.isdigit()):
            return False
        if len(at) > 12 or abs(now.timestamp() - int(at)) > TOLERANCE_SECONDS:
            return False
        expected = hmac.new(self._secret, f"{at}.{body}".encode(), hashlib.sha256).hexdigest().encode()
        given = [value.encode() for name, _, value in fields if name == "v1"]
        return any(hmac.compare_digest(expected, value) for value in given)

    async def _effect(self, intent: Intent, operation: str, path: str, body: dict[str, Any]) -> Standing:
        key = {"idempotency-key": f"{intent.id}:{operation}"}
        answer = await self._call(operation, "POST", path, headers=key, content=msgspec.json.encode(body))
        return _standing(msgspec.json.decode(answer, type=_Intent))

    async def _call(
        self, operation: str, verb: str, path: str, headers: dict[str, str] | None = None, **request: Any
    ) -> bytes:
        sent = self._bearer | (headers or {})
        try:
            with span(f"psp.{operation}"):
                answer = await self._client.request(
                    verb, self._root + path, headers=sent, timeout=SECONDS, **request
                )
        except httpx.ConnectError as error:
            raise errors.Unavailable("the payment provider does not answer") from error
        except httpx.TransportError as error:
            raise errors.DeadlineExceeded("the payment provider gave no answer in time") from error
        if answer.is_success:
            return answer.content
        if answer.status_code >= 500 or answer.status_code in (408, 429):
            raise errors.DeadlineExceeded(f"the payment provider answered {answer.status_code}")
        kind = WrongState if answer.status_code == 409 else ProviderRefused
        try:
            problem = msgspec.json.decode(answer.content, type=_Error)
        except msgspec.DecodeError:
            problem = _Error(code=f"http_{answer.status_code}")
        raise kind(problem.code, problem.message)


def _standing(intent: _Intent) -> Standing:
    return Standing(
        psp_id=intent.id,
        reference=intent.reference,
        state=intent.status,
        amount=Money(intent.amount, intent.currency),
        captured=intent.amount_captured,
        refunded=intent.amount_refunded,
        hosted_url=intent.hosted_url,
        failure=intent.failure_code or "",
        method=_method(intent.method),
    )


def _method(method: _Method | None) -> str:
    if method is None:
        return ""
    return f"{method.brand} {method.last4}" if method.brand else method.type
