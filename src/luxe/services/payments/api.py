"""REST of payments: a member's own payments, and the address for the provider's webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from luxe.kernel import context, errors
from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.ids import is_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent, IntentState, Port
from luxe.services.payments.service import WEBHOOK_PATH

MAX_EVENT = 65_536


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """`purpose` is `join` for the annual fee and `checkout` for an order."""

    id: str
    purpose: str
    state: IntentState
    amount: Money
    captured: Money
    refunded: Money
    method: str
    failure: str
    created_at: datetime


class PaymentPage(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is the cursor of the page after this one."""

    items: list[Payment]
    next: str | None


@get("/v1/payments", tags=["Payments"], summary="Your payments, newest first", operation_id="listPayments")
async def list_payments(
    principal: Principal,
    house: House,
    cursor: Annotated[str, Parameter(max_length=64)] = "",
    limit: Annotated[int, Parameter(ge=1, le=100)] = 25,
) -> PaymentPage:
    require(principal, "member", "payments:read")
    if cursor and not is_id(cursor, "pay"):
        raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
    found = await house.port(Port).intents(account_id=principal.subject, before=cursor, limit=limit + 1)
    page = found[:limit]
    return PaymentPage(
        items=[_shown(intent) for intent in page], next=page[-1].id if len(found) > limit else None
    )


@post(WEBHOOK_PATH, status_code=200, include_in_schema=False, opt={"signed": True})
async def receive(request: Request[Any, Any, State], house: House) -> dict[str, bool]:
    """The provider's signature stands in for a caller's identity and an Idempotency-Key."""
    body = await request.body()
    if len(body) > MAX_EVENT:
        raise errors.Refusal("an event is smaller than this", code="payload_too_large", status=413)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise errors.Forbidden("this is not the provider's", code="signature_invalid") from error
    with context.acting("psp"):
        new = await house.port(Port).receive(body=text, signature=request.headers.get("psp-signature", ""))
    return {"new": new}


def _shown(intent: Intent) -> Payment:
    return Payment(
        id=intent.id,
        purpose=intent.purpose,
        state=intent.state,
        amount=intent.amount,
        captured=intent.captured,
        refunded=intent.refunded,
        method=intent.method,
        failure=intent.failure,
        created_at=intent.created_at,
    )
