"""REST of compliance: one's own consents, and the audit log for auditors."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.errors import Forbidden, Unauthenticated
from luxe.kernel.house import House
from luxe.services.compliance.contract import AuditPage, Consent, Port


class ConsentWord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    purpose: str
    version: str
    given: bool


def _in_person(principal: Principal) -> str:
    if not principal.known:
        raise Unauthenticated("sign in first")
    if principal.kind != "session":
        raise Forbidden("this is for a person who is signed in, not for an API key")
    return principal.subject


@get(
    "/v1/me/consents",
    tags=["Account"],
    summary="Your latest word on each purpose",
    operation_id="listConsents",
)
async def list_consents(principal: Principal, house: House) -> list[Consent]:
    return await house.port(Port).consents(account_id=_in_person(principal))


@post(
    "/v1/me/consents",
    tags=["Account"],
    summary="Give or withdraw consent",
    operation_id="recordConsent",
    opt={"service": "compliance"},
)
async def record_consent(data: ConsentWord, principal: Principal, house: House) -> Consent:
    return await house.port(Port).record_consent(
        account_id=_in_person(principal), purpose=data.purpose, version=data.version, given=data.given
    )


@get("/v1/audit", tags=["Audit"], summary="The audit log, newest first", operation_id="listAudit")
async def list_audit(
    principal: Principal,
    house: House,
    target: Annotated[str, Parameter(description="Only acts on this object", max_length=200)] = "",
    actor: Annotated[str, Parameter(description="Only acts by this account", max_length=200)] = "",
    cursor: Annotated[str, Parameter(description="`next` of the page before", max_length=200)] = "",
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
) -> AuditPage:
    require(principal, "auditor", "members:read")
    return await house.port(Port).audit_log(target=target, actor=actor, cursor=cursor, limit=limit)


handlers = [list_consents, record_consent, list_audit]
