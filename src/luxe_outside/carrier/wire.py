"""What goes over the wire, and how a request is refused."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

State = Literal[
    "booked",
    "cancelled",
    "accepted",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "exception",
    "returned",
    "lost",
]
Scanned = Literal["accepted", "in_transit", "out_for_delivery", "delivered", "exception", "returned", "lost"]
Operation = Literal["book", "find", "cancel", "history"]
T = TypeVar("T")


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message

    def body(self) -> bytes:
        return msgspec.json.encode({"code": self.code, "message": self.message})


class Order(Struct, frozen=True, kw_only=True):
    """A parcel to be carried. `reference` is the merchant's own."""

    reference: str
    number: str
    service: str
    name: str
    line1: str
    city: str
    country: str
    phone: str
    pieces: int
    webhook_url: str
    line2: str = ""
    region: str = ""
    postcode: str = ""


class Parcel(Struct, frozen=True, kw_only=True):
    """`label` is a PDF in base64."""

    id: str
    reference: str
    carrier: str
    tracking_number: str
    tracking_url: str
    state: State
    label: str = ""


class Scan(Struct, frozen=True, kw_only=True):
    """One scan; also the body of a webhook. `seq` counts the scans of a parcel from 1."""

    id: str
    parcel: str
    reference: str
    seq: int
    state: Scanned
    at: float
    place: str
    note: str


class ScanOrder(Struct, frozen=True, kw_only=True):
    state: Scanned
    place: str = ""
    note: str = ""


class WebhookFaults(Struct, kw_only=True):
    """The next `lose` events are never sent, the next `duplicate` sent twice, the next `forge` sent with a wrong signature
    as well; all are late by `delay_ms`; with `reorder` each waits until the one after it has been sent."""

    lose: int = 0
    duplicate: int = 0
    forge: int = 0
    delay_ms: int = 0
    reorder: bool = False


class ApiFault(Struct, kw_only=True):
    """`refuse` says no, `error_500` fails without effect, `timeout_before` stays silent without effect, `timeout_after`
    has its effect and stays silent."""

    operation: Operation
    mode: Literal["refuse", "error_500", "timeout_before", "timeout_after"]
    count: int = 1


class FaultOrder(Struct, kw_only=True):
    webhook: WebhookFaults | None = None
    api: ApiFault | None = None


def decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(422, "invalid_request", str(error)) from error


def as_scan(row: Any) -> Scan:
    return Scan(**{name: row[name] for name in Scan.__struct_fields__})
