"""Vouchers: made, listed, revoked; and what they take off a purchase, for a run."""

from __future__ import annotations

from luxe.kernel import clock, errors
from luxe.kernel.ids import new_id
from luxe.services.promotions.contract import Evaluation, Line, Voucher, VoucherPage, VoucherRules
from luxe.services.promotions.domain import vouchers as rules_of
from luxe.services.promotions.domain.codes import code_of, digest_of
from luxe.services.promotions.domain.vouchers import Offer, Purchase
from luxe.services.promotions.service.foundation import Foundation
from luxe.services.promotions.store import vouchers

MOST_CODES = 1_000
MOST_AT_ONCE = 10


class Vouchers(Foundation):
    async def make_voucher(
        self, *, key: str, name: str, rules: VoucherRules, codes: int, operator_id: str
    ) -> Voucher:
        """Raises `rules_invalid`, `voucher_reused`."""
        rules_of.check(rules)
        name = name.strip()
        for field, good in (
            ("name", name),
            ("codes", 1 <= codes <= MOST_CODES),
            ("key", key and operator_id),
        ):
            if not good:
                raise errors.BadRequest("this cannot be a voucher", code="rules_invalid", field=field)
        made = Voucher(
            id=new_id("vou"),
            name=name,
            rules=rules,
            codes=codes,
            uses=0,
            created_by=operator_id,
            created_at=clock.now(),
        )
        digests = [digest_of(self.secret, code) for code in self._codes(made)]
        if await vouchers.make(self.db.tx, made, key, digests):
            self.db.audit("promotions.voucher_made", made.id, name=name, codes=codes, rules=rules)
            return made
        known = await vouchers.by_key(self.db.tx, operator_id, key)
        if (known.name, known.rules, known.codes) != (name, rules, codes):
            raise errors.Conflict("this key made another voucher", code="voucher_reused")
        return known

    async def vouchers(self, *, cursor: str = "", limit: int = 25) -> VoucherPage:
        limit = max(1, min(limit, 100))
        found = await vouchers.listed(self.db.tx, cursor, limit + 1)
        return VoucherPage(items=found[:limit], next=found[limit - 1].id if len(found) > limit else None)

    async def voucher(self, *, voucher_id: str) -> Voucher:
        return await self._voucher(voucher_id)

    async def codes_of(self, *, voucher_id: str) -> list[str]:
        return self._codes(await self._voucher(voucher_id))

    async def revoke_voucher(self, *, voucher_id: str, operator_id: str) -> Voucher:
        await self._voucher(voucher_id)
        if await vouchers.revoke(self.db.tx, voucher_id, operator_id, clock.now()):
            self.db.audit("promotions.voucher_revoked", voucher_id)
        return await self._voucher(voucher_id)

    async def evaluate(
        self, *, account_id: str, tier: str, country: str, currency: str, lines: list[Line], codes: list[str]
    ) -> Evaluation:
        """No codes are no statement at all."""
        purchase = Purchase(tier=tier, country=country, currency=currency, lines=lines)
        rules_of.check_lines(purchase)
        if not codes:
            return rules_of.evaluate(purchase, [], [], clock.now())
        await self.be_patient(account_id)
        by_digest = self.by_digest(codes[:MOST_AT_ONCE])
        offers = await vouchers.offers(self.db.tx, account_id, by_digest)
        evaluation = rules_of.evaluate(purchase, list(by_digest.values()), offers, clock.now())
        wrong = sum(each.reason == "code_invalid" for each in evaluation.rejected)
        await self.note_guesses(account_id, wrong)
        return evaluation

    async def hold_vouchers(
        self, account_id: str, purchase: Purchase, codes: list[str]
    ) -> tuple[Evaluation, list[Offer]]:
        """Evaluates under the vouchers' locks, so that no cap is passed. Raises `code_rejected`."""
        rules_of.check_lines(purchase)
        by_digest = self.by_digest(codes)
        offers: list[Offer] = []
        if codes:
            await vouchers.lock(self.db.tx, list(by_digest))
            offers = await vouchers.offers(self.db.tx, account_id, by_digest)
        evaluation = rules_of.evaluate(purchase, list(by_digest.values()), offers, clock.now())
        if evaluation.rejected:
            raise errors.Conflict(
                "a code takes nothing off this",
                code="code_rejected",
                rejected=[{"code": each.code, "reason": each.reason} for each in evaluation.rejected],
            )
        chosen = {each.voucher_id for each in evaluation.discounts}
        return evaluation, [offer for offer in offers if offer.voucher_id in chosen]

    def by_digest(self, codes: list[str]) -> dict[str, str]:
        """A code typed twice in two ways is one code; the first way stands for it."""
        found: dict[str, str] = {}
        for code in codes:
            found.setdefault(digest_of(self.secret, code), code)
        return found

    async def _voucher(self, voucher_id: str) -> Voucher:
        found = await vouchers.one(self.db.tx, voucher_id)
        if found is None:
            raise errors.NotFound("there is no such voucher", code="voucher_unknown")
        return found

    def _codes(self, voucher: Voucher) -> list[str]:
        return [code_of(self.secret, voucher.id, number) for number in range(voucher.codes)]
