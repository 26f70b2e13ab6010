"""REST of exchanges, for members: what can be had instead, ask, watch, pay a difference or take the money."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.sagas.exchange.contract import ExchangeableUnit, ExchangeView, Port
from luxe.services.orders.contract import UnitRef

Wait = Annotated[
    int,
    Parameter(
        query="wait", ge=0, le=10, description="Seconds to wait for the run to need a person or to end."
    ),
]


class ExchangeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`order_id` is an id or a number; `variant_id` is the piece that is wanted instead of the unit."""

    order_id: Annotated[str, msgspec.Meta(max_length=64)]
    unit: UnitRef
    variant_id: Annotated[str, msgspec.Meta(max_length=64)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


@get(
    "/v1/exchange-options/{order_id:str}",
    tags=["Returns"],
    summary="What units of an order of yours can be exchanged for",
    operation_id="listExchangeOptions",
)
async def options(order_id: str, principal: Principal, house: House) -> list[ExchangeableUnit]:
    """Other variants of the same product, with what is there of them. Any other piece can be asked for as well."""
    require(principal, "member", "orders:read")
    return await house.port(Port).options(
        order_id=order_id, account_id=principal.subject, locale=principal.locale or "en"
    )


@post(
    "/v1/exchange-requests",
    tags=["Returns"],
    summary="Ask for another piece instead of a unit of a delivered order",
    operation_id="startExchange",
    status_code=202,
    opt={"service": "exchange"},
)
async def start(
    data: ExchangeRequest, principal: Principal, house: House, request: Request[Principal, str, State]
) -> ExchangeView:
    """Once somebody of the house approves, the piece is held while the unit travels. Its return is one of `/v1/returns`.
    Another variant of the same product at the same price costs nothing; any other piece is worth its price now against
    what was paid for the unit."""
    require(principal, "member", "orders:write")
    return await house.port(Port).start(
        key=request.headers["idempotency-key"],
        account_id=principal.subject,
        order_id=data.order_id,
        unit=data.unit,
        variant_id=data.variant_id,
        reason=data.reason,
        locale=principal.locale or "en",
    )


@get(
    "/v1/exchange-requests/{run:str}",
    tags=["Returns"],
    summary="Watch a request for an exchange",
    operation_id="getExchangeRequest",
)
async def watch(run: str, principal: Principal, house: House, wait: Wait = 0) -> ExchangeView:
    require(principal, "member", "orders:read")
    if not wait:
        return await house.port(Port).view(run=run, account_id=principal.subject)
    return await house.port(Port).watch(run=run, account_id=principal.subject, seconds=wait)


@post(
    "/v1/exchange-requests/{run:str}/payment",
    tags=["Returns"],
    summary="Pay what an exchange costs more",
    operation_id="payExchange",
    status_code=202,
    opt={"service": "exchange"},
)
async def pay(run: str, principal: Principal, house: House) -> ExchangeView:
    """Watch it with `wait` for `pay_at`. After a payment that failed this opens another one."""
    require(principal, "member", "orders:write")
    return await house.port(Port).pay(run=run, account_id=principal.subject)


@post(
    "/v1/exchange-requests/{run:str}/refund",
    tags=["Returns"],
    summary="Take the money instead of paying what an exchange costs more",
    operation_id="refundExchange",
    status_code=202,
    opt={"service": "exchange"},
)
async def take_money(run: str, principal: Principal, house: House) -> ExchangeView:
    require(principal, "member", "orders:write")
    return await house.port(Port).take_money(run=run, account_id=principal.subject)
