"""The adapter to our own PSP simulator: its REST API and its signed webhooks."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec.structs import replace

from luxe.kernel import errors
from luxe.kernel.money import Money
from luxe.kernel.settings import Settings, SettingsError
from luxe.kernel.telemetry import span
from luxe.services.payments.contract import Intent, IntentState, MethodKind
from luxe.services.payments.domain.life import DisputeNews, Line, Movement, MovementKind, Standing, Told
from luxe.services.payments.domain.methods import SCHEMES
from luxe.services.payments.service.provider import Heard, Order, ProviderRefused, WrongState

SECONDS = 8.0
CARRIED = frozenset(SCHEMES) - {"bank_transfer"}
TOLERANCE_SECONDS = 300


class _Method(msgspec.Struct):
    type: str
    brand: str | None = None
    last4: str | None = None


class _Part(msgspec.Struct):
    id: str
    amount: int
    reference: str


class _Dispute(msgspec.Struct):
    id: str
    amount: int
    state: str
    created: int


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
    captures: list[_Part] = []
    refunds: list[_Part] = []
    disputes: list[_Dispute] = []


class _Found(msgspec.Struct):
    data: list[_Intent]


class _Event(msgspec.Struct):
    id: str
    type: str
    data: _Intent


class _Line(msgspec.Struct):
    type: Literal["capture", "refund", "dispute", "dispute_won", "dispute_lost"]
    object: str
    object_reference: str
    intent: str
    reference: str
    amount: int
    fee: int
    currency: str
    created: float


class _Statement(msgspec.Struct):
    lines: list[_Line]
    next: int | None


class _Error(msgspec.Struct):
    code: str
    message: str = ""


class Simulator:
    name: ClassVar[str] = "simulator"

    def __init__(self, client: httpx.AsyncClient, settings: Settings) -> None:
        self._client = client
        self._configured = bool(settings.psp_url)
        self._root = f"{settings.psp_url.rstrip('/')}/v1"
        self._bearer = {"authorization": f"Bearer {settings.psp_key}"}
        self._secret = settings.psp_webhook_secret.encode()
        self._fields = settings.psp_fields_url.rstrip("/")
        if self._fields and origin_of(self._fields) == origin_of(settings.public_url):
            raise SettingsError(
                "LUXE_PSP_FIELDS_URL: fields of the house's own origin would keep no card from it"
            )

    def carries(self, method: str, currency: str) -> MethodKind | None:
        """Every method in any currency: the simulator converts for the payer."""
        if not method:
            return "redirect"
        if method == "card" and self._fields and self._configured:
            return "hosted_fields"
        return "redirect" if self._configured and method in CARRIED else None

    async def create(self, order: Order) -> Standing:
        wanted: dict[str, Any] = {
            "amount": order.intent.amount.minor,
            "currency": order.intent.amount.currency,
            "reference": order.intent.id,
            "return_url": order.return_url,
            "webhook_url": order.webhook_url,
            "description": order.description[:500],
            "locale": order.locale,
            "capture": "manual",
        }
        if order.methods:
            wanted["methods"] = order.methods
        if order.intent.pay_by is not None:
            wanted["expires_in"] = int((order.intent.pay_by - order.intent.created_at).total_seconds())
        return await self._effect(order.intent.id, "create", "/intents", wanted)

    def fields(self, intent: Intent) -> str:
        """The address of the frame, empty where there is none."""
        return f"{self._fields}/fields/{intent.psp_id}" if self._fields and intent.psp_id else ""

    async def confirm(self, intent: Intent, token: str) -> Standing:
        """Pays with the card that the token stands for. Raises `ProviderRefused` for a token that is none."""
        key = {"idempotency-key": f"{intent.id}:confirm:{token}"}
        body = msgspec.json.encode({"token": token})
        path = f"/intents/{intent.psp_id}/confirm"
        answer = await self._call("confirm", "POST", path, headers=key, content=body)
        return _standing(msgspec.json.decode(answer, type=_Intent))

    async def find(self, intent: Intent) -> Standing | None:
        if intent.psp_id:
            answer = await self._call("find", "GET", f"/intents/{intent.psp_id}")
            return _standing(msgspec.json.decode(answer, type=_Intent))
        answer = await self._call("find", "GET", "/intents", params={"reference": intent.id})
        found = msgspec.json.decode(answer, type=_Found).data
        return _standing(found[0]) if found else None

    async def capture(self, intent: Intent, part: Movement | None = None) -> Standing:
        path = f"/intents/{intent.psp_id}/capture"
        if part is None:
            return await self._effect(intent.id, "capture", path, {})
        wanted = {"amount": part.amount.minor, "final": False, "reference": part.id}
        return await self._effect(part.id, "capture", path, wanted)

    async def void(self, intent: Intent) -> Standing:
        return await self._effect(intent.id, "void", f"/intents/{intent.psp_id}/void", {})

    async def refund(self, intent: Intent, part: Movement) -> Standing:
        wanted = {"amount": part.amount.minor, "reference": part.id}
        return await self._effect(part.id, "refund", f"/intents/{intent.psp_id}/refunds", wanted)

    async def statement(self, day: date) -> AsyncIterator[list[Line]]:
        offset: int | None = 0
        while offset is not None:
            answer = await self._call(
                "statement", "GET", f"/settlements/{day.isoformat()}", params={"offset": offset}
            )
            page = msgspec.json.decode(answer, type=_Statement)
            yield [_line(each) for each in page.lines]
            offset = page.next

    async def read_event(self, body: str, signature: str, now: datetime) -> Heard:
        if not self._genuine(body, signature, now):
            raise errors.Forbidden(
                "this does not bear the provider's signature of now", code="signature_invalid"
            )
        try:
            event = msgspec.json.decode(body, type=_Event)
            standing = _standing(event.data)
            return Heard(id=event.id, type=event.type, reference=standing.reference, standing=standing)
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

    async def _effect(self, owner: str, operation: str, path: str, body: dict[str, Any]) -> Standing:
        key = {"idempotency-key": f"{owner}:{operation}"}
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


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


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
        told=(
            *(_told("capture", each) for each in intent.captures),
            *(_told("refund", each) for each in intent.refunds),
        ),
        disputes=tuple(news for each in intent.disputes for news in _news(each)),
    )


def _told(kind: MovementKind, part: _Part) -> Told:
    return Told(kind=kind, psp_id=part.id, reference=part.reference, amount=part.amount, state="succeeded")


def _news(dispute: _Dispute) -> list[DisputeNews]:
    at = datetime.fromtimestamp(dispute.created, UTC)
    opened = DisputeNews(dispute_id=dispute.id, outcome="opened", amount=dispute.amount, opened_at=at)
    if dispute.state == "open":
        return [opened]
    return [opened, replace(opened, outcome="won" if dispute.state == "won" else "lost")]


def _line(line: _Line) -> Line:
    return Line(
        id=line.object,
        kind=line.type,
        reference=line.reference,
        movement=line.object_reference,
        psp_intent=line.intent,
        amount=Money(abs(line.amount), line.currency),
        fee=Money(line.fee, line.currency),
        at=datetime.fromtimestamp(line.created, UTC),
    )


def _method(method: _Method | None) -> str:
    if method is None:
        return ""
    return f"{method.brand} {method.last4}" if method.brand else method.type
