"""The refusals of identity, each with the status it has at the REST edge."""

from __future__ import annotations

from luxe.kernel.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    Refusal,
    TooManyRequests,
    Unauthenticated,
)


def email_invalid() -> Refusal:
    return BadRequest("this is not an e-mail address we can write to", code="email_invalid")


def email_taken() -> Refusal:
    return Conflict("an account with this e-mail address exists", code="email_taken")


def name_invalid() -> Refusal:
    return BadRequest("a name has 1 to 120 characters and no control characters", code="name_invalid")


def label_invalid() -> Refusal:
    return BadRequest("a label has at most 80 characters and no control characters", code="label_invalid")


def preference_invalid(field: str) -> Refusal:
    return BadRequest(f"the house does not know this {field}", code="preference_invalid", field=field)


def password_weak(reason: str) -> Refusal:
    details = {
        "too_short": "use at least ten characters",
        "too_long": "use at most 256 characters",
        "common": "this is among the first passwords that anybody would try",
        "repetitive": "this repeats or counts too plainly",
        "context": "this is little more than your name, your address or ours",
    }
    return BadRequest(details[reason], code="password_weak", reason=reason)


def sign_in_failed() -> Refusal:
    return Unauthenticated("that did not work", code="sign_in_failed")


def too_many_attempts(seconds: int) -> Refusal:
    return TooManyRequests("too many attempts; wait a little", code="too_many_attempts", retry_after=seconds)


def challenge_unknown() -> Refusal:
    return BadRequest("this challenge was answered already, or took too long", code="challenge_unknown")


def passkey_invalid() -> Refusal:
    return BadRequest("this passkey could not be verified", code="passkey_invalid")


def passkey_unknown() -> Refusal:
    return NotFound("no such passkey", code="passkey_unknown")


def last_way_in() -> Refusal:
    return Conflict("this is the only way to sign in; add another first", code="last_way_in")


def ticket_invalid() -> Refusal:
    return BadRequest("this link was used already, or is too old", code="ticket_invalid")


def account_unknown() -> Refusal:
    return NotFound("no such account", code="account_unknown")


def session_unknown() -> Refusal:
    return NotFound("no such session", code="session_unknown")


def role_unknown(role: str) -> Refusal:
    return BadRequest("no such role", code="role_unknown", role=role)


def scope_unknown(scope: str) -> Refusal:
    return BadRequest("no such scope", code="scope_unknown", scope=scope)


def scope_forbidden(scope: str) -> Refusal:
    return Forbidden("this scope is for integrators", code="scope_forbidden", scope=scope)


def key_unknown() -> Refusal:
    return NotFound("no such API key", code="key_unknown")
