"""The providers' statements of a day against our books, and the cases that come of it."""

from __future__ import annotations

from datetime import date, timedelta

import structlog

from luxe.kernel import clock, context, errors
from luxe.kernel.db import Database
from luxe.services.payments.contract import Case, CasePage, Reconciled, Resolution
from luxe.services.payments.domain.differences import SLACK, of_captures, of_refunds
from luxe.services.payments.service.provider import ProviderRefused
from luxe.services.payments.service.providers import AT_ONCE, UNSTATED, Providers
from luxe.services.payments.service.recording import Recording
from luxe.services.payments.store import cases, intents, statements

NOTE_LENGTH = 1_000
DAY = timedelta(days=1)

log = structlog.get_logger()


class Reconciling:
    def __init__(self, db: Database, providers: Providers, recording: Recording) -> None:
        self.db = db
        self.providers = providers
        self.recording = recording

    async def reconcile(self, *, day: date) -> Reconciled:
        if day > clock.now().date():
            raise errors.BadRequest("this day has not begun", code="day_invalid")
        for provider in self.providers.everyone():
            try:
                async for page in provider.statement(day):
                    async with self.db.transaction() as tx:
                        await statements.keep(tx, day, page)
            except ProviderRefused as refused:
                raise errors.Unavailable(f"{provider.name} gave no statement: {refused}") from refused
        opened = await self._disputes(day)
        now = clock.now()
        async with self.db.transaction() as tx:
            captures = await statements.differing_captures(tx, day, now, at_once=AT_ONCE, unstated=UNSTATED)
            found = [of_captures(day, each) for each in captures]
            found += [
                of_refunds(day, each) for each in await statements.refunds(tx, day, now, unstated=UNSTATED)
            ]
            differences = [each for each in found if each is not None]
            opened += await cases.open_cases(tx, differences, now)
            lines = await statements.count(tx, day)
            if day <= self._latest():
                await statements.mark(tx, day, lines=lines, opened=opened, at=now)
        if opened:
            log.warning("statement_differs", day=day.isoformat(), opened=opened)
        return Reconciled(day=day, lines=lines, opened=opened)

    async def catch_up(self) -> bool:
        """Compares the earliest day that is over and was not compared yet; True if there was one."""
        async with self.db.apart():
            async with self.db.reading() as tx:
                day = await statements.next_day(tx, self._latest())
            if day is None:
                return False
            try:
                await self.reconcile(day=day)
            except (errors.Unavailable, errors.DeadlineExceeded) as silence:
                log.warning("provider_silent", day=day.isoformat(), problem=silence.detail)
                return False
        return True

    async def resolve(self, *, case_id: str, note: str, how: Resolution) -> Case:
        said = note.strip()
        if not 1 <= len(said) <= NOTE_LENGTH:
            raise errors.BadRequest("say what was found out", code="note_missing")
        by = context.current().actor
        case = await cases.resolve(self.db.tx, case_id, how=how, note=said, by=by, at=clock.now())
        if case is not None:
            self.db.audit("payments.case_resolved", case_id, how=how, note=said)
            return case
        known = await self.case(case_id=case_id)
        if (known.how, known.note) != (how, said):
            raise errors.Conflict("this case is resolved", code="case_resolved")
        return known

    async def case(self, *, case_id: str) -> Case:
        found = await cases.find(self.db.tx, case_id)
        if found is None:
            raise errors.NotFound("there is no such case", code="case_unknown")
        return found

    async def cases(self, *, state: str, cursor: str, limit: int) -> CasePage:
        size = max(1, min(limit, 100))
        found = await cases.page(self.db.tx, state, cursor, size + 1)
        items = found[:size]
        return CasePage(items=items, next=items[-1].id if len(found) > size else None)

    async def _disputes(self, day: date) -> int:
        """Asks about the payments whose disputes only the statement tells of; those of nobody are cases at once."""
        async with self.db.reading() as tx:
            unheard = await statements.unheard_disputes(tx, day)
        for run in sorted({each.run for each in unheard if each.run}):
            async with self.db.reading() as tx:
                known = await intents.find(tx, run)
            if known is not None:
                await self.recording.ask(known, "statement")
        opened = sum(each.opens for each in unheard if each.run)
        strangers = {each.difference.reference: each.difference for each in unheard if not each.run}
        async with self.db.transaction() as tx:
            return opened + await cases.open_cases(tx, list(strangers.values()), clock.now())

    def _latest(self) -> date:
        """The last day that is over, with what was heard of it late."""
        return (clock.now() - SLACK).date() - DAY
