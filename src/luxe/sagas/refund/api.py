"""REST of partial refunds, for operators: start a run, watch it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.sagas.refund.contract import Kind, Port, RefundView

Wait = Annotated[
    int, Parameter(query="wait", ge=0, le=10, description="Seconds to wait for the run to have ended.")
]


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`order_id` is an id or a number. The member is told the reason."""

    order_id: Annotated[str, msgspec.Meta(max_length=64)]
    amount: Money
    kind: Kind
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


@post(
    "/v1/refunds",
    tags=["Orders"],
    summary="Give a part of what was paid back",
    operation_id="startRefund",
    status_code=202,
    opt={"service": "refund"},
)
async def start(
    data: RefundRequest, principal: Principal, house: House, request: Request[Principal, str, State]
) -> RefundView:
    """As often as you like, up to what is left. Points go back and forth in proportion."""
    require(principal, "operator", "orders:write")
    return await house.port(Port).start(
        key=request.headers["idempotency-key"],
        by=principal.subject,
        order_id=data.order_id,
        amount=data.amount,
        kind=data.kind,
        reason=data.reason,
    )


@get("/v1/refunds/{run:str}", tags=["Orders"], summary="Watch a refund", operation_id="getRefund")
async def watch(run: str, principal: Principal, house: House, wait: Wait = 0) -> RefundView:
    require(principal, "operator", "orders:read")
    if not wait:
        return await house.port(Port).view(run=run)
    return await house.port(Port).watch(run=run, seconds=wait)
