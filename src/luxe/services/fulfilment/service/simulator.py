"""The adapter to our own carrier simulator: its REST API and its signed webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from luxe.kernel import errors
from luxe.kernel.settings import Settings
from luxe.kernel.telemetry import span
from luxe.services.fulfilment.contract import ShipmentState
from luxe.services.fulfilment.service.carrier import Booked, CarrierRefused, News, Parcel

SECONDS = 8.0
TOLERANCE_SECONDS = 300
WEBHOOK_PATH = "/v1/carrier/webhooks"
_STATES: dict[str, ShipmentState] = {
    "accepted": "handed_over",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
    "exception": "exception",
    "returned": "returned_to_sender",
    "lost": "lost",
}
"""The carrier's words, and ours."""


class _Parcel(msgspec.Struct):
    id: str
    carrier: str
    tracking_number: str
    tracking_url: str
    state: str
    label: str = ""


class _Found(msgspec.Struct):
    data: list[_Parcel]


class _Scan(msgspec.Struct):
    id: str
    parcel: str
    reference: str
    seq: int
    state: str
    at: float
    place: str
    note: str


class _History(msgspec.Struct):
    data: list[_Scan]


class _Error(msgspec.Struct):
    code: str
    message: str = ""


class Simulator:
    def __init__(self, client: httpx.AsyncClient, settings: Settings) -> None:
        self._client = client
        self._root = f"{settings.carrier_url.rstrip('/')}/v1"
        self._bearer = {"authorization": f"Bearer {settings.carrier_key}"}
        self._secret = settings.carrier_webhook_secret.encode()
        self._webhook = f"{settings.public_url.rstrip('/')}{WEBHOOK_PATH}"

    async def book(self, parcel: Parcel) -> Booked:
        wanted = msgspec.to_builtins(parcel) | {"webhook_url": self._webhook}
        answer = await self._call(
            "book",
            "POST",
            "/parcels",
            headers={"idempotency-key": parcel.reference},
            content=msgspec.json.encode(wanted),
        )
        return _booked(msgspec.json.decode(answer, type=_Parcel))

    async def find(self, reference: str) -> Booked | None:
        answer = await self._call("find", "GET", "/parcels", params={"reference": reference})
        found = msgspec.json.decode(answer, type=_Found).data
        return _booked(found[0]) if found else None

    async def cancel(self, carrier_id: str) -> None:
        await self._call("cancel", "POST", f"/parcels/{carrier_id}/cancel")

    async def history(self, carrier_id: str) -> list[News]:
        answer = await self._call("history", "GET", f"/parcels/{carrier_id}/scans")
        return [_news(scan) for scan in msgspec.json.decode(answer, type=_History).data]

    def read_event(self, body: str, signature: str, now: datetime) -> News:
        if not self._genuine(body, signature, now):
            raise errors.Forbidden(
                "this does not bear the carrier's signature of now", code="signature_invalid"
            )
        try:
            return _news(msgspec.json.decode(body, type=_Scan))
        except (msgspec.DecodeError, KeyError, ValueError, OverflowError) as error:
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

    async def _call(
        self, operation: str, verb: str, path: str, headers: dict[str, str] | None = None, **request: Any
    ) -> bytes:
        sent = self._bearer | (headers or {})
        try:
            with span(f"carrier.{operation}"):
                answer = await self._client.request(
                    verb, self._root + path, headers=sent, timeout=SECONDS, **request
                )
        except httpx.ConnectError as error:
            raise errors.Unavailable("the carrier does not answer") from error
        except httpx.TransportError as error:
            raise errors.DeadlineExceeded("the carrier gave no answer in time") from error
        if answer.is_success:
            return answer.content
        if answer.status_code >= 500 or answer.status_code in (408, 429):
            raise errors.DeadlineExceeded(f"the carrier answered {answer.status_code}")
        try:
            problem = msgspec.json.decode(answer.content, type=_Error)
        except msgspec.DecodeError:
            problem = _Error(code=f"http_{answer.status_code}")
        raise CarrierRefused(problem.code, problem.message)


def _booked(parcel: _Parcel) -> Booked:
    return Booked(
        carrier=parcel.carrier,
        carrier_id=parcel.id,
        tracking_number=parcel.tracking_number,
        tracking_url=parcel.tracking_url,
        live=parcel.state != "cancelled",
        label=base64.b64decode(parcel.label),
    )


def _news(scan: _Scan) -> News:
    return News(
        id=scan.id,
        carrier_id=scan.parcel,
        reference=scan.reference,
        seq=scan.seq,
        state=_STATES[scan.state],
        at=datetime.fromtimestamp(scan.at, UTC),
        spot=scan.place,
        note=scan.note,
    )
