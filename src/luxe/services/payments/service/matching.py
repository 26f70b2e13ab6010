"""Incoming bank transfers and what they pay for, as people of the office say it; and refunds that they send."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from luxe.kernel import clock, context, errors
from luxe.kernel.db import Database
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import Advice, CaseKind, IncomingTransfer, Intent, Refund
from luxe.services.payments.domain.differences import Difference
from luxe.services.payments.domain.life import Told, as_refund
from luxe.services.payments.domain.verdicts import WAITING, may_part
from luxe.services.payments.service.bank_transfer import (
    NAME,
    BankTransfer,
    names,
    paid,
    reference_of,
)
from luxe.services.payments.service.providers import Providers
from luxe.services.payments.service.recording import PATIENCE, Recording, demand, said
from luxe.services.payments.store import cases, intents, movements, transfers

ENTRY_LENGTH = 140
TEXT_LENGTH = 500
LONGEST_NOTE = 500


class Matching:
    def __init__(self, db: Database, providers: Providers, recording: Recording) -> None:
        self.db = db
        self.providers = providers
        self.recording = recording

    async def advice(self, *, run: str, account_id: str) -> Advice:
        known = await intents.find(self.db.tx, run)
        if known is None or known.intent.account_id != account_id or known.intent.provider != NAME:
            raise errors.NotFound("there is no such payment", code="intent_unknown")
        intent, bank = known.intent, self.providers.named(NAME)
        if not isinstance(bank, BankTransfer) or intent.pay_by is None:
            raise errors.NotFound("there is no such payment", code="intent_unknown")
        return Advice(
            holder=bank.config.holder,
            account=bank.config.account,
            bank=bank.config.bank,
            reference=reference_of(intent.id),
            amount=intent.amount,
            received=Money(await transfers.received(self.db.tx, intent.id), intent.amount.currency),
            pay_by=intent.pay_by,
            state=intent.state,
            return_path=known.return_path,
        )

    async def enter(self, *, entry: str, amount: Money, text: str, received_on: date) -> IncomingTransfer:
        if amount.minor <= 0:
            raise errors.BadRequest("a transfer is of more than nothing", code="amount_invalid")
        if not 1 <= len(entry) <= ENTRY_LENGTH:
            raise errors.BadRequest("name the bank's entry", code="key_invalid")
        if received_on > clock.now().date():
            raise errors.BadRequest("this day has not begun", code="day_invalid")
        wanted = IncomingTransfer(
            id=new_id("bkt"),
            entry=entry,
            amount=amount,
            text=text[:TEXT_LENGTH],
            received_on=received_on,
            state="open",
            intent_id="",
            entered_at=clock.now(),
        )
        known = await transfers.enter(self.db.tx, wanted, context.current().actor)
        if (known.amount, known.received_on) != (amount, received_on):
            raise errors.Conflict("this entry is another transfer", code="transfer_reused")
        if known.id == wanted.id:
            self.db.audit("payments.transfer_entered", known.id, entry=entry, minor=amount.minor)
        return (await self._suggested([known]))[0]

    async def listed(self, *, state: str, cursor: str, limit: int) -> list[IncomingTransfer]:
        return await self._suggested(await transfers.page(self.db.tx, state, cursor, max(1, min(limit, 101))))

    async def match(self, *, transfer_id: str, intent_id: str) -> IncomingTransfer:
        tx = self.db.tx
        transfer = await transfers.lock(tx, transfer_id)
        if transfer is None:
            raise errors.NotFound("there is no such transfer", code="transfer_unknown")
        if transfer.state == "matched":
            if transfer.intent_id != intent_id:
                raise errors.Conflict("this transfer pays for something else", code="transfer_matched")
            return transfer
        found = await intents.with_id(tx, intent_id)
        known = None if found is None else await intents.lock(tx, found.intent.run)
        intent = demand(known).intent
        if intent.provider != NAME:
            raise errors.Conflict("this is not paid by bank transfer", code="not_a_transfer")
        if intent.amount.currency != transfer.amount.currency:
            raise errors.Conflict("this is another currency", code="transfer_currency")
        matched = await transfers.match(tx, transfer, intent_id, context.current().actor, clock.now())
        self.db.audit("payments.transfer_matched", transfer_id, intent_id=intent_id)
        await self.pay(intent, matched)
        return matched

    async def unmatch(self, *, transfer_id: str, note: str) -> IncomingTransfer:
        tx = self.db.tx
        why = note.strip()
        if not 1 <= len(why) <= LONGEST_NOTE:
            raise errors.BadRequest("say why", code="note_missing")
        transfer = await transfers.lock(tx, transfer_id)
        if transfer is None:
            raise errors.NotFound("there is no such transfer", code="transfer_unknown")
        if transfer.state == "open":
            return transfer
        found = demand(await intents.with_id(tx, transfer.intent_id))
        intent = demand(await intents.lock(tx, found.intent.run)).intent
        came = await transfers.received(tx, intent.id)
        if not may_part(intent.state, intent.amount.minor, came, transfer.amount.minor):
            raise errors.Conflict("the payment rests on this transfer", code="transfer_spent")
        self.db.audit("payments.transfer_unmatched", transfer_id, intent_id=intent.id, note=why)
        return (await self._suggested([await transfers.unmatch(tx, transfer)]))[0]

    async def to_send(self) -> list[Refund]:
        return [as_refund(each) for each in await transfers.to_send(self.db.tx, NAME)]

    async def sent_back(self, *, refund_id: str, entry: str) -> Refund:
        tx = self.db.tx
        waiting = {each.id: each for each in await transfers.to_send(tx, NAME)}
        movement = waiting.get(refund_id)
        if movement is None:
            raise errors.NotFound("no such refund waits to be sent", code="refund_unknown")
        known = demand(await intents.lock(tx, movement.run))
        told = Told(
            kind="refund", psp_id=entry, reference=refund_id, amount=movement.amount.minor, state="succeeded"
        )
        standing = replace(paid(known.intent), state=known.intent.state, told=(told,))
        change = demand(await intents.record(tx, standing, said("office"), PATIENCE))
        await self.recording.learn(tx, change, standing, "office")
        self.db.audit("payments.refund_sent", refund_id, entry=entry)
        return as_refund(await movements.find(tx, refund_id))

    async def pay(self, intent: Intent, transfer: IncomingTransfer) -> None:
        """All that has come for the intent so far, against what was asked for."""
        tx = self.db.tx
        came, wanted = await transfers.received(tx, intent.id), intent.amount.minor
        kind: CaseKind | None = None
        if intent.state in ("voided", "failed", "expired"):
            kind = "paid_late"
        elif came > wanted:
            kind = "paid_too_much"
        elif came < wanted:
            kind = "paid_too_little"
        if kind is not None:
            case = Difference(
                day=transfer.received_on,
                kind=kind,
                reference=transfer.entry,
                intent_id=intent.id,
                currency=intent.amount.currency,
                ours=None if kind == "paid_late" else wanted,
                theirs=transfer.amount.minor if kind == "paid_late" else came,
            )
            await cases.open_cases(tx, [case], clock.now())
        if came >= wanted and intent.state in WAITING:
            standing = paid(intent)
            change = demand(await intents.record(tx, standing, said("office"), PATIENCE))
            await self.recording.learn(tx, change, standing, "office")

    async def _suggested(self, found: list[IncomingTransfer]) -> list[IncomingTransfer]:
        if all(each.state == "matched" for each in found):
            return found
        waiting = await transfers.waiting(self.db.tx, NAME)
        return [
            each
            if each.state == "matched"
            else replace(each, suggested=next((one.id for one in waiting if names(each.text, one.id)), ""))
            for each in found
        ]
