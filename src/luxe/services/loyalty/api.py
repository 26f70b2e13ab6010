"""REST of loyalty: a member's own points."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.errors import BadRequest
from luxe.kernel.house import House
from luxe.kernel.ids import is_id
from luxe.services.loyalty.contract import Balance, Port, Statement


@get("/v1/points", tags=["Points"], summary="Your points", operation_id="getPoints")
async def points(principal: Principal, house: House) -> Balance:
    """What can be spent, what is set aside for a purchase under way, and what lapses next."""
    require(principal, "member", "points:read")
    return await house.port(Port).balance(account_id=principal.subject)


@get(
    "/v1/points/statement",
    tags=["Points"],
    summary="Your statement of points",
    operation_id="listPointsStatement",
)
async def statement(
    principal: Principal,
    house: House,
    cursor: Annotated[str, Parameter(max_length=64, description="`next` of the page before")] = "",
    limit: Annotated[int, Parameter(ge=1, le=100)] = 25,
) -> Statement:
    """Every change of your points with the balance after it, newest first."""
    require(principal, "member", "points:read")
    if cursor and not is_id(cursor, "jrn"):
        raise BadRequest("this is not a cursor of ours", code="cursor_invalid")
    return await house.port(Port).statement(account_id=principal.subject, cursor=cursor, limit=limit)
