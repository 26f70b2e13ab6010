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
from luxe.services.payments.contract import (
    Advice,
    BankStatement,
    CardPage,
    Case,
    CasePage,
    IncomingTransfer,
    Intent,
    Method,
    PayPage,
    Reconciled,
    Refund,
    Resolution,
)
from luxe.services.payments.domain.life import OPEN, Standing, as_refund, remedy
from luxe.services.payments.domain.methods import SCHEMES, takes
from luxe.services.payments.service.bank_statements import BankStatements
from luxe.services.payments.service.matching import Matching
from luxe.services.payments.service.moving import Moving
from luxe.services.payments.service.our_pages import OurPages
from luxe.services.payments.service.provider import Heard, Order, ProviderRefused, WrongState
from luxe.services.payments.service.providers import Providers, providers_of
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
"""Of the simulator; of another provider with its name behind it."""
REMEDIES = 3

log = structlog.get_logger()

__all__ = ["PATIENCE", "WEBHOOK_PATH", "Payments"]


class Payments:
    def __init__(self, house: House) -> None:
        self.db = house.database("payments")
        self.settings = house.settings
        self.providers: Providers = providers_of(house)
        self._recording = Recording(self.db, self.providers)
        self._moving = Moving(self.db, self.providers, self._recording)
        self._reconciling = Reconciling(self.db, self.providers, self._recording)
        self._matching = Matching(self.db, self.providers, self._recording)
        self._pages = OurPages(self.db, self.providers, self._recording, self._order)
        self._bank = BankStatements(self.db, self.providers, self._matching)

    async def methods(self, *, country: str, currency: str) -> list[Method]:
        return self.providers.methods(country, currency)

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
        method: str = "",
        country: str = "",
    ) -> Intent:
        if amount.minor <= 0:
            raise errors.BadRequest("an intent is for more than nothing", code="amount_invalid")
        if not return_path.startswith("/") or return_path.startswith("//"):
            raise errors.BadRequest("people return to a path of this house", code="return_path_invalid")
        provider = self.providers.route(method, amount.currency, amount.minor)
        intent = _new_intent(
            run=run,
            account_id=account_id,
            purpose=purpose,
            amount=amount,
            provider=provider.name,
            method=method,
        )
        wanted = Known(
            intent=intent,
            wish="",
            description=description,
            return_path=return_path,
            locale=locale,
            country=country,
        )
        async with self.db.alone() as tx:
            known = await intents.open_intent(tx, wanted, said("call"), clock.now() + PATIENCE)
            _demand_same(known.intent, intent)
        if not known.intent.psp_id and known.intent.state in OPEN:
            if known.wish == "cancel":
                raise errors.Conflict("this payment was cancelled before it was opened", code="intent_state")
            known_there = None if known.fresh else await self.providers.of(known.intent).find(known.intent)
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
                standing = await self.providers.of(intent).capture(intent)
            except WrongState:
                standing = demand(await self.providers.of(intent).find(intent))
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
        async with self.db.alone() as tx:
            known = await intents.wish_cancel(tx, run, clock.now() + CALL_LASTS)
        if known is not None:
            await self._undo(known, "call")

    async def receive(self, *, body: str, signature: str, provider: str = "simulator") -> bool:
        teller = self.providers.named(provider)
        heard = await teller.read_event(body, signature, clock.now())
        standing = heard.standing or await self._asked_about(heard, provider)
        if standing is None or standing.provider != provider:
            log.warning("event_of_no_intent", psp_event=heard.id, reference=heard.reference)
            return True
        event_id = heard.id if provider == Simulator.name else f"{provider}:{heard.id}"
        async with self.db.transaction() as tx:
            new, change = await intents.hear(tx, event_id, heard.type, standing, said("webhook"), PATIENCE)
            if change is not None:
                await self._recording.learn(tx, change, standing, "webhook")
            elif new:
                log.warning("event_of_no_intent", psp_event=heard.id, reference=heard.reference)
        return new

    async def sweep(self) -> bool:
        """Asks about intents that have been open for long, and finishes cancels that were cut short."""
        async with self.db.apart():
            async with self.db.alone() as tx:
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

    async def pay_page(self, *, run: str, account_id: str, phone: bool, client_ip: str) -> PayPage:
        return await self._pages.scan(run=run, account_id=account_id, phone=phone, client_ip=client_ip)

    async def card_page(self, *, run: str, account_id: str) -> CardPage:
        return await self._pages.card(run=run, account_id=account_id)

    async def confirm_card(self, *, run: str, account_id: str, token: str) -> Intent:
        return await self._pages.confirm(run=run, account_id=account_id, token=token)

    async def transfer_advice(self, *, run: str, account_id: str) -> Advice:
        return await self._matching.advice(run=run, account_id=account_id)

    async def enter_transfer(
        self, *, entry: str, amount: Money, text: str, received_on: date
    ) -> IncomingTransfer:
        return await self._matching.enter(entry=entry, amount=amount, text=text, received_on=received_on)

    async def transfers(
        self, *, state: str = "", cursor: str = "", limit: int = 25
    ) -> list[IncomingTransfer]:
        return await self._matching.listed(state=state, cursor=cursor, limit=limit)

    async def match_transfer(self, *, transfer_id: str, intent_id: str) -> IncomingTransfer:
        return await self._matching.match(transfer_id=transfer_id, intent_id=intent_id)

    async def unmatch_transfer(self, *, transfer_id: str, note: str) -> IncomingTransfer:
        return await self._matching.unmatch(transfer_id=transfer_id, note=note)

    async def read_statement(self, *, name: str, content: bytes) -> BankStatement:
        return await self._bank.read(name=name, content=content)

    async def bank_statement(self, *, statement_id: str) -> BankStatement:
        return await self._bank.one(statement_id)

    async def bank_statements(self, *, cursor: str = "", limit: int = 25) -> list[BankStatement]:
        return await self._bank.listed(cursor, limit)

    async def apply_statement(self, *, statement_id: str) -> BankStatement:
        return await self._bank.apply(statement_id)

    async def refunds_to_send(self) -> list[Refund]:
        return await self._matching.to_send()

    async def sent_back(self, *, refund_id: str, entry: str) -> Refund:
        return await self._matching.sent_back(refund_id=refund_id, entry=entry)

    async def finish_movements(self) -> bool:
        """Asks about refunds and captures in part whose outcome is unknown."""
        return await self._moving.sweep()

    async def catch_up(self) -> bool:
        """Compares the provider's statements of days that are over."""
        return await self._reconciling.catch_up()

    async def _wish_capture(self, run: str) -> Known:
        async with self.db.alone() as tx:
            return demand(await intents.wish_capture(tx, run))

    async def _asked_about(self, heard: Heard, provider: str) -> Standing | None:
        """How the intent of an event stands, by its provider; None if it is nobody's or another provider's."""
        async with self.db.reading() as tx:
            known = await intents.with_id(tx, heard.reference)
        if known is None or known.intent.provider != provider:
            return None
        return await self.providers.of(known.intent).find(known.intent)

    async def _create(self, known: Known) -> Standing:
        """The intent at the provider; a refusal there is an intent that has failed."""
        try:
            return await self.providers.of(known.intent).create(self._order(known))
        except ProviderRefused as refused:
            log.warning("provider_refused", intent=known.intent.id, code=refused.code, problem=str(refused))
            return never_there(known.intent, "failed", refused.code)

    def _order(self, known: Known) -> Order:
        base = self.settings.public_url.rstrip("/")
        return Order(
            intent=known.intent,
            description=known.description,
            locale=known.locale,
            return_url=base + known.return_path,
            webhook_url=f"{base}{WEBHOOK_PATH}/{known.intent.provider}",
            methods=self._offered(known),
        )

    def _offered(self, known: Known) -> tuple[str, ...]:
        """What the payer may choose from on the provider's page."""
        intent = known.intent
        if intent.wanted or not known.country:
            return (intent.wanted,) if intent.wanted else ()
        listed = self.providers.methods(known.country, intent.amount.currency)
        return tuple(
            each.id
            for each in listed
            if each.provider == intent.provider
            and each.kind != "manual"
            and takes(each.id, intent.amount.currency, intent.amount.minor)
        )

    async def _undo(self, known: Known, source: str) -> None:
        """Voids or refunds until nothing is owed, or all of it is on its way back. An intent whose opening was cut short is completed first, by the
        same key, so that a request still on its way cannot open it behind our back."""
        intent, provider = known.intent, self.providers.of(known.intent)
        if not _owed(intent):
            return
        if not intent.psp_id:
            standing = await provider.find(intent) or await self._create(known)
            intent = await self._recording.record(standing, source)
        elif known.asked_before:
            intent = await self._recording.ask(known, source)
        for _ in range(REMEDIES):
            if not _owed(intent):
                return
            if remedy(intent.state, intent.captured.minor, intent.refunded.minor) == "refund":
                intent, on_its_way = await self._moving.give_back(intent, source)
                if intent.captured.minor - intent.refunded.minor <= on_its_way:
                    return
                continue
            try:
                standing = await provider.void(intent)
            except WrongState:
                standing = demand(await provider.find(intent))
            except ProviderRefused as refused:
                raise errors.Conflict(
                    "the payment provider refused", code="psp_refused", failure=refused.code
                ) from refused
            intent = await self._recording.record(standing, source)
        if _owed(intent):
            raise errors.Conflict(
                f"a payment that is {intent.state} could not be undone", code="intent_state"
            )


def _new_intent(
    *, run: str, account_id: str, purpose: str, amount: Money, provider: str, method: str
) -> Intent:
    nothing, now = Money.zero(amount.currency), clock.now()
    patience = SCHEMES[method].patience if method else None
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
        created_at=now,
        provider=provider,
        wanted=method,
        pay_by=None if patience is None else now + patience,
    )


def _owed(intent: Intent) -> bool:
    return remedy(intent.state, intent.captured.minor, intent.refunded.minor) != "nothing"


def _demand_same(known: Intent, wanted: Intent) -> None:
    if (known.account_id, known.purpose, known.amount) != (wanted.account_id, wanted.purpose, wanted.amount):
        raise errors.Conflict("this run already has another payment", code="run_reused")
