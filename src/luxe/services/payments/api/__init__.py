"""REST of payments: a member's own payments, the operators' cases, and the address for the provider's webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from luxe.kernel import context, errors
from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.ids import is_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import Case, CasePage, Intent, IntentState, Method, Port, Resolution
from luxe.services.payments.service import WEBHOOK_PATH
from luxe.services.payments.service.providers import ENTRIES

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


class CaseResolution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`explained`: both books are right. `corrected_here`, `corrected_there`: one of them was put right.
    `written_off`: the house bears it."""

    how: Resolution
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class MethodList(msgspec.Struct, frozen=True, kw_only=True):
    """The most expected first."""

    items: list[Method]


class PaymentPage(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is the cursor of the page after this one."""

    items: list[Payment]
    next: str | None


@get(
    "/v1/payment-methods",
    tags=["Payments"],
    summary="How a country may pay a currency",
    operation_id="listPaymentMethods",
)
async def list_methods(
    principal: Principal,
    house: House,
    country: Annotated[str, Parameter(pattern="^[A-Z]{2}$", description="ISO 3166, such as `CN`")],
    currency: Annotated[str, Parameter(pattern="^[A-Z]{3}$", description="ISO 4217, such as `CNY`")],
) -> MethodList:
    """Every one of them can be completed. Name it when you start a checkout, or let the payer choose."""
    require(principal, "member", "payments:read")
    return MethodList(items=await house.port(Port).methods(country=country, currency=currency))


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


@get(
    "/v1/payments/cases",
    tags=["Payments"],
    summary="Differences from the provider's statements",
    operation_id="listPaymentCases",
)
async def list_cases(
    principal: Principal,
    house: House,
    in_state: Annotated[
        Literal["", "open", "resolved"], Parameter(query="state", description="All if absent")
    ] = "",
    cursor: Annotated[str, Parameter(max_length=64)] = "",
    limit: Annotated[int, Parameter(ge=1, le=100)] = 25,
) -> CasePage:
    """Newest first. For operators."""
    require(principal, "operator", "payments:read")
    if cursor and not is_id(cursor, "cas"):
        raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
    return await house.port(Port).cases(state=in_state, cursor=cursor, limit=limit)


@get(
    "/v1/payments/cases/{case_id:str}",
    tags=["Payments"],
    summary="One difference",
    operation_id="readPaymentCase",
)
async def read_case(principal: Principal, house: House, case_id: str) -> Case:
    """For operators."""
    require(principal, "operator", "payments:read")
    return await house.port(Port).case(case_id=case_id)


@post(
    "/v1/payments/cases/{case_id:str}/resolve",
    opt={"service": "payments"},
    status_code=200,
    tags=["Payments"],
    summary="Resolve a difference",
    operation_id="resolvePaymentCase",
)
async def resolve_case(principal: Principal, house: House, case_id: str, data: CaseResolution) -> Case:
    """Ends a case with what was found out, once and for all. For operators, in person."""
    require(principal, "operator")
    if principal.kind != "session":
        raise errors.Forbidden("this needs a person, not an API key")
    return await house.port(Port).resolve_case(case_id=case_id, note=data.note, how=data.how)


@post(
    [WEBHOOK_PATH, *(f"{WEBHOOK_PATH}/{name}" for name in ENTRIES)],
    status_code=200,
    include_in_schema=False,
    opt={"signed": True},
)
async def receive(request: Request[Any, Any, State], house: House) -> Response[str]:
    """A provider's signature stands in for a caller's identity and an Idempotency-Key. Without a name it is the
    simulator's."""
    named = request.url.path.removeprefix(WEBHOOK_PATH).strip("/")
    provider = named or "simulator"
    body = await request.body()
    if len(body) > MAX_EVENT:
        raise errors.Refusal("an event is smaller than this", code="payload_too_large", status=413)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise errors.Forbidden("this is not the provider's", code="signature_invalid") from error
    entry = ENTRIES[provider]
    signature = "\n".join(request.headers.get(name, "") for name in entry.signed_in)
    with context.acting("psp"):
        await house.port(Port).receive(body=text, signature=signature, provider=provider)
    kind = "application/json" if entry.thanks.startswith("{") else "text/plain"
    return Response(entry.thanks, media_type=kind)


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
