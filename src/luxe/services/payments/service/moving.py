"""Refunds and captures in part: written down, then asked of the provider by their own key, then recorded.

The intent's lock orders those who open movements, and each opens one only where all that is pending leaves room.
"""

from __future__ import annotations

import structlog

from luxe.kernel import clock, errors
from luxe.kernel.db import Database
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent, Refund
from luxe.services.payments.domain.life import OPEN, Movement, MovementKind, as_refund
from luxe.services.payments.service.provider import ProviderRefused, WrongState
from luxe.services.payments.service.providers import Providers
from luxe.services.payments.service.recording import CALL_LASTS, Recording, demand, said
from luxe.services.payments.store import intents, movements

OURS_TO_GIVE = ("psp:", "cancel:")
KEY_LENGTH = 200
REASON_LENGTH = 500

log = structlog.get_logger()


class Moving:
    def __init__(self, db: Database, providers: Providers, recording: Recording) -> None:
        self.db = db
        self.providers = providers
        self.recording = recording

    async def refund(self, *, run: str, key: str, amount: Money, reason: str) -> Refund:
        _check(key, amount)
        async with self.db.transaction() as tx:
            intent = demand(await intents.lock(tx, run)).intent
            movement = await movements.open_movement(
                tx,
                _movement(intent, "refund", key, amount, reason[:REASON_LENGTH]),
                clock.now() + CALL_LASTS,
                said("call"),
            )
        if movement is None:
            if intent.state not in ("authorised", "captured") or not intent.captured.minor:
                raise errors.Conflict(
                    f"a payment that is {intent.state} is not refunded",
                    code="intent_state",
                    state=intent.state,
                )
            raise errors.Conflict("more than was captured and is not going back", code="refund_too_much")
        if movement.amount != amount:
            raise errors.Conflict("this key already has another refund", code="refund_reused")
        _, movement = await self.finish(intent, movement, "call")
        return as_refund(movement)

    async def capture(self, *, run: str, amount: Money, key: str) -> Intent:
        _check(key, amount)
        intent, movement = await self._open_capture(run, amount, key)
        if movement is None and intent.state in OPEN and intent.state != "authorised":
            async with self.db.reading() as tx:
                known = demand(await intents.find(tx, run))
            await self.recording.ask(known, "call")
            intent, movement = await self._open_capture(run, amount, key)
        if movement is None:
            if intent.state != "authorised":
                raise errors.Conflict(
                    f"a payment that is {intent.state} is not captured",
                    code="intent_state",
                    state=intent.state,
                )
            raise errors.Conflict("more than is left to capture", code="capture_too_much")
        if movement.amount != amount:
            raise errors.Conflict("this key already has another capture", code="capture_reused")
        intent, movement = await self.finish(intent, movement, "call")
        if movement.state == "failed":
            raise errors.Conflict(
                "the payment provider refused", code="psp_refused", failure=movement.failure
            )
        return intent

    async def give_back(self, intent: Intent, source: str) -> tuple[Intent, int]:
        """All that was captured: first what is under way, then the rest under a key of its own. Also how much of it is on
        its way and not there yet, which the sweep carries through."""
        async with self.db.transaction() as tx:
            intent = demand(await intents.lock(tx, intent.run)).intent
            known = await movements.refunds_of_run(tx, intent.run)
            waiting = [each for each in known if each.state == "pending"]
            left = intent.captured - intent.refunded
            if not waiting and left.minor > 0:
                tries = sum(each.key.startswith("cancel:") for each in known)
                wanted = _movement(intent, "refund", f"cancel:{tries + 1}", left, "cancelled")
                opened = await movements.open_movement(tx, wanted, clock.now() + CALL_LASTS, said(source))
                waiting = [opened] if opened else []
        on_its_way = 0
        for movement in waiting:
            intent, movement = await self.finish(intent, movement, source)
            on_its_way += movement.amount.minor if movement.state == "pending" else 0
        return intent, on_its_way

    async def finish(self, intent: Intent, movement: Movement, source: str) -> tuple[Intent, Movement]:
        """The movement's outcome at the provider. One that was asked for before is looked for there first."""
        if movement.state != "pending":
            return intent, movement
        provider = self.providers.of(intent)
        if not movement.fresh:
            standing = await provider.find(intent)
            if standing is not None:
                intent = await self.recording.record(standing, source)
                movement = await self._again(movement)
                if movement.state != "pending":
                    return intent, movement
        ask = provider.refund if movement.kind == "refund" else provider.capture
        try:
            intent = await self.recording.record(await ask(intent, movement), source)
        except ProviderRefused as refused:
            log.warning("provider_refused", movement=movement.id, code=refused.code, problem=str(refused))
            async with self.db.transaction() as tx:
                await movements.refuse(tx, movement.id, refused.code, said(source))
            if isinstance(refused, WrongState):
                intent = await self.recording.record(demand(await provider.find(intent)), source)
        return intent, await self._again(movement)

    async def sweep(self) -> bool:
        """Finishes what was cut short, and what the provider takes its time for."""
        async with self.db.apart():
            async with self.db.transaction() as tx:
                due = await movements.claim_due(tx, clock.now())
            for movement in due:
                try:
                    async with self.db.reading() as tx:
                        intent = demand(await intents.find(tx, movement.run)).intent
                    await self.finish(intent, movement, "sweep")
                except (errors.Unavailable, errors.DeadlineExceeded) as silence:
                    log.warning("provider_silent", movement=movement.id, problem=silence.detail)
                    return False
                except errors.Refusal as refusal:
                    log.error("movement_needs_a_person", movement=movement.id, code=refusal.code)
        return len(due) == intents.SWEEP_BATCH

    async def _open_capture(self, run: str, amount: Money, key: str) -> tuple[Intent, Movement | None]:
        async with self.db.transaction() as tx:
            intent = demand(await intents.lock(tx, run)).intent
            wanted = _movement(intent, "capture", key, amount, "")
            return intent, await movements.open_movement(tx, wanted, clock.now() + CALL_LASTS, said("call"))

    async def _again(self, movement: Movement) -> Movement:
        async with self.db.reading() as tx:
            return await movements.find(tx, movement.id)


def _check(key: str, amount: Money) -> None:
    if amount.minor <= 0:
        raise errors.BadRequest("more than nothing moves", code="amount_invalid")
    if not 1 <= len(key) <= KEY_LENGTH or key.startswith(OURS_TO_GIVE):
        raise errors.BadRequest("this is not a key", code="key_invalid")


def _movement(intent: Intent, kind: MovementKind, key: str, amount: Money, reason: str) -> Movement:
    return Movement(
        id=new_id("rfd" if kind == "refund" else "cap"),
        kind=kind,
        intent_id=intent.id,
        run=intent.run,
        key=key,
        amount=amount,
        reason=reason,
        state="pending",
        psp_id="",
        failure="",
        created_at=clock.now(),
    )
