"""Applications and what is decided on them."""

from __future__ import annotations

from datetime import date
from typing import Any

from luxe.kernel import clock, errors
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.membership import domain, store
from luxe.services.membership.contract import (
    Application,
    ApplicationDecided,
    ApplicationForm,
    ApplicationPage,
    ApplicationSubmitted,
)
from luxe.services.membership.service.foundation import Foundation


def _view(row: Any) -> Application:
    form = ApplicationForm(
        full_name=row["full_name"],
        country=row["country"],
        city=row["city"],
        birthday=row["birthday"] or date.min,
        declared_spend=Money(row["declared_minor"], row["declared_currency"]),
        means=row["means"],
        references=row["references"] or [],
        houses=row["houses"] or [],
        bank_later=row["bank_later"],
        truthful=row["truthful"],
    )
    fields = (
        "id",
        "account_id",
        "state",
        "inviter_name",
        "submitted_at",
        "decided_at",
        "decided_by",
        "reason",
    )
    return Application(form=form, **{field: row[field] for field in fields})


class Applying(Foundation):
    async def apply(self, *, account_id: str, form: ApplicationForm) -> Application:
        """Raises `application_incomplete` with `errors`, `application_exists`, `application_too_soon` with `again_at`."""
        at = clock.now()
        listed = domain.problems_of(form, at.date(), self.rates)
        if listed:
            raise errors.PayloadInvalid(
                "the application is incomplete", code="application_incomplete", errors=listed
            )
        before = await store.latest_application(self.db.tx, account_id)
        if (
            before is not None
            and before["state"] == "declined"
            and at < before["decided_at"] + domain.AGAIN_AFTER
        ):
            again = before["decided_at"] + domain.AGAIN_AFTER
            raise errors.Conflict(
                "an application was declined less than 90 days ago",
                code="application_too_soon",
                again_at=again.isoformat(),
            )
        values = self._values(form) | {
            "id": new_id("app"),
            "account_id": account_id,
            "inviter_name": await store.inviter_of(self.db.tx, account_id),
            "submitted_at": at,
        }
        row = await store.insert_application(self.db.tx, values)
        if row is None:
            raise errors.Conflict("there is an application already", code="application_exists")
        await self.moved("application", [row["id"]], "", "submitted")
        self.db.emit(ApplicationSubmitted(application_id=row["id"], account_id=account_id))
        self.db.audit("membership.applied", row["id"], account_id=account_id)
        return _view(row)

    async def application_of(self, *, account_id: str) -> Application | None:
        row = await store.latest_application(self.db.tx, account_id)
        return _view(row) if row is not None else None

    async def application(self, *, application_id: str) -> Application:
        row = await store.application(self.db.tx, application_id)
        if row is None:
            raise errors.NotFound("no such application", code="application_unknown")
        return _view(row)

    async def applications(
        self, *, state: str = "submitted", cursor: str = "", limit: int = 25
    ) -> ApplicationPage:
        limit = max(1, min(limit, 100))
        rows = await store.applications_in(self.db.tx, state, cursor, limit + 1)
        items = [_view(row) for row in rows[:limit]]
        return ApplicationPage(items=items, next=items[-1].id if len(rows) > limit else None)

    async def decide(self, *, application_id: str, approve: bool, reason: str, by: str) -> Application:
        row = await store.application(self.db.tx, application_id, lock=True)
        if row is None:
            raise errors.NotFound("no such application", code="application_unknown")
        after = "approved" if approve else "declined"
        if after not in domain.APPLICATION_MOVES[row["state"]]:
            raise errors.Conflict(f"this application was {row['state']}", code="already_decided")
        reason = reason.strip()
        if not approve and not reason:
            raise errors.PayloadInvalid("a decline needs a reason", code="reason_missing")
        values = {"state": after, "decided_at": clock.now(), "decided_by": by, "reason": reason}
        decided = await store.set_decision(self.db.tx, application_id, values)
        await self.moved("application", [application_id], row["state"], after, reason=reason, by=by)
        self.db.emit(
            ApplicationDecided(
                application_id=application_id, account_id=row["account_id"], approved=approve, reason=reason
            )
        )
        self.db.audit("membership.decided", application_id, approved=approve, by=by)
        return _view(decided)

    def _values(self, form: ApplicationForm) -> dict[str, Any]:
        return {
            "state": "submitted",
            "full_name": form.full_name.strip(),
            "country": form.country,
            "city": form.city.strip(),
            "birthday": form.birthday,
            "declared_minor": form.declared_spend.minor,
            "declared_currency": form.declared_spend.currency,
            "means": form.means.strip(),
            "references": [each.strip() for each in form.references if each.strip()],
            "houses": [each.strip() for each in form.houses if each.strip()],
            "bank_later": form.bank_later,
            "truthful": form.truthful,
            "decided_at": None,
            "decided_by": "",
            "reason": "",
        }
