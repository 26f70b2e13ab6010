"""REST of loyalty: a member's own points, and the books and adjustments of operators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.errors import BadRequest, Forbidden, Unauthenticated
from luxe.kernel.house import House
from luxe.kernel.ids import is_id, new_id
from luxe.services.loyalty.contract import (
    Adjustment,
    AdjustmentPage,
    Balance,
    Port,
    Recount,
    Statement,
    TrialBalance,
)

TAGS = ["Points"]
Cursor = Annotated[str, Parameter(max_length=64, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=100)]


class AdjustmentDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points to give, or below zero to take, and why."""

    account_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    points: Annotated[int, msgspec.Meta(ge=-1_000_000_000, le=1_000_000_000)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class AdjustmentDecision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the second operator says."""

    approve: bool
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


def _cursor(cursor: str, prefix: str) -> str:
    if cursor and not is_id(cursor, prefix):
        raise BadRequest("this is not a cursor of ours", code="cursor_invalid")
    return cursor


def _second(principal: Principal) -> str:
    """An operator or an approver, in person."""
    if not principal.known:
        raise Unauthenticated("sign in")
    if principal.kind != "session" or not principal.roles & {"operator", "approver"}:
        raise Forbidden("this needs the role operator or approver, in person")
    return principal.subject


@get("/v1/points", tags=TAGS, summary="Your points", operation_id="getPoints")
async def points(principal: Principal, house: House) -> Balance:
    """What can be spent, what is set aside for a purchase under way, what lapses next, and what is owed."""
    require(principal, "member", "points:read")
    return await house.port(Port).balance(account_id=principal.subject)


@get(
    "/v1/points/statement", tags=TAGS, summary="Your statement of points", operation_id="listPointsStatement"
)
async def statement(principal: Principal, house: House, cursor: Cursor = "", limit: Limit = 25) -> Statement:
    """Every change of your points with the balance after it, newest first."""
    require(principal, "member", "points:read")
    return await house.port(Port).statement(
        account_id=principal.subject, cursor=_cursor(cursor, "jrn"), limit=limit
    )


@get("/v1/points/trial-balance", tags=TAGS, summary="The books' sums", operation_id="getPointsTrialBalance")
async def trial_balance(
    principal: Principal,
    house: House,
    at: Annotated[
        datetime | None, Parameter(description="All that was posted until then; now if absent")
    ] = None,
) -> TrialBalance:
    """Accounts by kind, and totals that sum to zero. For operators."""
    require(principal, "operator", "points:read")
    if at is not None and at.tzinfo is None:
        raise BadRequest("say the zone of the moment", code="moment_invalid")
    return await house.port(Port).trial_balance(at=at)


@get("/v1/points/recounts", tags=TAGS, summary="Recounts of the books", operation_id="listPointsRecounts")
async def recounts(principal: Principal, house: House, limit: Limit = 10) -> list[Recount]:
    """Whether balances and lots agree with the entries, each hour, newest first. For operators."""
    require(principal, "operator", "points:read")
    return await house.port(Port).recounts(limit=limit)


@get(
    "/v1/points/accounts/{account_id:str}",
    tags=TAGS,
    summary="A member's points",
    operation_id="getPointsOfAccount",
)
async def points_of(principal: Principal, house: House, account_id: str) -> Balance:
    """Nothing of everything for somebody who has no points. For operators."""
    require(principal, "operator", "points:read")
    return await house.port(Port).balance(account_id=account_id)


@get(
    "/v1/points/accounts/{account_id:str}/statement",
    tags=TAGS,
    summary="A member's statement of points",
    operation_id="listPointsStatementOfAccount",
)
async def statement_of(
    principal: Principal, house: House, account_id: str, cursor: Cursor = "", limit: Limit = 25
) -> Statement:
    """As the member sees it. For operators."""
    require(principal, "operator", "points:read")
    return await house.port(Port).statement(account_id=account_id, cursor=_cursor(cursor, "jrn"), limit=limit)


@get("/v1/points/adjustments", tags=TAGS, summary="Adjustments by hand", operation_id="listPointsAdjustments")
async def adjustments(
    principal: Principal,
    house: House,
    in_state: Annotated[
        Literal["", "pending", "made", "declined"], Parameter(query="state", description="All if absent")
    ] = "",
    account_id: Annotated[str, Parameter(max_length=64, description="Of this member alone")] = "",
    cursor: Cursor = "",
    limit: Limit = 25,
) -> AdjustmentPage:
    """Newest first. For operators."""
    require(principal, "operator", "points:read")
    return await house.port(Port).adjustments(
        state=in_state, account_id=account_id, cursor=_cursor(cursor, "adj"), limit=limit
    )


@post(
    "/v1/points/adjustments",
    opt={"service": "loyalty"},
    tags=TAGS,
    summary="Give or take points",
    operation_id="adjustPoints",
)
async def adjust(principal: Principal, house: House, data: AdjustmentDraft) -> Adjustment:
    """At once below the house's limit; above it the adjustment is `pending` until a second operator decides. For
    operators, in person."""
    require(principal, "operator")
    return await house.port(Port).adjust(
        key=new_id("key"),
        account_id=data.account_id,
        points=data.points,
        reason=data.reason,
        operator_id=principal.subject,
    )


@post(
    "/v1/points/adjustments/{adjustment_id:str}/decision",
    opt={"service": "loyalty"},
    status_code=200,
    tags=TAGS,
    summary="Approve or decline an adjustment",
    operation_id="decidePointsAdjustment",
)
async def decide(
    principal: Principal, house: House, adjustment_id: str, data: AdjustmentDecision
) -> Adjustment:
    """Once and for all, by somebody else than who proposed it. For operators and approvers."""
    return await house.port(Port).decide_adjustment(
        adjustment_id=adjustment_id, operator_id=_second(principal), approve=data.approve, note=data.note
    )


HANDLERS = [
    points, statement, trial_balance, recounts, points_of, statement_of, adjustments, adjust, decide,
]  # fmt: skip
