"""Gift cards: issued, looked up, revoked; held, spent and given back by run."""

from __future__ import annotations

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.promotions.contract import Gift, GiftBalance, GiftCard, GiftCardPage
from luxe.services.promotions.domain import gifts as ledger
from luxe.services.promotions.domain.codes import code_of, digest_of
from luxe.services.promotions.service.foundation import Foundation
from luxe.services.promotions.store import gifts
from luxe.services.promotions.store.gifts import Move

MOST_CARDS = 10


class Gifts(Foundation):
    async def issue_gift_card(self, *, key: str, amount: Money, reason: str, operator_id: str) -> GiftCard:
        """Raises `gift_invalid`, `gift_reused`."""
        reason = reason.strip()
        if amount.minor <= 0 or not (key and reason and operator_id):
            raise errors.BadRequest("a gift card has an amount and a reason", code="gift_invalid")
        nothing = Money.zero(amount.currency)
        made = GiftCard(
            id=new_id("gft"),
            issued=amount,
            available=nothing,
            held=nothing,
            reason=reason,
            created_by=operator_id,
            created_at=clock.now(),
        )
        if await gifts.issue(self.db.tx, made, key, digest_of(self.secret, self._code(made.id))):
            await self._post(
                "issue",
                None,
                [
                    Move(
                        card_id=made.id,
                        minor=amount.minor,
                        currency=amount.currency,
                        source=ledger.issued_account(made.id),
                        target=ledger.available_account(made.id),
                        available=amount.minor,
                    )
                ],
            )
            self.db.audit("promotions.gift_card_issued", made.id, amount=amount, reason=reason)
        known = await gifts.by_key(self.db.tx, operator_id, key)
        if (known.issued, known.reason) != (amount, reason):
            raise errors.Conflict("this key issued another card", code="gift_reused")
        return known

    async def gift_cards(self, *, cursor: str = "", limit: int = 25) -> GiftCardPage:
        limit = max(1, min(limit, 100))
        found = await gifts.listed(self.db.tx, cursor, limit + 1)
        return GiftCardPage(items=found[:limit], next=found[limit - 1].id if len(found) > limit else None)

    async def code_of_gift_card(self, *, card_id: str) -> str:
        return self._code((await self._card(card_id)).id)

    async def revoke_gift_card(self, *, card_id: str, operator_id: str) -> GiftCard:
        await self._card(card_id)
        if await gifts.revoke(self.db.tx, card_id, operator_id, clock.now()):
            self.db.audit("promotions.gift_card_revoked", card_id)
        return await self._card(card_id)

    async def gift_card(self, *, account_id: str, code: str) -> GiftBalance | None:
        await self.be_patient(account_id)
        found = await gifts.by_digest(self.db.tx, digest_of(self.secret, code))
        if found is None or found.revoked_at is not None:
            await self.note_guesses(account_id, 1)
            return None
        return GiftBalance(available=found.available)

    async def hold_gifts(self, run: str, currency: str, wanted: list[Gift]) -> None:
        """Under the cards' locks. Raises `gift_invalid`, `code_rejected`, `gift_short`."""
        by_digest = {digest_of(self.secret, gift.code): gift for gift in wanted}
        if len(by_digest) != len(wanted) or len(wanted) > MOST_CARDS:
            raise errors.BadRequest("each card once, ten at most", code="gift_invalid")
        if any(gift.amount.minor <= 0 or gift.amount.currency != currency for gift in wanted):
            raise errors.BadRequest(
                "an amount above nothing, in the purchase's currency", code="gift_invalid"
            )
        cards = await gifts.lock(self.db.tx, list(by_digest))
        wrong = [
            gift.code
            for digest, gift in by_digest.items()
            if digest not in cards or cards[digest].revoked_at is not None
        ]
        if wrong:
            rejected = [{"code": code, "reason": "code_invalid"} for code in wrong]
            raise errors.Conflict("this is no gift card", code="code_rejected", rejected=rejected)
        for digest, gift in by_digest.items():
            there = cards[digest].available
            if there.currency != currency or there.minor < gift.amount.minor:
                raise errors.Conflict("there is not so much on it", code="gift_short", gift=gift.code)
        parts = [ledger.Part(cards[digest].id, gift.amount.minor) for digest, gift in by_digest.items()]
        await gifts.note_uses(self.db.tx, run, parts, currency)
        await self._post("hold", run, [_held(part, currency) for part in parts])

    async def end_gifts(self, run: str, state: str) -> None:
        """Spends what a run holds on cards, or lets it go."""
        parts, currency = await gifts.uses_of(self.db.tx, run)
        if parts:
            ended = _spent if state == "settled" else _let_go
            await self._post(
                "spend" if state == "settled" else "release", run, [ended(part, currency) for part in parts]
            )

    async def return_gifts(self, run: str, key: str, amount: Money) -> Money:
        """Under the lock of the run. Raises `gift_invalid`, `give_back_reused`, `give_back_too_much`."""
        if amount.minor < 0 or not key:
            raise errors.BadRequest("an amount above nothing, and a key", code="gift_invalid")
        parts, currency = await gifts.uses_of(self.db.tx, run)
        before = await gifts.returned(self.db.tx, run, key)
        if before.same_key is not None:
            if before.same_key != amount:
                raise errors.Conflict("this key gave back another amount", code="give_back_reused")
            return Money(before.minor, amount.currency)
        spent = sum(part.minor for part in parts)
        if amount.minor and amount.currency != currency:
            raise errors.BadRequest("not what was spent from gift cards", code="gift_invalid")
        if before.minor + amount.minor > spent:
            raise errors.Conflict(
                "more than was spent from gift cards",
                code="give_back_too_much",
                left=spent - before.minor,
            )
        await gifts.note_return(
            self.db.tx,
            run=run,
            key=key,
            amount_minor=amount.minor,
            currency=amount.currency,
            at=clock.now(),
            actor=context.current().actor,
        )
        given = ledger.parts_given_back(parts, before.minor, amount.minor)
        if given:
            await self._post("return", run, [_given_back(part, currency) for part in given])
        return Money(before.minor + amount.minor, amount.currency)

    async def _post(self, kind: str, run: str | None, moves: list[Move]) -> None:
        await gifts.post(self.db.tx, kind, run, moves, clock.now(), context.current().actor)

    async def _card(self, card_id: str) -> GiftCard:
        found = await gifts.one(self.db.tx, card_id)
        if found is None:
            raise errors.NotFound("there is no such gift card", code="gift_unknown")
        return found

    def _code(self, card_id: str) -> str:
        return code_of(self.secret, card_id, 0)


def _held(part: ledger.Part, currency: str) -> Move:
    return Move(
        card_id=part.card_id,
        minor=part.minor,
        currency=currency,
        source=ledger.available_account(part.card_id),
        target=ledger.held_account(part.card_id),
        available=-part.minor,
        held=part.minor,
    )


def _let_go(part: ledger.Part, currency: str) -> Move:
    return Move(
        card_id=part.card_id,
        minor=part.minor,
        currency=currency,
        source=ledger.held_account(part.card_id),
        target=ledger.available_account(part.card_id),
        available=part.minor,
        held=-part.minor,
    )


def _spent(part: ledger.Part, currency: str) -> Move:
    return Move(
        card_id=part.card_id,
        minor=part.minor,
        currency=currency,
        source=ledger.held_account(part.card_id),
        target=ledger.spent_account(part.card_id),
        held=-part.minor,
    )


def _given_back(part: ledger.Part, currency: str) -> Move:
    return Move(
        card_id=part.card_id,
        minor=part.minor,
        currency=currency,
        source=ledger.spent_account(part.card_id),
        target=ledger.available_account(part.card_id),
        available=part.minor,
    )
