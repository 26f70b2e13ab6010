"""What a run holds, settles or lets go: the uses of its codes, and money on gift cards."""

from __future__ import annotations

from luxe.kernel import clock, errors
from luxe.kernel.money import Money
from luxe.services.promotions.contract import Evaluation, Gift, Line
from luxe.services.promotions.domain.vouchers import Purchase
from luxe.services.promotions.service.gifts import Gifts
from luxe.services.promotions.service.vouchers import Vouchers
from luxe.services.promotions.store import runs


class Holding(Vouchers, Gifts):
    """A run's hold of what its codes take off, and its end."""

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
        await runs.hold(self.db.tx, run, account_id, evaluation, used)
        if gifts:
            await self.hold_gifts(run, currency, gifts)
        return evaluation

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
