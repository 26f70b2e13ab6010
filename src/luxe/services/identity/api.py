"""REST of identity: an account and its ways in, for the person themselves; API keys.

What opens or closes a way in is for sessions alone: an API key cannot make itself stronger.
"""

from __future__ import annotations

import msgspec
from litestar import delete, get, patch, post
from litestar.params import Parameter

from luxe.kernel.auth import Principal
from luxe.kernel.errors import Forbidden, Unauthenticated
from luxe.kernel.house import House
from luxe.services.identity.contract import (
    Account,
    ApiKeyMade,
    ApiKeyView,
    Challenge,
    PasskeyView,
    Port,
    SessionView,
)

_ONCE = {"service": "identity"}
_SHOWN_ONCE = {"service": "identity", "shown_once": True}


class Preferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    name: str | None = None
    locale: str | None = None
    currency: str | None = None
    zone: str | None = None


class PasskeyAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`credential` is the JSON of the `PublicKeyCredential`, as text."""

    challenge_id: str
    credential: str
    label: str = ""


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    scopes: list[str]


class SessionsEnded(msgspec.Struct, frozen=True, kw_only=True):
    ended: int


def _in_person(principal: Principal) -> str:
    """The account id of a session. Raises `Unauthenticated` or `Forbidden`."""
    if not principal.known:
        raise Unauthenticated("sign in first")
    if principal.kind != "session":
        raise Forbidden("this is for a person who is signed in, not for an API key")
    return principal.subject


@get("/v1/me", tags=["Account"], summary="Your account", operation_id="me")
async def me(principal: Principal, house: House) -> Account:
    return await house.port(Port).account(account_id=_in_person(principal))


@patch("/v1/me", tags=["Account"], summary="Change your preferences", operation_id="changeMe", opt=_ONCE)
async def change_me(data: Preferences, principal: Principal, house: House) -> Account:
    account_id = _in_person(principal)
    account = await house.port(Port).account(account_id=account_id)
    return await house.port(Port).change_preferences(
        account_id=account_id,
        name=data.name if data.name is not None else account.name,
        locale=data.locale if data.locale is not None else account.locale,
        currency=data.currency if data.currency is not None else account.currency,
        zone=data.zone if data.zone is not None else account.zone,
    )


@get("/v1/me/sessions", tags=["Account"], summary="Where you are signed in", operation_id="listSessions")
async def list_sessions(principal: Principal, house: House) -> list[SessionView]:
    return await house.port(Port).sessions(account_id=_in_person(principal))


@delete(
    "/v1/me/sessions",
    tags=["Account"],
    summary="Sign out everywhere",
    operation_id="endSessions",
    status_code=200,
    opt=_ONCE,
)
async def end_sessions(
    principal: Principal,
    house: House,
    keep_this: bool = Parameter(default=False, description="Stay signed in here"),
) -> SessionsEnded:
    account_id = _in_person(principal)
    kept = principal.credential if keep_this else ""
    return SessionsEnded(
        ended=await house.port(Port).sign_out_everywhere(account_id=account_id, except_session=kept)
    )


@delete(
    "/v1/me/sessions/{session_id:str}",
    tags=["Account"],
    summary="Sign out one device",
    operation_id="endSession",
    opt=_ONCE,
)
async def end_session(session_id: str, principal: Principal, house: House) -> None:
    await house.port(Port).sign_out(session_id=session_id, account_id=_in_person(principal))


@get("/v1/me/passkeys", tags=["Account"], summary="Your passkeys", operation_id="listPasskeys")
async def list_passkeys(principal: Principal, house: House) -> list[PasskeyView]:
    return await house.port(Port).passkeys(account_id=_in_person(principal))


@post(
    "/v1/me/passkeys/challenges",
    tags=["Account"],
    summary="Begin to add a passkey",
    operation_id="beginPasskey",
    opt=_ONCE,
)
async def begin_passkey(principal: Principal, house: House) -> Challenge:
    return await house.port(Port).begin_passkey(account_id=_in_person(principal))


@post("/v1/me/passkeys", tags=["Account"], summary="Add a passkey", operation_id="addPasskey", opt=_ONCE)
async def add_passkey(data: PasskeyAnswer, principal: Principal, house: House) -> PasskeyView:
    return await house.port(Port).finish_passkey(
        account_id=_in_person(principal),
        challenge_id=data.challenge_id,
        credential=data.credential,
        label=data.label,
    )


@delete(
    "/v1/me/passkeys/{passkey_id:str}",
    tags=["Account"],
    summary="Remove a passkey",
    operation_id="removePasskey",
    opt=_ONCE,
)
async def remove_passkey(passkey_id: str, principal: Principal, house: House) -> None:
    await house.port(Port).remove_passkey(account_id=_in_person(principal), passkey_id=passkey_id)


@get("/v1/api-keys", tags=["API keys"], summary="Your API keys", operation_id="listApiKeys")
async def list_api_keys(principal: Principal, house: House) -> list[ApiKeyView]:
    return await house.port(Port).api_keys(account_id=_in_person(principal))


@post(
    "/v1/api-keys",
    tags=["API keys"],
    summary="Make an API key",
    description="The secret is in this answer and nowhere else; the same Idempotency-Key does not show it again.",
    operation_id="makeApiKey",
    opt=_SHOWN_ONCE,
)
async def make_api_key(data: NewApiKey, principal: Principal, house: House) -> ApiKeyMade:
    return await house.port(Port).make_api_key(
        account_id=_in_person(principal), name=data.name, scopes=data.scopes
    )


@delete(
    "/v1/api-keys/{key_id:str}",
    tags=["API keys"],
    summary="Revoke an API key",
    operation_id="revokeApiKey",
    opt=_ONCE,
)
async def revoke_api_key(key_id: str, principal: Principal, house: House) -> None:
    await house.port(Port).revoke_api_key(account_id=_in_person(principal), key_id=key_id)


handlers = [
    me,
    change_me,
    list_sessions,
    end_sessions,
    end_session,
    list_passkeys,
    begin_passkey,
    add_passkey,
    remove_passkey,
    list_api_keys,
    make_api_key,
    revoke_api_key,
]
