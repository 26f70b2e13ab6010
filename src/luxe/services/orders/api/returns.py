"""REST of returns: a member's own, and for operators what is decided and found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.services.orders.contract import Finding, Port, Return, ReturnState, ReturnUnit


class ReturnEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`number` stands on the label; `decision` is why it was declined."""

    id: str
    number: str
    order_id: str
    state: ReturnState
    reason: str
    decision: str
    units: list[ReturnUnit]
    requested_at: datetime
    changed_at: datetime


class ReturnList(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is the cursor of the page after this one."""

    items: list[ReturnEntry]
    next: str | None


class ReturnDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The member is told the reason of a refusal."""

    approve: bool
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class ReturnInspection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One finding for each unit of the return."""

    findings: Annotated[list[Finding], msgspec.Meta(min_length=1, max_length=200)]


@get("/v1/returns", tags=["Returns"], summary="Returns, newest first", operation_id="listReturns")
async def list_returns(
    principal: Principal,
    house: House,
    wanted: Annotated[ReturnState | None, Parameter(query="state")] = None,
    cursor: Annotated[str, Parameter(max_length=64)] = "",
    limit: Annotated[int, Parameter(ge=1, le=100)] = 25,
) -> ReturnList:
    """A member's own; an operator's are everybody's."""
    page = await house.port(Port).returns(
        account_id=_whose(principal), state=wanted or "", cursor=cursor, limit=limit
    )
    return ReturnList(items=[_shown(each) for each in page.items], next=page.next)


@get("/v1/returns/{return_id:str}", tags=["Returns"], summary="One return", operation_id="getReturn")
async def get_return(return_id: str, principal: Principal, house: House) -> ReturnEntry:
    return _shown(await house.port(Port).return_of(return_id=return_id, account_id=_whose(principal)))


@post(
    "/v1/returns/{return_id:str}/withdraw",
    tags=["Returns"],
    summary="Keep the units after all",
    operation_id="withdrawReturn",
    opt={"service": "orders"},
    status_code=200,
)
async def withdraw_return(return_id: str, principal: Principal, house: House) -> ReturnEntry:
    require(principal, "member", "orders:write")
    return _shown(await house.port(Port).withdraw_return(return_id=return_id, account_id=principal.subject))


@post(
    "/v1/returns/{return_id:str}/decide",
    tags=["Returns"],
    summary="Approve or decline a return",
    operation_id="decideReturn",
    opt={"service": "orders"},
    status_code=200,
)
async def decide_return(
    return_id: str, data: ReturnDecision, principal: Principal, house: House
) -> ReturnEntry:
    require(principal, "operator", "orders:write")
    return _shown(
        await house.port(Port).decide_return(return_id=return_id, approve=data.approve, reason=data.reason)
    )


@post(
    "/v1/returns/{return_id:str}/inspect",
    tags=["Returns"],
    summary="Say what was found of the units that came back",
    operation_id="inspectReturn",
    opt={"service": "orders"},
    status_code=200,
)
async def inspect_return(
    return_id: str, data: ReturnInspection, principal: Principal, house: House
) -> ReturnEntry:
    """What was paid for the accepted units goes back; refused ones go back to the member."""
    require(principal, "operator", "orders:write")
    return _shown(await house.port(Port).inspect_return(return_id=return_id, findings=data.findings))


def _whose(principal: Principal) -> str:
    """The one account whose returns are meant; empty for an operator."""
    if principal.may("operator", "orders:read"):
        return ""
    require(principal, "member", "orders:read")
    return principal.subject


def _shown(each: Return) -> ReturnEntry:
    return ReturnEntry(**{name: getattr(each, name) for name in ReturnEntry.__struct_fields__})


handlers = [list_returns, get_return, withdraw_return, decide_return, inspect_return]
