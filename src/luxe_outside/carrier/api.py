"""The carrier's REST API for its merchant, and its control for tests."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from .depot import Depot
from .wire import FaultOrder, Order, Refusal, ScanOrder, decode

Call = Request[Any, Any, Any]


def merchant_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard: `Authorization: Bearer <merchant key>`, or Refusal 401."""
    expected = f"Bearer {connection.app.state.key}".encode()
    if not hmac.compare_digest(connection.headers.get("authorization", "").encode(), expected):
        raise Refusal(401, "unauthorised", "a valid merchant key is required")


def draw_refusal(_: Call, refusal: Refusal) -> Response[bytes]:
    return Response(refusal.body(), status_code=refusal.status, media_type="application/json")


def _depot(request: Call) -> Depot:
    return request.app.state.depot


def _answer(value: Any, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")


@post("/parcels", status_code=201)
async def book(request: Call) -> Response[bytes]:
    order = decode(await request.body(), Order)
    if request.headers.get("idempotency-key") != order.reference:
        raise Refusal(400, "idempotency_key_required", "the Idempotency-Key is the reference")
    return _answer(await _depot(request).book(order), 201)


@get("/parcels")
async def find(request: Call, reference: str) -> Response[bytes]:
    return _answer({"data": await _depot(request).find(reference)})


@post("/parcels/{parcel_id:str}/cancel", status_code=200)
async def cancel(request: Call, parcel_id: str) -> Response[bytes]:
    return _answer(await _depot(request).cancel(parcel_id))


@get("/parcels/{parcel_id:str}/scans")
async def history(request: Call, parcel_id: str) -> Response[bytes]:
    return _answer({"data": await _depot(request).history(parcel_id)})


@post("/faults", status_code=204)
async def order_faults(request: Call) -> None:
    _depot(request).order_faults(decode(await request.body(), FaultOrder))


@delete("/faults")
async def clear_faults(request: Call) -> None:
    _depot(request).clear_faults()


@get("/journal")
async def journal(request: Call, after: int = 0) -> Response[bytes]:
    """Every effect in its order."""
    return _answer({"data": _depot(request).journal(after)})


@post("/parcels/{parcel_id:str}/scan", status_code=201)
async def scan(request: Call, parcel_id: str) -> Response[bytes]:
    """The parcel passes a reader."""
    return _answer(await _depot(request).scan(parcel_id, decode(await request.body(), ScanOrder)), 201)


merchant = Router(path="/carrier/v1", guards=[merchant_only], route_handlers=[book, find, cancel, history])
control = Router(
    path="/carrier/control",
    guards=[merchant_only],
    route_handlers=[order_faults, clear_faults, journal, scan],
)
