"""REST of membership: what an applicant and a member may do, and the operators' queue."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import Parameter

from luxe.kernel import errors
from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.ids import is_id
from luxe.services.membership.contract import (
    Application,
    ApplicationForm,
    ApplicationPage,
    Invitation,
    InvitationMade,
    Membership,
    Plan,
    Port,
)

TAGS = ["Membership"]
Currency = Annotated[str, Parameter(pattern="^[A-Z]{3}$", description="ISO 4217")]


class InvitationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many people may come (`uses`), for how many days, and, if `email` is given, that only this address may."""

    inviter_name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    uses: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30
    email: Annotated[str, msgspec.Meta(max_length=254)] = ""
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
    locale: Annotated[str, msgspec.Meta(max_length=20)] = "en"


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decline needs a reason, which the applicant is told."""

    approve: bool
    reason: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


def _own(principal: Principal) -> str:
    """Whoever has signed in may ask about themselves; an API key needs the scope."""
    if not principal.known:
        raise errors.Unauthenticated("sign in, or send an API key as a bearer token")
    if principal.kind == "api_key" and "members:read" not in principal.scopes:
        raise errors.Forbidden("this needs the scope members:read")
    return principal.subject


def _in_person(principal: Principal) -> str:
    if not principal.known:
        raise errors.Unauthenticated("sign in")
    if principal.kind != "session":
        raise errors.Forbidden("this is not done by an API key")
    return principal.subject


@get("/v1/membership", tags=TAGS, summary="Your membership", operation_id="getMembership")
async def membership(principal: Principal, house: House) -> Membership:
    """Tier, benefits, what is spent and what is missing to the next tier."""
    found = await house.port(Port).membership_of(account_id=_own(principal))
    if found is None:
        raise errors.NotFound("you have no membership", code="membership_unknown")
    return found


@get("/v1/membership/plan", tags=TAGS, summary="The annual plan", operation_id="getPlan")
async def plan(principal: Principal, house: House, currency: Currency = "CNY") -> Plan:
    """The fee of a year in a currency, tax included."""
    _own(principal)
    return await house.port(Port).plan(currency=currency)


@get("/v1/membership/application", tags=TAGS, summary="Your application", operation_id="getApplication")
async def own_application(principal: Principal, house: House) -> Application:
    """The latest application and what was decided on it."""
    found = await house.port(Port).application_of(account_id=_own(principal))
    if found is None:
        raise errors.NotFound("you have not applied", code="application_unknown")
    return found


@post(
    "/v1/membership/application",
    opt={"service": "membership"},
    tags=TAGS,
    summary="Apply",
    operation_id="apply",
)
async def apply(principal: Principal, house: House, data: ApplicationForm) -> Application:
    """Hands in the evidence of qualification. One application is open at a time."""
    return await house.port(Port).apply(account_id=_in_person(principal), form=data)


@get("/v1/applications", tags=TAGS, summary="Applications to decide", operation_id="listApplications")
async def applications(
    principal: Principal,
    house: House,
    in_state: Annotated[Literal["submitted", "approved", "declined"], Parameter(query="state")] = "submitted",
    cursor: Annotated[str, Parameter(max_length=64, description="`next` of the page before")] = "",
    limit: Annotated[int, Parameter(ge=1, le=100)] = 25,
) -> ApplicationPage:
    """Oldest first. For operators."""
    require(principal, "operator", "members:read")
    if cursor and not is_id(cursor, "app"):
        raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
    return await house.port(Port).applications(state=in_state, cursor=cursor, limit=limit)


@get(
    "/v1/applications/{application_id:str}",
    tags=TAGS,
    summary="An application",
    operation_id="readApplication",
)
async def application(principal: Principal, house: House, application_id: str) -> Application:
    """With all of its evidence. For operators."""
    require(principal, "operator", "members:read")
    return await house.port(Port).application(application_id=application_id)


@post(
    "/v1/applications/{application_id:str}/decision",
    opt={"service": "membership"},
    status_code=200,
    tags=TAGS,
    summary="Approve or decline",
    operation_id="decideApplication",
)
async def decide(principal: Principal, house: House, application_id: str, data: Decision) -> Application:
    """Decides once and for all. For operators, in person."""
    require(principal, "operator", "members:write")
    by = _in_person(principal)
    return await house.port(Port).decide(
        application_id=application_id, approve=data.approve, reason=data.reason, by=by
    )


@get("/v1/invitations", tags=TAGS, summary="Invitations", operation_id="listInvitations")
async def invitations(
    principal: Principal,
    house: House,
    inviter_id: Annotated[str, Parameter(max_length=64)] = "",
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
) -> list[Invitation]:
    """Newest first. For operators."""
    require(principal, "operator", "members:read")
    return await house.port(Port).invitations(inviter_id=inviter_id, limit=limit)


@post("/v1/invitations", opt={"service": "membership"}, tags=TAGS, summary="Invite", operation_id="invite")
async def invite(principal: Principal, house: House, data: InvitationDraft) -> InvitationMade:
    """Makes an invitation; its code is shown this once. For operators, in person."""
    require(principal, "operator", "members:write")
    return await house.port(Port).invite(
        inviter_id=_in_person(principal),
        inviter_name=data.inviter_name,
        uses=data.uses,
        days=data.days,
        email=data.email,
        note=data.note,
        locale=data.locale,
    )


@post(
    "/v1/invitations/{invitation_id:str}/revocation",
    opt={"service": "membership"},
    status_code=204,
    tags=TAGS,
    summary="Revoke an invitation",
    operation_id="revokeInvitation",
)
async def revoke(principal: Principal, house: House, invitation_id: str) -> None:
    """Places that accounts have taken stay theirs. For operators, in person."""
    require(principal, "operator", "members:write")
    _in_person(principal)
    await house.port(Port).revoke_invitation(invitation_id=invitation_id)


handlers = [
    membership,
    plan,
    own_application,
    apply,
    applications,
    application,
    decide,
    invitations,
    invite,
    revoke,
]
