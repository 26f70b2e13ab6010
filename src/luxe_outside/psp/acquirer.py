"""The provider's use cases: each is one durable transaction of effects, their journal and their events."""

import asyncio
import contextlib
import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec
from msgspec import Struct

from luxe_outside.database import Database

from . import rules, store
from .cards import APPROVE, Card, Verdict, method_of
from .faults import Faults
from .rules import Intent, Move
from .store import Connection, PendingEvent
from .wire import (
    METHODS,
    Answer,
    CaptureIntent,
    CreateIntent,
    Dispute,
    DisputeIntent,
    Event,
    IntentAnswer,
    Method,
    PaidWith,
    Part,
    Parts,
    Refusal,
    Statement,
)

CHALLENGE_CODE = "123456"
REORDER_HOLD = 1.5
REORDER_GAP = 0.3


class Settings(Struct, kw_only=True, frozen=True):
    """`public_url` is where browsers reach this provider; `processing_delay` is in seconds."""

    key: str
    webhook_secret: str
    public_url: str
    merchant: str
    processing_delay: float


class Acquirer:
    def __init__(self, db: Database, faults: Faults, settings: Settings, wake: Callable[[], None]):
        self.db, self.faults, self.settings = db, faults, settings
        self._wake = wake
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Lets go of the calls that a time-out fault is holding."""
        self._stopping.set()

    async def once(
        self, operation: str, key: str | None, request: bytes, work: Callable[[Connection], Answer]
    ) -> Answer:
        """Runs an API call under its idempotency key and under the ordered faults.

        The answer, a refusal's included, is stored in the effect's transaction; the same key with the same
        request gets it again. Raises Refusal 422 for another request, 500 and 504 for faults.
        """
        fault = self.faults.for_call(operation)
        if fault is not None and fault.mode == "error_500":
            raise Refusal(500, "internal_error", "the provider stumbled")
        if fault is not None and fault.mode == "timeout_before":
            await self._hang(fault.hold_ms)
        fingerprint = hashlib.sha256(request).digest()
        answer = await self.db.write(lambda tx: _remembered(tx, key, fingerprint, work))
        self._wake()
        if fault is not None and fault.mode == "timeout_after":
            await self._hang(fault.hold_ms)
        return answer

    async def endure(self, operation: str) -> None:
        """Lets a reading API call suffer the ordered faults."""
        fault = self.faults.for_call(operation)
        if fault is not None and fault.mode == "error_500":
            raise Refusal(500, "internal_error", "the provider stumbled")
        if fault is not None:
            await self._hang(fault.hold_ms)

    async def _hang(self, hold_ms: int) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(hold_ms / 1000):
                await self._stopping.wait()
        raise Refusal(504, "timeout", "the provider did not answer in time")

    def create(self, tx: Connection, order: CreateIntent, key: str | None) -> Answer:
        now = int(time.time())
        intent = Intent(
            id=f"pi_{secrets.token_hex(16)}",
            status="requires_method",
            amount=order.amount,
            currency=order.currency,
            reference=order.reference,
            return_url=order.return_url,
            webhook_url=order.webhook_url,
            description=order.description,
            locale=order.locale,
            capture=order.capture,
            methods=tuple(order.methods or METHODS),
            created=now,
            expires_at=now + order.expires_in,
        )
        store.insert_intent(tx, intent)
        store.insert_journal(
            tx, at=time.time(), effect="create", intent_id=intent.id, amount=intent.amount, key=key
        )
        return self._answer(tx, intent, 201)

    def capture(self, tx: Connection, intent_id: str, order: CaptureIntent, key: str | None) -> Answer:
        move = rules.capture(self._current(tx, intent_id), order.amount, final=order.final)
        if order.reference:
            taken = _part("ca", move.effects[0].amount, order.reference)
            store.insert_capture(tx, intent_id, taken)
        return self._answer(tx, self._apply(tx, move, key))

    def void(self, tx: Connection, intent_id: str, key: str | None) -> Answer:
        return self._answer(tx, self._apply(tx, rules.void(self._current(tx, intent_id)), key))

    def refund(self, tx: Connection, intent_id: str, amount: int, reference: str, key: str | None) -> Answer:
        move = rules.refund(self._current(tx, intent_id), amount)
        refund = _part("re", amount, reference)
        store.insert_refund(tx, intent_id, refund)
        return self._answer(tx, self._apply(tx, move, key, refund), 201, refund)

    async def dispute(self, intent_id: str, order: DisputeIntent) -> Intent:
        """The payer's bank contests the payment: what was captured and not given back, or `amount` of it."""

        def work(tx: Connection) -> Intent:
            intent = self._current(tx, intent_id)
            left = intent.amount_captured - intent.amount_refunded
            move = rules.dispute(intent, left if order.amount is None else order.amount)
            store.insert_dispute(tx, intent_id, _dispute(move.effects[0].amount, order.reason))
            return self._apply(tx, move, None)

        return await self._on_page(work)

    async def close_dispute(self, dispute_id: str, *, won: bool) -> Intent:
        def work(tx: Connection) -> Intent:
            found = store.find_dispute(tx, dispute_id)
            if found is None or found[2] != "open":
                raise Refusal(409, "wrong_state", "no such dispute is open")
            move = rules.close_dispute(self._current(tx, found[0]), found[1], won=won)
            store.close_dispute(tx, dispute_id, "won" if won else "lost", time.time())
            return self._apply(tx, move, None)

        return await self._on_page(work)

    def statement(self, day: date, offset: int, limit: int) -> Statement:
        """A page of what moved on a day (UTC)."""
        start = datetime.combine(day, datetime.min.time(), UTC).timestamp()
        end = start + 86_400
        lines = self.db.read(lambda tx: store.settlement(tx, start, end, offset, limit + 1))
        more = offset + limit if len(lines) > limit else None
        return Statement(date=day.isoformat(), final=time.time() >= end, lines=lines[:limit], next=more)

    def authorise(self, tx: Connection, intent_id: str, card: Card, key: str | None) -> Answer:
        method = PaidWith(type=method_of(card.brand), brand=card.brand, last4=card.last4)
        return self._outcome(tx, self.attempt(tx, intent_id, method, card.verdict, key))

    def challenge(self, tx: Connection, intent_id: str, code: str, key: str | None) -> Answer:
        return self._outcome(tx, self.answer_challenge(tx, intent_id, code, key))

    def attempt(
        self, tx: Connection, intent_id: str, method: PaidWith, verdict: Verdict, key: str | None = None
    ) -> Intent:
        processed_at = time.time() + self.settings.processing_delay
        move = rules.authorise(self._current(tx, intent_id), method, verdict, processed_at)
        return self._apply(tx, move, key)

    def answer_challenge(self, tx: Connection, intent_id: str, code: str, key: str | None = None) -> Intent:
        right = secrets.compare_digest(code.strip().encode(), CHALLENGE_CODE.encode())
        return self._apply(tx, rules.answer_challenge(self._current(tx, intent_id), right=right), key)

    async def pay_on_page(self, intent_id: str, method: PaidWith, verdict: Verdict) -> Intent:
        return await self._on_page(lambda tx: self.attempt(tx, intent_id, method, verdict))

    async def pay_by_wallet(self, intent_id: str, wallet: Method, *, approved: bool) -> Intent:
        verdict = APPROVE if approved else Verdict(failure="wallet_declined")
        return await self.pay_on_page(intent_id, PaidWith(type=wallet), verdict)

    async def take_slip(self, intent_id: str, method: Method) -> Intent:
        """The payer leaves with a code to pay elsewhere."""
        return await self.pay_on_page(intent_id, PaidWith(type=method), Verdict(slip=True))

    async def pay_slip(self, intent_id: str) -> Intent:
        return await self._on_page(
            lambda tx: self._apply(tx, rules.pay_slip(self._current(tx, intent_id)), None)
        )

    async def challenge_on_page(self, intent_id: str, code: str) -> Intent:
        return await self._on_page(lambda tx: self.answer_challenge(tx, intent_id, code))

    async def cancel_on_page(self, intent_id: str) -> Intent:
        return await self._on_page(
            lambda tx: self._apply(tx, rules.cancel(self._current(tx, intent_id)), None)
        )

    async def expire(self, intent_id: str) -> Intent:
        """Ends an unpaid intent, or lets an uncaptured authorisation lapse, now."""
        return await self._on_page(
            lambda tx: self._apply(tx, rules.expire(self._current(tx, intent_id)), None)
        )

    def find(self, intent_id: str) -> Intent:
        """Raises Refusal 404."""
        return _known(self.db.read(lambda tx: store.find_intent(tx, intent_id)))

    def with_reference(self, reference: str) -> list[IntentAnswer]:
        return self.db.read(
            lambda tx: [self.describe(tx, each) for each in store.intents_with_reference(tx, reference)]
        )

    def described(self, intent_id: str) -> IntentAnswer:
        """Raises Refusal 404."""
        return self.db.read(lambda tx: self.describe(tx, _known(store.find_intent(tx, intent_id))))

    async def settle_due(self) -> None:
        """Concludes the payments whose processing is over and expires the intents whose time is."""
        now = time.time()
        due = self.db.read(lambda tx: store.ids_to_process(tx, now) + store.ids_to_expire(tx, now))
        if due:
            await self.db.write(lambda tx: [self._settle(tx, intent_id, now) for intent_id in due])
            self._wake()

    def describe(self, tx: Connection, intent: Intent, refund: Part | None = None) -> IntentAnswer:
        parts = store.parts_of(tx, intent.id) if intent.amount_captured else Parts()
        return IntentAnswer(
            id=intent.id,
            status=intent.status,
            amount=intent.amount,
            amount_captured=intent.amount_captured,
            amount_refunded=intent.amount_refunded,
            currency=intent.currency,
            reference=intent.reference,
            hosted_url=f"{self.settings.public_url}/pay/{intent.id}",
            failure_code=intent.failure_code,
            created=intent.created,
            capture=intent.capture,
            method=intent.method,
            expires_at=intent.expires_at,
            refund=refund or msgspec.UNSET,
            captures=parts.captures or msgspec.UNSET,
            refunds=parts.refunds or msgspec.UNSET,
            disputes=parts.disputes or msgspec.UNSET,
        )

    async def _on_page(self, work: Callable[[Connection], Intent]) -> Intent:
        outcome = await self.db.write(lambda tx: _or_refusal(tx, work))
        self._wake()
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    def _current(self, tx: Connection, intent_id: str) -> Intent:
        """The intent as it is now: one whose time is over expires when it is next touched."""
        intent = _known(store.find_intent(tx, intent_id))
        unpaid = intent.status in rules.ALLOWED["cancel"]
        if unpaid and intent.action != "processing" and intent.expires_at <= time.time():
            return self._apply(tx, rules.expire(intent), None)
        return intent

    def _settle(self, tx: Connection, intent_id: str, now: float) -> None:
        intent = self._current(tx, intent_id)
        if intent.action_due is not None and intent.action_due <= now:
            self._apply(tx, rules.conclude(intent), None)

    def _apply(self, tx: Connection, move: Move, key: str | None, refund: Part | None = None) -> Intent:
        store.update_intent(tx, move.intent)
        for effect in move.effects:
            store.insert_journal(
                tx,
                at=time.time(),
                effect=effect.name,
                intent_id=move.intent.id,
                amount=effect.amount,
                key=key,
            )
            if effect.event is not None and move.intent.webhook_url is not None:
                self._emit(tx, effect.event, effect.after, move.intent.webhook_url, refund)
        return move.intent

    def _emit(self, tx: Connection, kind: str, after: Intent, url: str, refund: Part | None) -> None:
        now = time.time()
        fate = self.faults.for_event()
        event = Event(
            id=f"evt_{secrets.token_hex(16)}",
            type=kind,
            created=int(now),
            data=self.describe(tx, after, refund),
        )
        held = fate.reorder and not store.release_held_events(tx, after.id, now + fate.delay + REORDER_GAP)
        pending = PendingEvent(
            seq=0,
            id=event.id,
            intent_id=after.id,
            type=kind,
            body=msgspec.json.encode(event),
            url=url,
            copies=fate.copies,
            forged=fate.forged,
            attempts=0,
            created=now,
        )
        due = now + fate.delay + (REORDER_HOLD if held else 0)
        store.insert_event(tx, event=pending, state="lost" if fate.lost else "pending", due=due, held=held)

    def _answer(
        self, tx: Connection, intent: Intent, status: int = 200, refund: Part | None = None
    ) -> Answer:
        return Answer(status, msgspec.json.encode(self.describe(tx, intent, refund)))

    def _outcome(self, tx: Connection, intent: Intent) -> Answer:
        """A declined attempt is answered by 402 although it took effect: the intent has failed."""
        if intent.status != "failed":
            return self._answer(tx, intent)
        declined = Refusal(402, intent.failure_code or "declined", "the payment was declined")
        return Answer(declined.status_code, declined.body())


def _part(prefix: str, amount: int, reference: str) -> Part:
    name = f"{prefix}_{secrets.token_hex(16)}"
    return Part(id=name, amount=amount, reference=reference, created=int(time.time()))


def _dispute(amount: int, reason: str) -> Dispute:
    name = f"dp_{secrets.token_hex(16)}"
    return Dispute(id=name, amount=amount, reason=reason, state="open", created=int(time.time()))


def _known(intent: Intent | None) -> Intent:
    if intent is None:
        raise Refusal(404, "unknown_intent", "no such intent")
    return intent


def _or_refusal(tx: Connection, work: Callable[[Connection], Intent]) -> Intent | Refusal:
    """Keeps the transaction of a refused work: it may have found out that the intent has expired."""
    try:
        return work(tx)
    except Refusal as refusal:
        return refusal


def _remembered(
    tx: Connection, key: str | None, fingerprint: bytes, work: Callable[[Connection], Answer]
) -> Answer:
    known = None if key is None else store.find_answer(tx, key)
    if known is not None:
        if known[0] != fingerprint:
            raise Refusal(422, "idempotency_key_reused", "this key belongs to another request")
        return known[1]
    try:
        answer = work(tx)
    except Refusal as refusal:
        answer = Answer(refusal.status_code, refusal.body())
    if key is not None:
        store.insert_answer(tx, key, fingerprint, answer)
    return answer
