"""The door of identity."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from luxe.kernel.auth import Principal
from luxe.kernel.facts import Fact
from luxe.kernel.verbs import phased, query

ROLES = ("member", "operator", "approver", "auditor", "integrator")
"""Words that other rooms require of a principal. `member` comes and goes with the membership."""

SCOPES = (
    "catalog:read", "orders:read", "orders:write", "inventory:read", "inventory:write",
    "bag:read", "bag:write", "addresses:read", "addresses:write", "payments:read", "webhooks:write", "points:read",
    "members:read",
    "rpc:catalog", "rpc:inventory", "rpc:pricing", "rpc:search", "rpc:orders",
)  # fmt: skip


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """`zone` is an IANA time zone; `locale` one of the house's twelve."""

    id: str
    email: str
    name: str
    locale: str
    currency: str
    zone: str
    roles: list[str]
    email_verified: bool
    has_password: bool
    passkeys: int
    created_at: datetime


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    device: str
    started_at: datetime
    seen_at: datetime
    method: str


class PasskeyView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    added_at: datetime
    used_at: datetime | None


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """`token` is the session's bearer; it is shown once and stored only as a hash."""

    token: str
    session_id: str
    account: Account


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """`options` is the JSON for `navigator.credentials`, `id` names the challenge when the answer comes back."""

    id: str
    options: str


class ApiKeyView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    used_at: datetime | None


class ApiKeyMade(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is shown once."""

    key: ApiKeyView
    secret: str


class AccountRegistered(Fact, frozen=True, kw_only=True):
    """`place` is the invitation place that membership had reserved."""

    about: ClassVar[str] = "account_id"
    account_id: str
    place: str
    locale: str


class EmailVerificationAsked(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "account_id"
    account_id: str
    ticket: str


class EmailVerified(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "account_id"
    account_id: str


class RecoveryAsked(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "account_id"
    account_id: str
    ticket: str


class SignedInFromNewDevice(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "account_id"
    account_id: str
    device: str
    at: datetime


class RolesChanged(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "account_id"
    account_id: str
    roles: list[str]


class Port(Protocol):
    """Refusals by code: `email_taken`, `email_invalid`, `name_invalid`, `label_invalid`, `preference_invalid` (with `field`),
    `password_weak` (with `reason`: too_short | too_long | common | repetitive | context), `sign_in_failed` (says nothing more),
    `too_many_attempts` (with `retry_after` in seconds), `challenge_unknown`, `passkey_invalid`, `passkey_unknown`, `last_way_in`,
    `ticket_invalid`, `account_unknown`, `session_unknown`, `role_unknown`, `scope_unknown`, `scope_forbidden`, `key_unknown`.

    `device` is a user agent, or a label for one; `address` a network address, used against guessing and not stored."""

    @phased
    async def register(
        self,
        *,
        place: str,
        email: str,
        name: str,
        locale: str,
        currency: str,
        zone: str = "UTC",
        password: str | None = None,
    ) -> Account:
        """Opens an account. `place` is a place reserved by an invitation. Asks for e-mail verification."""
        ...

    async def open_session(self, *, account_id: str, device: str, address: str, method: str) -> SignedIn:
        """Starts a session right after registration or an operator's seed; other ways verify first."""
        ...

    @phased
    async def sign_in(self, *, email: str, password: str, device: str, address: str) -> SignedIn: ...

    async def sign_out(self, *, session_id: str, account_id: str = "") -> None:
        """Ends one session. With an `account_id` it must be that account's (`session_unknown`)."""
        ...

    async def sign_out_everywhere(self, *, account_id: str, except_session: str = "") -> int:
        """Ends all sessions at once, in every process; returns how many."""
        ...

    async def begin_passkey(self, *, account_id: str) -> Challenge: ...

    async def finish_passkey(
        self, *, account_id: str, challenge_id: str, credential: str, label: str
    ) -> PasskeyView: ...

    async def remove_passkey(self, *, account_id: str, passkey_id: str) -> None:
        """Refuses (`last_way_in`) to remove the only way to sign in."""
        ...

    async def begin_passkey_sign_in(self) -> Challenge: ...

    async def finish_passkey_sign_in(
        self, *, challenge_id: str, credential: str, device: str, address: str
    ) -> SignedIn: ...

    async def ask_email_verification(self, *, account_id: str) -> None: ...

    async def verify_email(self, *, token: str) -> Account: ...

    async def ask_recovery(self, *, email: str) -> None:
        """Answers the same, in the same time, whether or not the address is known."""
        ...

    @phased
    async def recover(self, *, token: str, password: str | None, device: str, address: str) -> SignedIn:
        """Ends all sessions, sets the password if one is given, and starts a session to add a passkey in."""
        ...

    @phased
    async def change_password(self, *, account_id: str, current: str, new: str, session_id: str) -> None:
        """Sets a new password and ends every other session. An account without a password gives no current one.
        Raises `sign_in_failed` for a wrong current one, `password_weak`, `too_many_attempts`."""
        ...

    @query
    async def ticket_link(self, *, ticket: str) -> str:
        """The address that an e-mail carries for a verification or recovery ticket."""
        ...

    @query
    async def authenticate(self, *, token: str) -> Principal:
        """The principal behind a session token or API key; nobody for anything else."""
        ...

    @query
    async def account(self, *, account_id: str) -> Account: ...

    @query
    async def accounts(self, *, account_ids: list[str]) -> list[Account]: ...

    @query
    async def account_by_email(self, *, email: str) -> Account | None: ...

    @query
    async def sessions(self, *, account_id: str) -> list[SessionView]: ...

    @query
    async def passkeys(self, *, account_id: str) -> list[PasskeyView]: ...

    async def change_preferences(
        self, *, account_id: str, locale: str, currency: str, zone: str, name: str
    ) -> Account: ...

    async def grant_role(self, *, account_id: str, role: str, reason: str) -> Account: ...

    async def revoke_role(self, *, account_id: str, role: str, reason: str) -> Account: ...

    async def make_api_key(self, *, account_id: str, name: str, scopes: list[str]) -> ApiKeyMade:
        """The scopes `rpc:*` are for accounts with the role `integrator` (`scope_forbidden`), and count while it is held."""
        ...

    @query
    async def api_keys(self, *, account_id: str) -> list[ApiKeyView]: ...

    async def revoke_api_key(self, *, account_id: str, key_id: str) -> None: ...
