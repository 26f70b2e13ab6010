"""The door of membership."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import query

Tier = Literal["silver", "gold", "black"]
ApplicationState = Literal["submitted", "approved", "declined"]
MembershipState = Literal["active", "lapsed", "ended"]


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """`uses_left` counts places neither taken nor reserved. `email` binds it to one address of the whitelist."""

    id: str
    inviter_id: str
    inviter_name: str
    note: str
    email: str
    uses: int
    uses_left: int
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


class InvitationMade(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is shown once; `link` is the address of the gate with it."""

    invitation: Invitation
    code: str
    link: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One use of an invitation, reserved for an e-mail address until `expires_at` or until an account takes it."""

    id: str
    inviter_name: str
    expires_at: datetime


class ApplicationForm(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence of qualification: able to spend 500,000 CNY a year on luxury.

    `declared_spend` is per year; `means` says where it comes from; `references` are two or more names or e-mail addresses of members or houses.
    """

    full_name: str
    country: str
    city: str
    birthday: date
    declared_spend: Money
    means: str
    references: list[str]
    houses: list[str] = []
    bank_later: bool = False
    truthful: bool = False


class Application(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    account_id: str
    state: ApplicationState
    form: ApplicationForm
    inviter_name: str
    submitted_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str


class ApplicationPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Application]
    next: str | None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The annual plan of a market: `fee` includes tax."""

    id: str
    name: str
    fee: Money
    months: int


class Benefit(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of the tier's column in the benefit matrix; `quota` None is unlimited, per membership year otherwise."""

    code: str
    quota: int | None
    used: int


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """`qualifying` is spend past its return window in the base currency, `pending` is still within it."""

    account_id: str
    number: str
    tier: Tier
    state: MembershipState
    since: datetime
    until: datetime
    qualifying: Money
    pending: Money
    next_tier: str
    to_next: Money | None
    points_multiplier_percent: int
    benefits: list[Benefit]


class InvitationIssued(Fact, frozen=True, kw_only=True):
    """`email` is empty for an invitation that is not bound to an address."""

    about: ClassVar[str] = "invitation_id"
    invitation_id: str
    email: str
    locale: str


class ApplicationSubmitted(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "application_id"
    application_id: str
    account_id: str


class ApplicationDecided(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "application_id"
    application_id: str
    account_id: str
    approved: bool
    reason: str


class MembershipActivated(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "account_id"
    account_id: str
    tier: str
    number: str
    until: datetime
    run: str


class MembershipLapsed(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "account_id"
    account_id: str


class TierChanged(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "account_id"
    account_id: str
    before: str
    after: str


class Port(Protocol):
    """Refusals by code: `invitation_invalid` (wrong, spent, expired, revoked or bound to another address: nobody can tell which),
    `invitation_incomplete` (with `errors`), `invitation_unknown` (by id), `application_exists`, `application_too_soon` (with
    `again_at`, 90 days after a decline), `application_incomplete` (with `errors`), `application_unknown`, `already_decided`,
    `reason_missing`, `not_approved`, `already_member`, `currency_unsupported`."""

    async def invite(
        self,
        *,
        inviter_id: str,
        inviter_name: str,
        uses: int,
        days: int,
        email: str = "",
        note: str = "",
        locale: str = "en",
        key: str = "",
    ) -> InvitationMade:
        """The same `key` of the same inviter is the same invitation, as it was made first."""
        ...

    @query
    async def invitations(self, *, inviter_id: str = "", limit: int = 50) -> list[Invitation]:
        """Newest first; all of the house's if no inviter is named."""
        ...

    async def revoke_invitation(self, *, invitation_id: str) -> None: ...

    @query
    async def invitation_link(self, *, invitation_id: str) -> str: ...

    @query
    async def look_at_invitation(self, *, code: str) -> Invitation: ...

    async def take_place(self, *, code: str, email: str) -> Place:
        """Reserves one use for an hour; the same address gets the same place again."""
        ...

    async def apply(self, *, account_id: str, form: ApplicationForm) -> Application: ...

    @query
    async def application_of(self, *, account_id: str) -> Application | None: ...

    @query
    async def application(self, *, application_id: str) -> Application: ...

    @query
    async def applications(
        self, *, state: str = "submitted", cursor: str = "", limit: int = 25
    ) -> ApplicationPage:
        """Oldest first, so that nobody waits for ever."""
        ...

    async def decide(self, *, application_id: str, approve: bool, reason: str, by: str) -> Application:
        """A decline needs a reason, which the applicant is told."""
        ...

    @query
    async def plan(self, *, currency: str) -> Plan: ...

    @query
    async def fee_due(self, *, account_id: str, currency: str) -> Plan:
        """The plan that an approved applicant pays. Raises `not_approved` or `already_member`."""
        ...

    async def activate(self, *, run: str, account_id: str, fee: Money) -> Membership:
        """Opens or renews the membership for a paid fee; the same run has one effect."""
        ...

    @query
    async def membership_of(self, *, account_id: str) -> Membership | None: ...
