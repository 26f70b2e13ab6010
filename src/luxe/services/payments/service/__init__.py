"""Use cases of payments: our wish is recorded, then the provider is asked, then its answer is recorded.

A crash between the phases leaves the wish behind: the same call, or the sweep, asks the provider by the same key.
"""

from __future__ import annotations

from datetime import date

import structlog

from luxe.kernel import clock, errors
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import Case, CasePage, Intent, Reconciled, Refund, Resolution
from luxe.services.payments.domain.life import OPEN, Standing, as_refund, remedy
from luxe.services.payments.service.moving import Moving
from luxe.services.payments.service.provider import Order, Provider, ProviderRefused, WrongState
from luxe.services.payments.service.reconciling import Reconciling
from luxe.services.payments.service.recording import (
    CALL_LASTS,
    PATIENCE,
    Recording,
    demand,
    never_there,
    said,
)
from luxe.services.payments.service.simulator import Simulator
from luxe.services.payments.store import intents, movements
from luxe.services.payments.store.intents import Known

WEBHOOK_PATH = "/v1/psp/webhooks"
REMEDIES = 3

log = structlog.get_logger()

__all__ = ["PATIENCE", "WEBHOOK_PATH", "Payments"]


class Payments:
    def __init__(self, house: House) -> None:
        self.db = house.database("payments")
        self.settings = house.settings
        self.provider: Provider = Simulator(house.http, house.settings)
        self._recording = Recording(self.db, self.provider)
        self._moving = Moving(self.db, self.provider, self._recording)
        self._reconciling = Reconciling(self.db, self.provider, self._recording)

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
            known = await intents.open_intent(tx, wanted, said("call"), clock.now() + PATIENCE)
            _demand_same(known.intent, intent)
        if not known.intent.psp_id and known.intent.state in OPEN:
            if known.wish == "cancel":
                raise errors.Conflict("this payment was cancelled before it was opened", code="intent_state")
            known_there = None if known.fresh else await self.provider.find(known.intent)
            intent = await self._recording.record(known_there or await self._create(known))
        else:
            intent = known.intent
        if not intent.psp_id:
            raise errors.Conflict("the payment provider refused", code="psp_refused", failure=intent.failure)
        return intent

    async def refresh(self, *, run: str) -> Intent:
        async with self.db.reading() as tx:
            known = await intents.find(tx, run)
        return await self._recording.ask(demand(known), "call")

    async def refund(self, *, run: str, key: str, amount: Money, reason: str) -> Refund:
        return await self._moving.refund(run=run, key=key, amount=amount, reason=reason)

    async def refunds(self, *, run: str) -> list[Refund]:
        return [as_refund(each) for each in await movements.refunds_of_run(self.db.tx, run)]

    async def capture(self, *, run: str, amount: Money | None = None, key: str = "") -> Intent:
        if amount is not None:
            return await self._moving.capture(run=run, amount=amount, key=key)
        known = await self._wish_capture(run)
        if known.intent.state in OPEN and known.wish == "":
            await self._recording.ask(known, "call")
            known = await self._wish_capture(run)
        intent = known.intent
        if known.wish == "capture" and known.asked_before and intent.state in OPEN:
            intent = await self._recording.ask(known, "call")
        if intent.state == "authorised" and known.wish == "capture":
            try:
                standing = await self.provider.capture(intent)
            except WrongState:
                standing = demand(await self.provider.find(intent))
            except ProviderRefused as refused:
                raise errors.Conflict(
                    "the payment provider refused", code="psp_refused", failure=refused.code
                ) from refused
            intent = await self._recording.record(standing)
        if intent.state not in ("captured", "disputed") or known.wish == "cancel":
            state = "cancelled" if known.wish == "cancel" else intent.state
            raise errors.Conflict(
                f"a payment that is {state} is not captured", code="intent_state", state=intent.state
            )
        return intent

    async def cancel(self, *, run: str) -> None:
        async with self.db.transaction() as tx:
            known = await intents.wish_cancel(tx, run, clock.now() + CALL_LASTS)
        if known is not None:
            await self._undo(known, "call")

    async def receive(self, *, body: str, signature: str) -> bool:
        heard = self.provider.read_event(body, signature, clock.now())
        new, change = await intents.hear(
            self.db.tx, heard.id, heard.type, heard.standing, said("webhook"), PATIENCE
        )
        if change is not None:
            await self._recording.learn(self.db.tx, change, heard.standing, "webhook")
        elif new:
            log.warning("event_of_no_intent", psp_event=heard.id, reference=heard.standing.reference)
        return new

    async def sweep(self) -> bool:
        """Asks about intents that have been open for long, and finishes cancels that were cut short."""
        async with self.db.apart():
            async with self.db.transaction() as tx:
                due = await intents.claim_due(tx, clock.now())
            for known in due:
                try:
                    await (
                        self._undo(known, "sweep")
                        if known.wish == "cancel"
                        else self._recording.ask(known, "sweep")
                    )
                except (errors.Unavailable, errors.DeadlineExceeded) as silence:
                    log.warning("provider_silent", intent=known.intent.id, problem=silence.detail)
                    return False
                except errors.Refusal as refusal:
                    log.error("payment_needs_a_person", intent=known.intent.id, code=refusal.code)
        return len(due) == intents.SWEEP_BATCH

    async def intent_of_run(self, *, run: str) -> Intent | None:
        known = await intents.find(self.db.tx, run)
        return None if known is None else known.intent

    async def intents(self, *, account_id: str, before: str = "", limit: int = 100) -> list[Intent]:
        return await intents.of_account(self.db.tx, account_id, before, max(1, min(limit, 200)))

    async def reconcile(self, *, day: date) -> Reconciled:
        return await self._reconciling.reconcile(day=day)

    async def cases(self, *, state: str = "", cursor: str = "", limit: int = 25) -> CasePage:
        return await self._reconciling.cases(state=state, cursor=cursor, limit=limit)

    async def case(self, *, case_id: str) -> Case:
        return await self._reconciling.case(case_id=case_id)

    async def resolve_case(self, *, case_id: str, note: str, how: Resolution) -> Case:
        return await self._reconciling.resolve(case_id=case_id, note=note, how=how)

    async def finish_movements(self) -> bool:
        """Asks about refunds and captures in part whose outcome is unknown."""
        return await self._moving.sweep()

    async def catch_up(self) -> bool:
        """Compares the provider's statements of days that are over."""
        return await self._reconciling.catch_up()

    async def _wish_capture(self, run: str) -> Known:
        async with self.db.transaction() as tx:
            return demand(await intents.wish_capture(tx, run))

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
            return never_there(known.intent, "failed", refused.code)

    async def _undo(self, known: Known, source: str) -> None:
        """Voids or refunds until nothing is owed. An intent whose opening was cut short is completed first, by the
        same key, so that a request still on its way cannot open it behind our back."""
        intent = known.intent
        if not _owed(intent):
            return
        if not intent.psp_id:
            standing = await self.provider.find(intent) or await self._create(known)
            intent = await self._recording.record(standing, source)
        elif known.asked_before:
            intent = await self._recording.ask(known, source)
        for _ in range(REMEDIES):
            if not _owed(intent):
                return
            if remedy(intent.state, intent.captured.minor, intent.refunded.minor) == "refund":
                intent = await self._moving.give_back(intent, source)
                continue
            try:
                standing = await self.provider.void(intent)
            except WrongState:
                standing = demand(await self.provider.find(intent))
            intent = await self._recording.record(standing, source)
        if _owed(intent):
            raise errors.Conflict(
                f"a payment that is {intent.state} could not be undone", code="intent_state"
            )


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


def _owed(intent: Intent) -> bool:
    return remedy(intent.state, intent.captured.minor, intent.refunded.minor) != "nothing"


def _demand_same(known: Intent, wanted: Intent) -> None:
    if (known.account_id, known.purpose, known.amount) != (wanted.account_id, wanted.purpose, wanted.amount):
        raise errors.Conflict("this run already has another payment", code="run_reused")
