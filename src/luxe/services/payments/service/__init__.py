"""Use cases of payments: our wish is recorded, then the provider is asked, then its answer is recorded.

A crash between the phases leaves the wish behind: the same call, or the sweep, asks the provider by the same key.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

import structlog

from luxe.kernel import clock, context, errors
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments import store
from luxe.services.payments.contract import Case, CasePage, Intent, Reconciled, Refund, Resolution
from luxe.services.payments.domain import OPEN, Change, Standing, facts_of, remedy
from luxe.services.payments.service.provider import Order, Provider, ProviderRefused, WrongState
from luxe.services.payments.service.simulator import Simulator
from luxe.services.payments.store import Known, Said

WEBHOOK_PATH = "/v1/psp/webhooks"
PATIENCE = timedelta(minutes=2)
GIVEN_UP_AFTER = timedelta(hours=1)
CALL_LASTS = timedelta(seconds=20)
REMEDIES = 3

T = TypeVar("T")

log = structlog.get_logger()

__all__ = ["PATIENCE", "WEBHOOK_PATH", "Payments"]


class Payments:
    def __init__(self, house: House) -> None:
        self.db = house.database("payments")
        self.settings = house.settings
        self.provider: Provider = Simulator(house.http, house.settings)

    async def open(
        self,
        *,
        run: str,
        account_id: str,
        purpose: str,
        amount: Money,
        description: str,
        return_path: str,
        locale: str,
    ) -> Intent:
        if amount.minor <= 0:
            raise errors.BadRequest("an intent is for more than nothing", code="amount_invalid")
        if not return_path.startswith("/") or return_path.startswith("//"):
            raise errors.BadRequest("people return to a path of this house", code="return_path_invalid")
        intent = _new_intent(run=run, account_id=account_id, purpose=purpose, amount=amount)
        wanted = Known(
            intent=intent, wish="", description=description, return_path=return_path, locale=locale
        )
        async with self.db.transaction() as tx:
            known = await store.open_intent(tx, wanted, _said("call"), clock.now() + PATIENCE)
            _demand_same(known.intent, intent)
        if not known.intent.psp_id and known.intent.state in OPEN:
            if known.wish == "cancel":
                raise errors.Conflict("this payment was cancelled before it was opened", code="intent_state")
            known_there = None if known.fresh else await self.provider.find(known.intent)
            intent = await self._record(known_there or await self._create(known))
        else:
            intent = known.intent
        if not intent.psp_id:
            raise errors.Conflict("the payment provider refused", code="psp_refused", failure=intent.failure)
        return intent

    async def refresh(self, *, run: str) -> Intent:
        async with self.db.reading() as tx:
            known = await store.find(tx, run)
        return await self._ask(_demand(known), "call")

    async def refund(self, *, run: str, key: str, amount: Money, reason: str) -> Refund:
        raise errors.Unavailable("refunds by themselves are not there yet")

    async def refunds(self, *, run: str) -> list[Refund]:
        raise errors.Unavailable("refunds by themselves are not there yet")

    async def reconcile(self, *, day: date) -> Reconciled:
        raise errors.Unavailable("statements are not compared yet")

    async def cases(self, *, state: str = "", cursor: str = "", limit: int = 25) -> CasePage:
        raise errors.Unavailable("statements are not compared yet")

    async def case(self, *, case_id: str) -> Case:
        raise errors.Unavailable("statements are not compared yet")

    async def resolve_case(self, *, case_id: str, note: str, how: Resolution) -> Case:
        raise errors.Unavailable("statements are not compared yet")

    async def capture(self, *, run: str, amount: Money | None = None, key: str = "") -> Intent:
        if amount is not None:
            raise errors.Unavailable("captures in part are not there yet")
        known = await self._wish_capture(run)
        if known.intent.state in OPEN and known.wish == "":
            await self._ask(known, "call")
            known = await self._wish_capture(run)
        intent = known.intent
        if known.wish == "capture" and known.asked_before and intent.state in OPEN:
            intent = await self._ask(known, "call")
        if intent.state == "authorised" and known.wish == "capture":
            try:
                standing = await self.provider.capture(intent)
            except WrongState:
                standing = _demand(await self.provider.find(intent))
            intent = await self._record(standing)
        if intent.state != "captured" or known.wish == "cancel":
            state = "cancelled" if known.wish == "cancel" else intent.state
            raise errors.Conflict(
                f"a payment that is {state} is not captured", code="intent_state", state=intent.state
            )
        return intent

    async def cancel(self, *, run: str) -> None:
        async with self.db.transaction() as tx:
            known = await store.wish_cancel(tx, run, clock.now() + CALL_LASTS)
        if known is not None:
            await self._undo(known, "call")

    async def receive(self, *, body: str, signature: str) -> bool:
        heard = self.provider.read_event(body, signature, clock.now())
        new, change = await store.hear(
            self.db.tx, heard.id, heard.type, heard.standing, _said("webhook"), PATIENCE
        )
        if change is not None:
            self.db.emit(*facts_of(change))
        elif new:
            log.warning("event_of_no_intent", psp_event=heard.id, reference=heard.standing.reference)
        return new

    async def sweep(self) -> bool:
        """Asks about intents that have been open for long, and finishes cancels that were cut short."""
        async with self.db.apart():
            async with self.db.transaction() as tx:
                due = await store.claim_due(tx, clock.now())
            for known in due:
                try:
                    await (
                        self._undo(known, "sweep") if known.wish == "cancel" else self._ask(known, "sweep")
                    )
                except (errors.Unavailable, errors.DeadlineExceeded) as silence:
                    log.warning("provider_silent", intent=known.intent.id, problem=silence.detail)
                    return False
                except errors.Refusal as refusal:
                    log.error("payment_needs_a_person", intent=known.intent.id, code=refusal.code)
        return len(due) == store.SWEEP_BATCH

    async def intent_of_run(self, *, run: str) -> Intent | None:
        known = await store.find(self.db.tx, run)
        return None if known is None else known.intent

    async def intents(self, *, account_id: str, before: str = "", limit: int = 100) -> list[Intent]:
        return await store.of_account(self.db.tx, account_id, before, max(1, min(limit, 200)))

    async def _wish_capture(self, run: str) -> Known:
        async with self.db.transaction() as tx:
            return _demand(await store.wish_capture(tx, run))

    async def _create(self, known: Known) -> Standing:
        """The intent at the provider; a refusal there is an intent that has failed."""
        base = self.settings.public_url.rstrip("/")
        order = Order(
            intent=known.intent,
            description=known.description,
            locale=known.locale,
            return_url=base + known.return_path,
            webhook_url=base + WEBHOOK_PATH,
        )
        try:
            return await self.provider.create(order)
        except ProviderRefused as refused:
            log.warning("provider_refused", intent=known.intent.id, code=refused.code, problem=str(refused))
            return _never_there(known.intent, "failed", refused.code)

    async def _ask(self, known: Known, source: str) -> Intent:
        """How the intent stands at the provider, stored if it is news."""
        intent = known.intent
        standing = await self.provider.find(intent)
        if standing is None:
            if clock.now() - intent.created_at < GIVEN_UP_AFTER or intent.state not in OPEN:
                return intent
            standing = _never_there(intent, "expired", "")
        return await self._record(standing, source) if _is_news(intent, standing) else intent

    async def _undo(self, known: Known, source: str) -> None:
        """Voids or refunds until nothing is owed. An intent whose opening was cut short is completed first, by the
        same key, so that a request still on its way cannot open it behind our back."""
        intent = known.intent
        if not _owed(intent):
            return
        if not intent.psp_id:
            standing = await self.provider.find(intent) or await self._create(known)
            intent = await self._record(standing, source)
        elif known.asked_before:
            intent = await self._ask(known, source)
        for _ in range(REMEDIES):
            if not _owed(intent):
                return
            try:
                what = remedy(intent.state, intent.captured.minor, intent.refunded.minor)
                standing = await (
                    self.provider.void(intent) if what == "void" else self.provider.refund(intent)
                )
            except WrongState:
                standing = _demand(await self.provider.find(intent))
            intent = await self._record(standing, source)
        if _owed(intent):
            raise errors.Conflict(
                f"a payment that is {intent.state} could not be undone", code="intent_state"
            )

    async def _record(self, standing: Standing, source: str = "call") -> Intent:
        async with self.db.transaction() as tx:
            change: Change | None = await store.record(tx, standing, _said(source), PATIENCE)
            if change is None:
                raise errors.Conflict("the provider speaks of another payment", code="psp_refused")
            self.db.emit(*facts_of(change))
        return change.intent


def _new_intent(*, run: str, account_id: str, purpose: str, amount: Money) -> Intent:
    nothing = Money.zero(amount.currency)
    return Intent(
        id=new_id("pay"),
        run=run,
        account_id=account_id,
        purpose=purpose,
        state="requires_method",
        amount=amount,
        captured=nothing,
        refunded=nothing,
        hosted_url="",
        failure="",
        method="",
        psp_id="",
        created_at=clock.now(),
    )


def _never_there(intent: Intent, state: str, failure: str) -> Standing:
    """The end of an intent that the provider does not know."""
    return Standing(
        psp_id="",
        reference=intent.id,
        state="failed" if state == "failed" else "expired",
        amount=intent.amount,
        captured=0,
        refunded=0,
        failure=failure,
    )


def _is_news(intent: Intent, standing: Standing) -> bool:
    known = (intent.state, intent.captured.minor, intent.refunded.minor, intent.psp_id)
    return known != (standing.state, standing.captured, standing.refunded, standing.psp_id)


def _owed(intent: Intent) -> bool:
    return remedy(intent.state, intent.captured.minor, intent.refunded.minor) != "nothing"


def _said(source: str) -> Said:
    return Said(at=clock.now(), actor=context.current().actor, source=source)


def _demand_same(known: Intent, wanted: Intent) -> None:
    if (known.account_id, known.purpose, known.amount) != (wanted.account_id, wanted.purpose, wanted.amount):
        raise errors.Conflict("this run already has another payment", code="run_reused")


def _demand(found: T | None) -> T:
    if found is None:
        raise errors.NotFound("there is no such payment", code="intent_unknown")
    return found
