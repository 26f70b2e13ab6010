"""REST of asking for a return, for members: until when, start a run, watch it. How the return stands, orders say."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.sagas.return_item.contract import Port, ReturnView, Window
from luxe.services.orders.contract import UnitRef

Wait = Annotated[
    int,
    Parameter(
        query="wait", ge=0, le=10, description="Seconds to wait for the run to need a person or to end."
    ),
]


class ReturnRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`order_id` is an id or a number."""

    order_id: Annotated[str, msgspec.Meta(max_length=64)]
    units: Annotated[list[UnitRef], msgspec.Meta(min_length=1, max_length=200)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


@post(
    "/v1/return-requests",
    tags=["Returns"],
    summary="Ask for units of a delivered order to go back",
    operation_id="startReturn",
    status_code=202,
    opt={"service": "return_item"},
)
async def start(
    data: ReturnRequest, principal: Principal, house: House, request: Request[Principal, str, State]
) -> ReturnView:
    """Somebody of the house decides. What was paid for the units goes back once they are here and looked at."""
    require(principal, "member", "orders:write")
    return await house.port(Port).start(
        key=request.headers["idempotency-key"],
        account_id=principal.subject,
        order_id=data.order_id,
        units=data.units,
        reason=data.reason,
    )


@get(
    "/v1/return-requests/{run:str}",
    tags=["Returns"],
    summary="Watch a request for a return",
    operation_id="getReturnRequest",
)
async def watch(run: str, principal: Principal, house: House, wait: Wait = 0) -> ReturnView:
    require(principal, "member", "orders:read")
    if not wait:
        return await house.port(Port).view(run=run, account_id=principal.subject)
    return await house.port(Port).watch(run=run, account_id=principal.subject, seconds=wait)


@get(
    "/v1/return-windows/{order_id:str}",
    tags=["Returns"],
    summary="Until when, and which units of an order of yours may go back",
    operation_id="getReturnWindow",
)
async def window(order_id: str, principal: Principal, house: House) -> Window:
    require(principal, "member", "orders:read")
    return await house.port(Port).window(order_id=order_id, account_id=principal.subject)
