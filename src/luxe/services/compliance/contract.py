"""The door of compliance."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from luxe.kernel.verbs import query

PURPOSES = ("terms", "privacy", "newsletter", "personalisation", "analytics")
"""What consent may be asked for. `terms` and `privacy` are agreed to on joining."""


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """`purpose` is one of `PURPOSES`; `version` names the text that was agreed to."""

    purpose: str
    version: str
    given: bool
    at: datetime


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`details` is a JSON object as text."""

    seq: int
    at: datetime
    service: str
    actor: str
    action: str
    target: str
    request_id: str
    details: str


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[AuditEntry]
    next: str | None


class Port(Protocol):
    """Refusals by code: `purpose_unknown`, `version_invalid`, `cursor_invalid`."""

    async def record_consent(
        self, *, account_id: str, purpose: str, version: str, given: bool
    ) -> Consent: ...

    @query
    async def consents(self, *, account_id: str) -> list[Consent]:
        """The latest word on each purpose."""
        ...

    @query
    async def audit_log(
        self, *, target: str = "", actor: str = "", cursor: str = "", limit: int = 50
    ) -> AuditPage:
        """Newest first."""
        ...
