"""REST of cancelling: start a run, watch it. Members cancel their own orders, operators any."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.sagas.cancel.contract import CancelView, Port

Wait = Annotated[
    int, Parameter(query="wait", ge=0, le=10, description="Seconds to wait for the run to have ended.")
]


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`order_id` is an id or a number. A member need not say why; an operator has to, and the member is told."""

    order_id: Annotated[str, msgspec.Meta(max_length=64)]
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


@post(
    "/v1/cancellations",
    tags=["Orders"],
    summary="Cancel a paid order that has not left the house",
    operation_id="startCancellation",
    status_code=202,
    opt={"service": "cancel"},
)
async def start(
    data: CancelRequest, principal: Principal, house: House, request: Request[Principal, str, State]
) -> CancelView:
    """The money goes back to where it was paid from, points that were spent come back, and those earned go."""
    return await house.port(Port).start(
        key=request.headers["idempotency-key"],
        by=principal.subject,
        order_id=data.order_id,
        reason=data.reason,
        account_id=_whose(principal, "orders:write"),
    )


@get(
    "/v1/cancellations/{run:str}",
    tags=["Orders"],
    summary="Watch a cancellation",
    operation_id="getCancellation",
)
async def watch(run: str, principal: Principal, house: House, wait: Wait = 0) -> CancelView:
    whose = _whose(principal, "orders:read")
    if not wait:
        return await house.port(Port).view(run=run, account_id=whose)
    return await house.port(Port).watch(run=run, account_id=whose, seconds=wait)


def _whose(principal: Principal, scope: str) -> str:
    """The one account whose orders are meant; empty for an operator, who may look after all."""
    if principal.may("operator", scope):
        return ""
    require(principal, "member", scope)
    return principal.subject
