"""The tests' side door: order faults, let intents expire, read what truly happened."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, delete, get, post

from . import store
from .api import acquirer_of, json_response, merchant_only
from .webhooks import Dispatcher
from .wire import Answer, CloseDispute, DisputeIntent, FaultOrder, decode


def _answer(content: Any) -> Response[bytes]:
    return json_response(Answer(200, msgspec.json.encode(content)))


@get("/faults")
async def read_faults(request: Request[Any, Any, Any]) -> Response[bytes]:
    return _answer(acquirer_of(request).faults.remaining())


@post("/faults", status_code=200)
async def order_faults(request: Request[Any, Any, Any]) -> Response[bytes]:
    faults = acquirer_of(request).faults
    faults.order(decode(await request.body(), FaultOrder))
    return _answer(faults.remaining())


@delete("/faults", status_code=200)
async def clear_faults(request: Request[Any, Any, Any]) -> Response[bytes]:
    faults = acquirer_of(request).faults
    faults.clear()
    return _answer(faults.remaining())


@get("/journal")
async def read_journal(
    request: Request[Any, Any, Any], after: int = 0, intent: str | None = None, reference: str | None = None
) -> Response[bytes]:
    db = acquirer_of(request).db
    rows = db.read(lambda tx: store.journal(tx, after=after, intent_id=intent, reference=reference))
    return _answer({"data": rows})


@get("/deliveries")
async def read_deliveries(request: Request[Any, Any, Any], intent: str | None = None) -> Response[bytes]:
    """Every attempt to deliver since the start, the forged ones included; the newest 5,000."""
    dispatcher: Dispatcher = request.app.state.dispatcher
    return _answer({"data": [sent for sent in dispatcher.deliveries if intent in (None, sent["intent"])]})


@get("/events")
async def read_events(request: Request[Any, Any, Any], intent: str) -> Response[bytes]:
    """What became of an intent's events: pending, delivered, lost or abandoned."""
    return _answer({"data": acquirer_of(request).db.read(lambda tx: store.events_of(tx, intent))})


@post("/intents/{intent_id:str}/expire", status_code=200)
async def expire_intent(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    acquirer = acquirer_of(request)
    await acquirer.expire(intent_id)
    return _answer(acquirer.described(intent_id))


@post("/intents/{intent_id:str}/pay-slip", status_code=200)
async def pay_slip(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    """The payer pays at the till, or scans the code, after having left the page."""
    acquirer = acquirer_of(request)
    await acquirer.pay_slip(intent_id)
    return _answer(acquirer.described(intent_id))


@post("/intents/{intent_id:str}/dispute", status_code=200)
async def dispute_intent(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    acquirer = acquirer_of(request)
    await acquirer.dispute(intent_id, decode(await request.body(), DisputeIntent))
    return _answer(acquirer.described(intent_id))


@post("/disputes/{dispute_id:str}/close", status_code=200)
async def close_dispute(request: Request[Any, Any, Any], dispute_id: str) -> Response[bytes]:
    order: CloseDispute = decode(await request.body(), CloseDispute)
    acquirer = acquirer_of(request)
    closed = await acquirer.close_dispute(dispute_id, won=order.won)
    return _answer(acquirer.described(closed.id))


router = Router(
    path="/psp/control",
    guards=[merchant_only],
    route_handlers=[
        read_faults,
        order_faults,
        clear_faults,
        read_journal,
        read_deliveries,
        read_events,
        expire_intent,
        pay_slip,
        dispute_intent,
        close_dispute,
    ],
)
