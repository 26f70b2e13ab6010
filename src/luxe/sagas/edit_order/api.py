"""REST of taking pieces out of an order: look at it beforehand, start a run, watch it. Members edit their own orders,
operators any."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.sagas.edit_order.contract import MOST_LINES, EditPreview, EditView, Port, WantedLine

Wait = Annotated[
    int, Parameter(query="wait", ge=0, le=10, description="Seconds to wait for the run to have ended.")
]
DryRun = Annotated[
    bool, Parameter(query="dry_run", description="Only tell what would go back, and why; change nothing.")
]


class EditRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`order_id` is an id or a number; lines that are not named stay as they are. A member need not say why; an operator has
    to, and the member is told. With `expected`, only if just that goes back."""

    order_id: Annotated[str, msgspec.Meta(max_length=64)]
    lines: Annotated[list[WantedLine], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""
    expected: Money | None = None


@post(
    "/v1/order-edits",
    tags=["Orders"],
    summary="Take pieces out of a paid order that has not left the house",
    operation_id="startOrderEdit",
    status_code=202,
    opt={"service": "edit_order"},
    responses={200: ResponseSpec(EditPreview, description="With `dry_run`: what would go back, and why")},
)
async def start(
    data: EditRequest,
    principal: Principal,
    house: House,
    request: Request[Principal, str, State],
    dry_run: DryRun = False,
) -> Response[EditView | EditPreview]:
    """The order is priced anew without them, and the difference goes back to where it was paid from."""
    whose, port = _whose(principal, "orders:write"), house.port(Port)
    if dry_run:
        seen = await port.preview(order_id=data.order_id, lines=data.lines, account_id=whose)
        return Response(seen, status_code=200)
    begun = await port.start(
        key=request.headers["idempotency-key"],
        by=principal.subject,
        order_id=data.order_id,
        lines=data.lines,
        reason=data.reason,
        account_id=whose,
        expected=data.expected,
    )
    return Response(begun, status_code=202)


@get("/v1/order-edits/{run:str}", tags=["Orders"], summary="Watch an edit", operation_id="getOrderEdit")
async def watch(run: str, principal: Principal, house: House, wait: Wait = 0) -> EditView:
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
