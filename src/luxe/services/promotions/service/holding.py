"""What a run holds, settles or lets go: the uses of its codes, and money on gift cards."""

from __future__ import annotations

from luxe.kernel import clock, errors
from luxe.kernel.money import Money
from luxe.services.promotions.contract import Appraisal, Evaluation, Gift, LeftLine, Line
from luxe.services.promotions.domain import vouchers as rules_of
from luxe.services.promotions.domain.appraising import appraised
from luxe.services.promotions.domain.reappraising import reappraised
from luxe.services.promotions.domain.vouchers import Purchase
from luxe.services.promotions.service.tier_gifts import TierGifts
from luxe.services.promotions.service.vouchers import MOST_AT_ONCE, Vouchers
from luxe.services.promotions.store import gifts, runs, vouchers


class Holding(Vouchers, TierGifts):
    """What codes are good for; a run's hold of what they take off, and its end."""

    async def appraise(
        self,
        *,
        account_id: str,
        tier: str,
        country: str,
        currency: str,
        lines: list[Line],
        codes: list[str],
        run: str = "",
    ) -> Appraisal:
        """No codes are no statement at all."""
        purchase = Purchase(tier=tier, country=country, currency=currency, lines=lines)
        rules_of.check_lines(purchase)
        if not codes:
            return Appraisal(evaluation=rules_of.evaluate(purchase, [], [], clock.now()))
        held = await runs.known(self.db.tx, run) if run else None
        if held is not None and held.evaluation is not None and held.account_id == account_id:
            return Appraisal(evaluation=held.evaluation)
        await self.be_patient(account_id)
        by_digest = self.by_digest(codes[:MOST_AT_ONCE])
        cards = {
            by_digest[digest]: card
            for digest, card in (await gifts.by_digests(self.db.tx, list(by_digest))).items()
            if card.revoked_at is None
        }
        offers = await vouchers.offers(self.db.tx, account_id, by_digest)
        typed = list(by_digest.values())
        evaluation = rules_of.evaluate(
            purchase, [code for code in typed if code not in cards], offers, clock.now()
        )
        wrong = sum(each.reason == "code_invalid" for each in evaluation.rejected)
        await self.note_guesses(account_id, wrong)
        return appraised(evaluation, cards, typed, currency)

    async def hold(
        self,
        *,
        run: str,
        account_id: str,
        tier: str,
        country: str,
        currency: str,
        lines: list[Line],
        codes: list[str],
        gifts: list[Gift] | None = None,
    ) -> Evaluation:
        if not await runs.claim(self.db.tx, run, account_id, "held", clock.now()):
            return await self._held_before(run, account_id)
        purchase = Purchase(tier=tier, country=country, currency=currency, lines=lines)
        evaluation, used = await self.hold_vouchers(account_id, purchase, codes)
        await runs.hold(self.db.tx, run, account_id, evaluation, used, lines)
        if gifts:
            await self.hold_gifts(run, currency, gifts)
        return evaluation

    async def reappraise(self, *, run: str, lines: list[LeftLine]) -> Evaluation:
        held = await runs.held_for(self.db.tx, run)
        if held is None:
            return Evaluation(lines=[], discounts=[], rejected=[], total=Money.zero(_currency(lines)))
        ids = [each.voucher_id for each in held.evaluation.discounts]
        used = {each.id: each.rules for each in await vouchers.some(self.db.tx, ids)}
        return reappraised(held.evaluation, held.pieces, used, lines, _currency(lines))

    async def release(self, *, run: str) -> None:
        if await runs.claim(self.db.tx, run, "", "released", clock.now()):
            return
        known = await runs.known(self.db.tx, run)
        if known is not None and known.state == "held":
            await runs.end(self.db.tx, run, "released")
            await self.end_gifts(run, "released")

    async def settle(self, *, run: str) -> None:
        """A run that held nothing has nothing to settle."""
        known = await runs.known(self.db.tx, run)
        if known is None or known.state == "settled":
            return
        if known.state == "released":
            raise errors.Conflict("this run was given up", code="run_unknown")
        await runs.end(self.db.tx, run, "settled")
        await self.end_gifts(run, "settled")

    async def give_back(self, *, run: str, key: str, amount: Money) -> Money:
        """A run that spent nothing has nothing to be given back, and none is given."""
        known = await runs.known(self.db.tx, run)
        if known is not None and known.state == "held":
            raise errors.Conflict("this run still holds what it has", code="run_unsettled")
        if known is None or known.state == "released":
            if amount.minor:
                raise errors.Conflict("nothing was spent", code="give_back_too_much", left=0)
            return amount
        return await self.return_gifts(run, key, amount)

    async def _held_before(self, run: str, account_id: str) -> Evaluation:
        known = await runs.known(self.db.tx, run)
        if (
            known is None
            or known.evaluation is None
            or known.state == "released"
            or known.account_id != account_id
        ):
            raise errors.Conflict("this run was given up", code="run_unknown")
        return known.evaluation


def _currency(lines: list[LeftLine]) -> str:
    if not lines:
        raise errors.BadRequest("what is left of it", code="lines_invalid")
    return lines[0].total.currency
