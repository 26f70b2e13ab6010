"""The use cases of compliance."""

from __future__ import annotations

from luxe.kernel import clock
from luxe.kernel.audit import Audited
from luxe.kernel.house import House
from luxe.services.compliance import domain, store
from luxe.services.compliance.contract import AuditPage, Consent

MOST_ENTRIES = 200


class Compliance:
    def __init__(self, house: House) -> None:
        self.db = house.database("compliance")

    async def record_consent(self, *, account_id: str, purpose: str, version: str, given: bool) -> Consent:
        domain.check_consent(purpose, version)
        consent = Consent(purpose=purpose, version=version, given=given, at=clock.now())
        await store.add_consent(self.db.tx, account_id, consent)
        self.db.audit(
            "compliance.consent_recorded", account_id, purpose=purpose, version=version, given=given
        )
        return consent

    async def consents(self, *, account_id: str) -> list[Consent]:
        return await store.latest_consents(self.db.tx, account_id)

    async def audit_log(
        self, *, target: str = "", actor: str = "", cursor: str = "", limit: int = 50
    ) -> AuditPage:
        """At most 200 entries at a time. Raises `cursor_invalid`."""
        size = min(max(limit, 1), MOST_ENTRIES)
        found = await store.entries(self.db.tx, target, actor, domain.read_cursor(cursor), size + 1)
        items = found[:size]
        return AuditPage(items=items, next=domain.cursor_after(items[-1]) if len(found) > size else None)

    async def collect(self, fact: Audited) -> None:
        """Keeps an act of any service in the log, once however often it is told."""
        await store.add_entry(
            self.db.tx,
            entry=fact.entry,
            at=fact.at,
            service=fact.service,
            actor=fact.actor,
            action=fact.action,
            target=fact.target,
            request_id=fact.request_id,
            details=fact.details,
        )
