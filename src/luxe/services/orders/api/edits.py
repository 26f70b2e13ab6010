"""REST of what is changed and noted about an order before it leaves the house: by its member, and by operators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    LONGEST_NOTE,
    Address,
    AddressEdit,
    EditedPiece,
    OrderNote,
    Port,
    RefundState,
)


class NewNote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NOTE)]


class Redirected(msgspec.Struct, frozen=True, kw_only=True):
    """Where the order goes now."""

    address: Address


class Lessening(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces that were taken out. `amount` goes back for them; `state` says whether it is on its way."""

    id: str
    order_id: str
    at: datetime
    actor: str
    reason: str
    state: RefundState
    pieces: list[EditedPiece]
    amount: Money


class Edits(msgspec.Struct, frozen=True, kw_only=True):
    """Other addresses in `items`, pieces that were taken out in `lines`; both oldest first."""

    items: list[AddressEdit]
    lines: list[Lessening]


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """Oldest first."""

    items: list[OrderNote]


@post(
    "/v1/orders/{order_id:str}/address",
    tags=["Orders"],
    summary="Send a paid order that has not left the house elsewhere",
    operation_id="changeOrderAddress",
    opt={"service": "orders"},
    status_code=200,
)
async def change_address(order_id: str, data: Address, principal: Principal, house: House) -> Redirected:
    """Within its country. What is packed of it already is packed again."""
    whose, port = _whose(principal, "orders:write"), house.port(Port)
    order = await port.order(order_id=order_id, account_id=whose)
    changed = await port.change_address(order_id=order.id, address=data, account_id=whose)
    return Redirected(address=changed.draft.address)


@get(
    "/v1/orders/{order_id:str}/edits",
    tags=["Orders"],
    summary="What was changed about an order, by whom",
    operation_id="listOrderEdits",
)
async def list_edits(order_id: str, principal: Principal, house: House) -> Edits:
    port = house.port(Port)
    order = await port.order(order_id=order_id, account_id=_whose(principal, "orders:read"))
    lines = [
        Lessening(**{name: getattr(each, name) for name in Lessening.__struct_fields__})
        for each in await port.line_edits(order_id=order.id)
    ]
    return Edits(items=await port.edits(order_id=order.id), lines=lines)


@get(
    "/v1/orders/{order_id:str}/notes",
    tags=["Orders"],
    summary="What was noted about an order",
    operation_id="listOrderNotes",
)
async def list_notes(order_id: str, principal: Principal, house: House) -> Notes:
    """A member sees their own notes, an operator the house's too."""
    whose, port = _whose(principal, "orders:read"), house.port(Port)
    order = await port.order(order_id=order_id, account_id=whose)
    return Notes(items=await port.notes(order_id=order.id, side="member" if whose else None))


@post(
    "/v1/orders/{order_id:str}/notes",
    tags=["Orders"],
    summary="Note something about an order",
    operation_id="addOrderNote",
    opt={"service": "orders"},
    status_code=201,
)
async def add_note(
    order_id: str, data: NewNote, principal: Principal, house: House, request: Request[Principal, str, State]
) -> OrderNote:
    """A member's is read by the house; an operator's stays in the house."""
    whose, port = _whose(principal, "orders:write"), house.port(Port)
    order = await port.order(order_id=order_id, account_id=whose)
    key = f"{principal.subject} {request.headers['idempotency-key']}"
    return await port.add_note(key=key, order_id=order.id, text=data.text, account_id=whose)


def _whose(principal: Principal, scope: str) -> str:
    """The one account whose orders are meant; empty for an operator."""
    if principal.may("operator", scope):
        return ""
    require(principal, "member", scope)
    return principal.subject


handlers = [change_address, list_edits, list_notes, add_note]
