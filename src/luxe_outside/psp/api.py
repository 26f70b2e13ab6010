"""The merchant's REST API: parse, authorise, call, answer."""

import csv
import hmac
from datetime import date
from io import StringIO
from typing import Any

import msgspec
from babel.core import get_global
from litestar import Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from .acquirer import Acquirer
from .cards import Card, check_card, cvc_length
from .store import Connection
from .wire import (
    Answer,
    AnswerChallenge,
    AuthoriseIntent,
    CaptureIntent,
    CardInput,
    CreateIntent,
    Line,
    RefundIntent,
    Refusal,
    Statement,
    decode,
)

CURRENCIES = frozenset(get_global("all_currencies"))
KEY_LENGTH = 255
MOST_LINES = 5_000


def merchant_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard: `Authorization: Bearer <merchant secret key>`, or Refusal 401."""
    acquirer: Acquirer = connection.app.state.acquirer
    expected = f"Bearer {acquirer.settings.key}".encode()
    if not hmac.compare_digest(connection.headers.get("authorization", "").encode(), expected):
        raise Refusal(401, "unauthorised", "a valid merchant key is required")


def acquirer_of(request: Request[Any, Any, Any]) -> Acquirer:
    return request.app.state.acquirer


def json_response(answer: Answer) -> Response[bytes]:
    return Response(answer.body, status_code=answer.status, media_type="application/json")


def draw_refusal(_: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    return json_response(Answer(refusal.status_code, refusal.body()))


def idempotency_key(request: Request[Any, Any, Any], *, required: bool = True) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None and required:
        raise Refusal(400, "idempotency_key_required", "send an Idempotency-Key header")
    if key is not None and not 1 <= len(key) <= KEY_LENGTH:
        raise Refusal(400, "idempotency_key_invalid", f"a key has 1 to {KEY_LENGTH} characters")
    return key


def fingerprint(request: Request[Any, Any, Any], body: Any) -> bytes:
    """What must be equal for two requests to be the same one."""
    return request.url.path.encode() + b"\n" + msgspec.json.encode(body)


@post("/intents", status_code=201)
async def create_intent(request: Request[Any, Any, Any]) -> Response[bytes]:
    key = idempotency_key(request)
    order: CreateIntent = decode(await request.body(), CreateIntent)
    if order.currency not in CURRENCIES:
        raise Refusal(422, "invalid_request", f"unknown currency {order.currency}")
    acquirer = acquirer_of(request)

    def work(tx: Connection) -> Answer:
        return acquirer.create(tx, order, key)

    return json_response(await acquirer.once("create", key, fingerprint(request, order), work))


@get("/intents")
async def find_intents(request: Request[Any, Any, Any], reference: str) -> Response[bytes]:
    acquirer = acquirer_of(request)
    await acquirer.endure("get")
    return json_response(Answer(200, msgspec.json.encode({"data": acquirer.with_reference(reference)})))


@get("/intents/{intent_id:str}")
async def get_intent(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    acquirer = acquirer_of(request)
    await acquirer.endure("get")
    return json_response(Answer(200, msgspec.json.encode(acquirer.described(intent_id))))


@post("/intents/{intent_id:str}/capture", status_code=200)
async def capture_intent(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    key = idempotency_key(request)
    order: CaptureIntent = decode(await request.body(), CaptureIntent)
    acquirer = acquirer_of(request)

    def work(tx: Connection) -> Answer:
        return acquirer.capture(tx, intent_id, order, key)

    return json_response(await acquirer.once("capture", key, fingerprint(request, order), work))


@post("/intents/{intent_id:str}/void", status_code=200)
async def void_intent(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    key = idempotency_key(request)
    acquirer = acquirer_of(request)

    def work(tx: Connection) -> Answer:
        return acquirer.void(tx, intent_id, key)

    return json_response(await acquirer.once("void", key, fingerprint(request, None), work))


@post("/intents/{intent_id:str}/refunds", status_code=201)
async def refund_intent(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    key = idempotency_key(request)
    order: RefundIntent = decode(await request.body(), RefundIntent)
    acquirer = acquirer_of(request)

    def work(tx: Connection) -> Answer:
        return acquirer.refund(tx, intent_id, order.amount, order.reference, key)

    return json_response(await acquirer.once("refund", key, fingerprint(request, order), work))


@get("/settlements/{day:str}")
async def read_settlement(
    request: Request[Any, Any, Any], day: str, offset: int = 0, limit: int = 1_000
) -> Response[bytes]:
    """What moved on a day (UTC), as JSON, or as CSV where that is what the caller accepts."""
    acquirer = acquirer_of(request)
    await acquirer.endure("get")
    try:
        wanted = date.fromisoformat(day)
    except ValueError as error:
        raise Refusal(422, "invalid_request", "a date is written as 2026-11-22") from error
    if offset < 0 or not 1 <= limit <= MOST_LINES:
        raise Refusal(422, "invalid_request", f"offset is 0 or more, limit 1 to {MOST_LINES}")
    statement = acquirer.statement(wanted, offset, limit)
    if "text/csv" not in request.headers.get("accept", ""):
        return json_response(Answer(200, msgspec.json.encode(statement)))
    return Response(in_csv(statement).encode(), media_type="text/csv")


def in_csv(statement: Statement) -> str:
    sheet = StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(Line.__struct_fields__)
    writer.writerows(msgspec.structs.astuple(line) for line in statement.lines)
    return sheet.getvalue()


@post("/intents/{intent_id:str}/authorise", status_code=200)
async def authorise_intent(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    """Pays as the hosted page would, for benchmarks and tests that have no browser."""
    key = idempotency_key(request, required=False)
    order: AuthoriseIntent = decode(await request.body(), AuthoriseIntent)
    card = checked(order.card)
    acquirer = acquirer_of(request)

    def work(tx: Connection) -> Answer:
        return acquirer.authorise(tx, intent_id, card, key)

    return json_response(await acquirer.once("authorise", key, fingerprint(request, card), work))


@post("/intents/{intent_id:str}/challenge", status_code=200)
async def answer_challenge(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    """Answers the 3-D Secure step as the hosted page would."""
    key = idempotency_key(request, required=False)
    order: AnswerChallenge = decode(await request.body(), AnswerChallenge)
    acquirer = acquirer_of(request)

    def work(tx: Connection) -> Answer:
        return acquirer.challenge(tx, intent_id, order.code, key)

    return json_response(await acquirer.once("authorise", key, fingerprint(request, order), work))


def checked(card: str | CardInput) -> Card:
    """Raises Refusal 422 naming the first wrong field; nothing of the number goes further than this."""
    given = CardInput(number=card) if isinstance(card, str) else card
    code = "0" * cvc_length(given.number) if given.cvc is None else given.cvc
    result, errors = check_card(given.number, given.expiry, code, date.today())
    if result is None:
        field, problem = next(iter(errors.items()))
        raise Refusal(422, f"card_{field}_{problem}", f"the card's {field} is {problem.replace('_', ' ')}")
    return result


router = Router(
    path="/psp/v1",
    guards=[merchant_only],
    route_handlers=[
        create_intent,
        find_intents,
        get_intent,
        capture_intent,
        void_intent,
        refund_intent,
        read_settlement,
        authorise_intent,
        answer_challenge,
    ],
)
